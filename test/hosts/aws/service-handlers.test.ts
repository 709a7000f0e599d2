import { beforeEach, describe, expect, test } from 'vitest';
import { defineService, type ServiceDefinition } from '../../../shared/engine/service.ts';
import { apiHandler, timerHandler, workHandler } from '../../../shared/hosts/aws/handlers/service.ts';
import type { Host } from '../../../shared/hosts/aws/host.ts';
import { emfMeter } from '../../../shared/hosts/aws/meter.ts';
import { virtualClock } from '../../support/memory/clock.ts';
import { memoryPorts } from '../../support/memory/ports.ts';

const account = { vendor: 'till', name: 'main', limits: () => ({}) };
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

/** A till: sums what it is told, and works off sums of which one always fails. */
let done: string[] = [];
let seen: { url: string; body: string }[] = [];
const till: ServiceDefinition = defineService({
  name: 'till',
  title: 'Till',
  moves: { what: 'sums', from: 'shops', to: 'the till' },
  howOften: { called: 'at any time', timers: [{ name: 'count', when: { everyMinutes: 1 } }] },
  whenItBreaks: { impact: 'Shops cannot sum.', parks: 'sums that failed' },
  whoIsPaged: { owner: 'Shops', page: ['integration-on-call'] },
  whereToLook: { runbook: 'README.md' },
  expects: { oldestMinutes: 10 },
  gauges: [{ name: 'SumsOpen', above: 3, says: 'sums are open', first: 'status' }],
  accounts: [account],
  hooks: { till: account },
  open: (ports) => ({
    answer: async (request) => {
      seen.push({ url: request.url, body: await request.text() });
      await ports.post({ collection: 'sum', id: 's1' }, ports.clock.now() + 1_000_000);
      return Response.json({ at: ports.publicUrl() }, { status: 201, headers: { 'x-sum': '7' } });
    },
    receive: async (source, { body, url }) => {
      seen.push({ url, body: Buffer.from(body).toString('utf8') });
      await ports.post({ collection: 'sum', id: source }, ports.clock.now());
      return { status: 200, body: 'ok' };
    },
    work: async ({ id }, { dueAt }) => {
      if (id === 'broken') throw new Error('it does not add up');
      done.push(`${id} due ${dueAt}`);
      await ports.publish({ sum: id });
    },
    tick: async (timer) => {
      done.push(timer);
      ports.meter.gauge('till', 'SumsOpen', 4);
    },
    operate: async () => undefined,
  }),
});

const START = 1_700_000_000_000;
let lines: string[];
let published: unknown[];
let ports: ReturnType<typeof memoryPorts>;
let clock: ReturnType<typeof virtualClock>;
const open = (): Host => ({
  environment: {
    stage: 'test',
    flow: 'till',
    table: 't',
    queues: { live: 'https://sqs.example/live' },
    deadLetterQueue: 'https://sqs.example/dead',
    events: 'https://sqs.example/events',
    secretPrefix: 'intertie/test/',
    deployment: 'one',
    publicUrl: undefined,
  },
  ports: { ...ports, meter: meter() },
  meter: meter(),
  logger: { info: () => undefined, warn: () => undefined },
  publish: async (event) => void published.push(event),
});
let made: ReturnType<typeof emfMeter> | undefined;
function meter() {
  made ??= emfMeter({
    ...{ stage: 'test', flow: 'till', clock, gauges: ['SumsOpen'] },
    write: (line) => void lines.push(line),
  });
  return made;
}

beforeEach(() => {
  done = [];
  seen = [];
  lines = [];
  published = [];
  made = undefined;
  clock = virtualClock(START);
  ports = memoryPorts({ clock });
});

function call(rawPath: string, body: string): object {
  return {
    rawPath,
    rawQueryString: 'a=b',
    headers: { host: 'evil.example', 'content-type': 'text/plain' },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
    requestContext: { domainName: 'fn.example', http: { method: 'POST' } },
  };
}

