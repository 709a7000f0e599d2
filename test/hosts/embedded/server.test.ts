import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../shared/engine/engine.ts';
import { defineCollection, defineFlow } from '../../../shared/engine/flow.ts';
import { openService } from '../../../shared/engine/serve.ts';
import { CannotDo, defineService } from '../../../shared/engine/service.ts';
import type { WebhookRequest } from '../../../shared/engine/webhook.ts';
import { clock } from '../../../shared/hosts/clock.ts';
import { receiverOfFlow } from '../../../shared/hosts/embedded/hooks.ts';
import { type Listening, listen } from '../../../shared/hosts/embedded/listen.ts';
import { buildServer } from '../../../shared/hosts/embedded/server.ts';
import type { Operations } from '../../../shared/operate/api/operations.ts';
import { bindServices } from '../../../shared/operate/api/services.ts';
import { memoryPorts } from '../../support/memory/ports.ts';

const account = { vendor: 'shop', name: 'main', limits: () => ({}) };
const never = async () => Promise.reject(new Error('no vendor is called in this test'));
const orders = defineCollection({
  name: 'order',
  source: {
    account,
    title: 'Shop orders',
    batchSize: 100,
    readLag: 0,
    overlap: 0,
    callsPerRead: 1,
    read: never,
    readOne: never,
    scan: never,
    list: never,
  },
  target: {
    account,
    title: 'Receipts',
    batchSize: 100,
    readLag: 0,
    lateness: 0,
    lookup: 'on-conflict',
    read: never,
    readOne: never,
    find: never,
    write: never,
    list: never,
  },
  map: () => ({ kind: 'absent', because: 'a test' }),
  owns: ['total'],
  whenGone: 'keep',
  whenMerged: 'keep',
  whenAbsent: 'keep',
});

/** Signed by saying so: the first word of the body decides. */
const endpoint = {
  account,
  methods: ['POST'],
  async read(_: unknown, { body, url }: WebhookRequest) {
    seen.push(url);
    const text = new TextDecoder().decode(body);
    if (text.startsWith('forged')) return { kind: 'forged' as const, reason: 'the signature does not fit' };
    if (text.startsWith('{')) return { kind: 'malformed' as const, reason: 'not a list of events' };
    const changes = text.startsWith('unused') ? [] : [{ collection: 'order', id: text.slice(0, 20) }];
    return { kind: 'accepted' as const, changes, ignored: 1 - changes.length };
  },
};
const seen: string[] = [];

const flow = defineFlow({
  name: 'orders-books',
  title: 'Orders to books',
  moves: { what: 'orders', from: 'Shop', to: 'Books', direction: 'one-way' },
  howOften: { webhook: 'orders', scanEveryMinutes: 5, audit: { dailyAt: '02:00', timeZone: 'UTC' } },
  whenItBreaks: {
    impact: 'Books are late.',
    retryHorizonHours: 24,
    maxAttempts: 5,
    parks: 'one order',
    removals: { share: 0.1, atLeast: 10 },
    changes: { share: 0.1, atLeast: 10 },
  },
  whoIsPaged: { owner: 'finance', page: ['on-call'] },
  whereToLook: { runbook: 'README.md' },
  expects: { heartbeatMinutes: 15, oldestMinutes: 30 },
  collections: [orders],
  webhooks: { shop: endpoint },
});

