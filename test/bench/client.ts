import { Agent, request } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { Http } from '../../shared/engine/ports.ts';
import { httpClient } from '../../shared/hosts/http-client.ts';
import { median, type Table } from './table.ts';
import { startVendor } from './vendor.ts';

const ROUNDS = 7;
const CALLS = 3_000;
const AT_ONCE = 16;
const BODY = JSON.stringify({ ids: Array.from({ length: 100 }, (_, at) => `record-${at}`) });

/** The connectors' HTTP client against bare node:http, turn by turn: 100 records a call. */
export async function client(): Promise<Table[]> {
  const vendor = await startVendor();
  const url = `http://127.0.0.1:${vendor.port}/read`;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const http = httpClient({ maxSockets: AT_ONCE });
  const contenders = { connectors: () => ours(http, url), 'bare node:http': () => bare(agent, url) };
  const results = Object.entries(contenders).map(([name, call]) => ({ name, call, rounds: [] as Round[] }));
  try {
    for (let at = 0; at <= ROUNDS; at += 1) {
      for (const { call, rounds } of results) {
        const measured = await round(call);
        // The first round compiles.
        if (at > 0) rounds.push(measured);
      }
    }
  } finally {
    agent.destroy();
    await vendor.child.stop();
  }
  return [
    {
      title: `HTTP client, ${CALLS} calls of ${AT_ONCE} at once, median of ${ROUNDS}`,
      columns: ['', 'calls/s', 'CPU us/call'],
      rows: results.map(({ name, rounds }) => [
        name,
        Math.round(median(rounds.map((each) => each.perSecond))),
        Math.round(median(rounds.map((each) => each.cpu))),
      ]),
    },
  ];
}

interface Round {
  perSecond: number;
  cpu: number;
}

async function round(call: () => Promise<unknown>): Promise<Round> {
  await turn();
  const [from, before] = [performance.now(), process.cpuUsage()];
  let left = CALLS;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (CALLS * 1_000) / (performance.now() - from), cpu: (user + system) / CALLS };
}

async function ours(http: Http, url: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };
  const { body } = await http({ method: 'POST', url, headers, body: BODY, timeout: 20_000 });
  return JSON.parse(body);
}

function bare(agent: Agent, url: string): Promise<unknown> {
  const headers = {
    'content-type': 'application/json',
    authorization: 'Bearer bench',
    'content-length': Buffer.byteLength(BODY),
  };
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    call.on('error', reject);
    call.end(BODY);
  });
}