/** What Lambda hands over of the queue, and what stays there. */
async function poll(): Promise<{ handed: number; left: number }> {
  const deliveries = await ports.queue.receive({ flow: 'till', lane: 'live' }, 10, 130_000);
  if (deliveries.length === 0) return { handed: 0, left: 0 };
  const Records = deliveries.map(({ receipt, body }, at) => ({
    messageId: `m${at}`,
    receiptHandle: receipt,
    body,
    eventSourceARN: 'arn:aws:sqs:eu-west-1:1:live',
  }));
  const { batchItemFailures } = await workHandler(till, open)({ Records }, CONTEXT);
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const receipts = deliveries.filter((_, at) => !failed.has(`m${at}`)).map(({ receipt }) => receipt);
  await ports.queue.acknowledge({ flow: 'till', lane: 'live' }, receipts);
  return { handed: deliveries.length, left: failed.size };
}

describe('the functions of a service', () => {
  test('its address hands the request on as it came, under its own name, and the answer back whole', async () => {
    const answer = await apiHandler(till, open)(call('/v1/sums', 'zwölf'), CONTEXT);
    expect(answer).toMatchObject({ statusCode: 201, body: '{"at":"https://fn.example"}' });
    expect(answer.headers['x-sum']).toBe('7');
    expect(seen).toEqual([{ url: 'https://fn.example/v1/sums?a=b', body: 'zwölf' }]);
  });

  test('a webhook reaches its source by the same address; an unknown source gets 404 and reaches nobody', async () => {
    const api = apiHandler(till, open);
    expect(await api(call('/hooks/till/till', 'news'), CONTEXT)).toMatchObject({ statusCode: 200 });
    expect(seen).toEqual([{ url: 'https://fn.example/hooks/till/till?a=b', body: 'news' }]);
    for (const path of ['/hooks/till/other', '/hooks/other/till', '/hooks/till/constructor'])
      expect(await api(call(path, 'x'), CONTEXT)).toMatchObject({ statusCode: 404 });
    expect(seen).toHaveLength(1);
    expect(await poll()).toEqual({ handed: 1, left: 0 });
    expect(done).toEqual([`till due ${START}`]);
    expect(published).toEqual([{ sum: 'till' }]);
  });

  test('an errand for later than a queue can wait is sent on until its time has come', async () => {
    await apiHandler(till, open)(call('/v1/sums', ''), CONTEXT);
    expect(await poll()).toEqual({ handed: 0, left: 0 });
    await clock.advance(900_000);
    expect(await poll()).toEqual({ handed: 1, left: 0 });
    expect(done).toEqual([]);
    await clock.advance(100_000);
    expect(await poll()).toEqual({ handed: 1, left: 0 });
    expect(done).toEqual([`s1 due ${START + 1_000_000}`]);
  });

  test('an errand that fails stays on the queue, the others of its batch do not, and it is told', async () => {
    await apiHandler(till, open)(call('/hooks/till/till', ''), CONTEXT);
    await ports.queue.send([
      {
        lane: 'live',
        delay: 0,
        event: {
          ...{ version: 1, flow: 'till', collection: 'sum', cause: 'recheck', trace: 't' },
          records: [{ id: 'broken', observedAt: START, firstObservedAt: START, attempt: 0 }],
        },
      },
      {
        lane: 'live',
        delay: 0,
        event: {
          ...{ version: 1, flow: 'other', collection: 'sum', cause: 'recheck', trace: 't' },
          records: [{ id: 'not-mine', observedAt: START, firstObservedAt: START, attempt: 0 }],
        },
      },
    ]);
    expect(await poll()).toEqual({ handed: 2, left: 1 });
    expect(done).toEqual([`till due ${START}`]);
  });

  test('a timer runs under its name, and the gauges it tells are metrics of the service', async () => {
    await timerHandler(till, open)({ timer: 'count' }, CONTEXT);
    expect(done).toEqual(['count']);
    const [line] = lines.map((each): unknown => JSON.parse(each));
    expect(line).toMatchObject({ Stage: 'test', Flow: 'till', SumsOpen: 4 });
  });
});