const ports = memoryPorts();
const engine = openEngine({ ports, flows: [flow], deployment: 'test' });
const done: string[] = [];
const note = (what: string) => async (name: string) => void done.push(`${what} ${name}`);
const operations: Operations = {
  scan: async () => ({ sent: 2, finished: true }),
  backfill: note('backfill'),
  audit: note('audit'),
  pause: async (name, { reason, minutes }) => void done.push(`pause ${name} ${reason} ${minutes}`),
  resume: note('resume'),
  approve: note('approve'),
  release: note('release'),
  releaseAccount: note('release account'),
  replay: async (_, which) => ({ sent: which === 'all' ? 9 : which.length, items: [] }),
  discard: async (_, ref) => ref.id === '7',
  decide: async (_, ref, { field, keep }) => {
    done.push(`decide ${ref.id} ${field} ${keep}`);
    return keep;
  },
  listing: async () => ({ records: [], strangers: 0 }),
  plan: async (flow) => ({ flow, sides: { left: 'Shop', right: 'Books' }, items: [] }),
  match: async (flow) => ({ flow, collections: [] }),
  auditReport: async () => [],
  backfillReport: async () => [],
};
const till = defineService({
  name: 'till',
  title: 'Till',
  moves: { what: 'sales', from: 'shops', to: 'a bank' },
  howOften: { called: 'by shops', timers: [{ name: 'watch', when: { everyMinutes: 1 } }] },
  whenItBreaks: { impact: 'nobody can pay', parks: 'sales' },
  whoIsPaged: { owner: 'shop', page: ['shop'] },
  whereToLook: { runbook: 'README.md' },
  expects: { oldestMinutes: 10 },
  gauges: [],
  accounts: [],
  hooks: {},
  open: () => ({
    answer: never,
    receive: never,
    work: never,
    tick: never,
    operate: async (command, input) => {
      if (command === 'break') throw new Error('the drawer is stuck');
      if (command !== 'ring') throw new CannotDo('missing', 'field "bell": there is none', 'buy one');
      done.push(`ring ${JSON.stringify(input)}`);
      return { rung: true };
    },
  }),
});
const services = bindServices({
  services: [
    openService(engine, till, {
      ...{ documents: ports.documents, publish: never, publicHttp: never, publicUrl: () => '' },
      log: () => undefined,
    }),
  ],
  ports,
  invoke: (run) =>
    run({ deadline: 60_000, signal: new AbortController().signal, background: () => undefined }),
  health: async () => ({ at: 0, deadLetters: 0, oldestDue: undefined, gauges: new Map() }),
});
let server: Listening;
let base: string;

beforeAll(async () => {
  const view = {
    status: async () => ({
      version: '1',
      now: 0,
      startedAt: 0,
      flows: [],
      services: [],
      accounts: [],
      sandboxes: [],
    }),
    record: async () => undefined,
    parked: async (name: string) => ({ flow: name, count: 0, records: [] }),
    items: async (flow: string) => ({ flow, sides: { left: 'Shop', right: 'Books' }, count: 0, items: [] }),
    sandboxes: async () => [],
  };
  const app = buildServer({
    flows: [{ name: 'orders-books', collections: ['order'] }],
    view: {
      ...view,
      parked: async (name, after) =>
        after === 'broken' ? Promise.reject(new Error('disk on fire')) : view.parked(name),
    },
    operations,
    services,
    desks: [],
    sandboxes: [],
    hooks: {
      receivers: [receiverOfFlow(engine, flow)],
      clock,
      publicUrl: () => 'https://public.example',
    },
    apis: [{ path: '/till-api', answer: async ({ url }) => new Response(`asked ${url}`) }],
    onError: (error) => void done.push(String(error)),
  });
  server = await listen(app, 0);
  base = `http://127.0.0.1:${server.port}`;
});
afterAll(() => server.close(0));

const post = (
  path: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream = '',
  headers: Record<string, string> = {},
) =>
  fetch(`${base}${path}`, {
    method: 'POST',
    body,
    headers,
    redirect: 'manual',
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  });

