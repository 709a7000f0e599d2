import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { moment } from './child.ts';

/** One webhook: how long it took to be accepted, and when it was sent. */
export interface Sent {
  ids: readonly string[];
  at: number;
  acceptedIn: number;
}

export interface Load {
  url: string;
  headers(body: string): Record<string, string>;
  /** Each is the ids of one webhook. */
  hooks: readonly (readonly string[])[];
  /** Requests at the same time. */
  connections: number;
  /** Webhooks a second; absent = as fast as they are accepted. */
  perSecond?: number;
}

/** Sends all of them over kept connections. Throws at the first that is not accepted. */
export async function sendAll(load: Load): Promise<Sent[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const sent: Sent[] = [];
  const begin = moment();
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < load.hooks.length; at = next++) {
      const due = load.perSecond === undefined ? 0 : begin + (at * 1_000) / load.perSecond - moment();
      if (due > 1) await sleep(due);
      const ids = load.hooks[at] ?? [];
      const started = moment();
      await post(agent, load, JSON.stringify(ids));
      sent.push({ ids, at: started, acceptedIn: moment() - started });
    }
  };
  await Promise.all(Array.from({ length: load.connections }, worker));
  agent.destroy();
  return sent;
}

function post(agent: Agent, load: Load, body: string): Promise<void> {
  const headers = { ...load.headers(body), 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request(load.url, { method: 'POST', agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`a webhook was answered ${answer.statusCode}`));
      answer.resume().on('end', resolve);
    });
    call.on('error', reject);
    call.end(body);
  });
}