describe('webhooks', () => {
  test.each([
    { what: 'a signed event', path: '/hooks/orders-books/shop', body: 'order-1', status: 200 },
    {
      what: 'a signed event of a kind that is not used',
      path: '/hooks/orders-books/shop',
      body: 'unused',
      status: 200,
    },
    { what: 'a wrong signature', path: '/hooks/orders-books/shop', body: 'forged', status: 401 },
    { what: 'malformed JSON', path: '/hooks/orders-books/shop', body: '{"a":', status: 400 },
    {
      what: 'too large a body',
      path: '/hooks/orders-books/shop',
      body: 'x'.repeat(256 * 1024 + 1),
      status: 413,
    },
    { what: 'an unknown flow', path: '/hooks/nope/shop', body: 'order-1', status: 404 },
    { what: 'an unknown source', path: '/hooks/orders-books/nope', body: 'order-1', status: 404 },
    {
      what: 'a source named like a built-in',
      path: '/hooks/orders-books/constructor',
      body: 'order-1',
      status: 404,
    },
  ])('$what: $status', async ({ path, body, status }) => {
    expect((await post(path, body)).status).toBe(status);
  });

  test('the largest body that is allowed arrives whole', async () => {
    expect((await post('/hooks/orders-books/shop', 'y'.repeat(256 * 1024))).status).toBe(200);
  });

  test('a body that does not say its length is cut off at the cap', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 64 * 1024;
        controller.enqueue(new Uint8Array(64 * 1024));
        if (sent > 64 * 1024 * 1024) controller.close();
      },
    });
    const status = await post('/hooks/orders-books/shop', endless).then(
      (response) => response.status,
      () => 413,
    );
    expect(status).toBe(413);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test('wrong method: 405 and the right one', async () => {
    const response = await fetch(`${base}/hooks/orders-books/shop`, { method: 'PUT', body: 'x' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('2xx means that the hint is queued', async () => {
    await post('/hooks/orders-books/shop', 'order-queued');
    const received = await ports.queue.receive({ flow: 'orders-books', lane: 'live' }, 100, 1_000);
    expect(received.some(({ body }) => body.includes('"order-queued"'))).toBe(true);
  });

  test('the address that is signed is the public one, query included', async () => {
    await post('/hooks/orders-books/shop?shop=a%20b', 'order-2', { host: 'somewhere.example' });
    expect(seen.at(-1)).toBe('https://public.example/hooks/orders-books/shop?shop=a%20b');
  });
});

describe('the API refuses', () => {
  test.each([
    { what: 'an unknown address', method: 'GET', path: '/api/nope', body: '', status: 404, says: 'README' },
    { what: 'a wrong method', method: 'DELETE', path: '/api/status', body: '', status: 405, says: 'GET' },
    {
      what: 'a GET of an action',
      method: 'GET',
      path: '/api/flows/orders-books/scan',
      body: '',
      status: 405,
      says: 'POST',
    },
    {
      what: 'an unknown flow',
      method: 'POST',
      path: '/api/flows/nope/scan',
      body: '',
      status: 404,
      says: 'orders-books',
    },
    {
      what: 'a body that is not JSON',
      method: 'POST',
      path: '/api/flows/orders-books/scan',
      body: '{"a"',
      status: 400,
      says: 'JSON',
    },
    {
      what: 'a body that is a list',
      method: 'POST',
      path: '/api/flows/orders-books/scan',
      body: '[]',
      status: 400,
      says: 'object',
    },
    {
      what: 'a field that is not known',
      method: 'POST',
      path: '/api/flows/orders-books/scan',
      body: '{"fast":1}',
      status: 400,
      says: 'fast',
    },
    {
      what: 'a pause without a reason',
      method: 'POST',
      path: '/api/flows/orders-books/pause',
      body: '{}',
      status: 400,
      says: 'reason',
    },
    {
      what: 'a pause of no length',
      method: 'POST',
      path: '/api/flows/orders-books/pause',
      body: '{"reason":"x","minutes":0}',
      status: 400,
      says: 'minutes',
    },
    {
      what: 'a discard of what is not parked',
      method: 'POST',
      path: '/api/flows/orders-books/parked/8/discard',
      body: '{"reason":"x"}',
      status: 404,
      says: 'parked',
    },
    {
      what: 'a record that is nowhere',
      method: 'GET',
      path: '/api/flows/orders-books/records/8',
      body: '',
      status: 404,
      says: 'source',
    },
    {
      what: 'an unknown sandbox',
      method: 'GET',
      path: '/sandbox/nope/_control',
      body: '',
      status: 404,
      says: 'sandbox',
    },
    {
      what: 'a huge body',
      method: 'POST',
      path: '/api/flows/orders-books/scan',
      body: ' '.repeat(70_000),
      status: 413,
      says: '64 KB',
    },
  ])('$what: $status, and says why', async ({ method, path, body, status, says }) => {
    const response = await fetch(`${base}${path}`, {
      method,
      ...(method !== 'GET' && { body }),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(status);
    const problem: unknown = await response.json();
    expect(problem).toEqual({ error: expect.any(String), hint: expect.any(String) });
    expect(JSON.stringify(problem)).toContain(says);
  });

  test('what nobody foresaw is a 500 that tells nothing of it, and the host is told', async () => {
    const response = await fetch(`${base}/api/flows/orders-books/parked?after=broken`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('fire');
    expect(done).toContain('Error: disk on fire');
  });

  test('people get a page', async () => {
    const response = await fetch(`${base}/api/flows/nope/parked`, { headers: { accept: 'text/html' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'text/html; charset=UTF-8',
    ]);
  });
});

describe('the API does', () => {
  test('what a program asks, in JSON', async () => {
    expect(await (await post('/api/flows/orders-books/scan')).json()).toEqual({ sent: 2, finished: true });
    expect(await (await post('/api/flows/orders-books/replay')).json()).toMatchObject({ sent: 9 });
    expect(await (await post('/api/flows/orders-books/parked/order%2F7/replay')).json()).toMatchObject({
      sent: 1,
    });
    expect(
      await (await post('/api/flows/orders-books/pause', '{"reason":"migration","minutes":30}')).json(),
    ).toEqual({ ok: true });
    expect(done).toContain('pause orders-books migration 30');
  });

  test('what a form of the console asks, and sends the person back', async () => {
    const form = (fields: Record<string, string>) =>
      post('/api/flows/orders-books/resume', new URLSearchParams(fields).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      });
    const back = await form({ return: '/flows/orders-books' });
    expect([back.status, back.headers.get('location')]).toEqual([303, '/flows/orders-books?did=resume']);
    for (const elsewhere of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/x\r\nset-cookie: a',
    ]) {
      expect((await form({ return: elsewhere })).status, elsewhere).toBe(400);
    }
  });
});

describe('a service is operated', () => {
  test('by its own commands, in JSON', async () => {
    const answer = await post('/api/services/till/ring', '{"times":2}');
    expect(await answer.json()).toEqual({ rung: true });
    expect(done).toContain('ring {"times":2}');
  });

  test('by a form, in which what is empty was not filled in, and which comes back', async () => {
    const form = new URLSearchParams({ return: '/services/till', times: '3', note: '' }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const back = await post('/api/services/till/ring', form, type);
    expect([back.status, back.headers.get('location')]).toEqual([303, '/services/till?did=ring']);
    expect(done).toContain('ring {"times":"3"}');
  });

  test('and its dead letters are sent again', async () => {
    const answer = await post('/api/services/till/replay', '{}');
    expect(await answer.json()).toEqual({ sent: 0 });
  });

  test.each([
    ['/api/services/nobody/ring', 404, 'no such service', 'the services are: till'],
    ['/api/services/till/bell', 404, 'field "bell": there is none', 'buy one'],
    ['/api/services/till/break', 500, 'unexpected error', 'npm start'],
  ])('%s: %i, what is wrong and what to do', async (path, status, error, hint) => {
    const answer = await post(path, '{}');
    expect(answer.status).toBe(status);
    const body = await answer.json();
    expect(body).toMatchObject({ error, hint: expect.stringContaining(hint) });
  });
});

test('a page of another origin changes nothing', async () => {
  const before = done.length;
  const response = await post('/api/flows/orders-books/backfill', '', { origin: 'https://evil.example' });
  expect(response.status).toBe(403);
  expect(done).toHaveLength(before);
});

test('an occupied port is one line that says what to do', async () => {
  await expect(listen({ fetch: () => new Response() }, server.port)).rejects.toThrow('--port');
});
