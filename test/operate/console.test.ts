import { describe, expect, test } from 'vitest';
import type { RecordAnswer, SandboxAnswer, Status } from '../../shared/operate/answers.ts';
import { buildConsole } from '../../shared/operate/console/pages.ts';
import type { OperatorView } from '../../shared/operate/console/view.ts';

const HOSTILE = `<script>alert("x")</script>'&`;
const now = 1_700_000_000_000;

const status: Status = {
  version: '1.0.0',
  now,
  startedAt: now - 60_000,
  flows: [
    {
      name: 'orders-books',
      title: 'Orders to books',
      answers: {
        moves: 'orders',
        howOften: 'hourly',
        whenItBreaks: HOSTILE,
        whoIsPaged: 'finance',
        whereToLook: 'runbook',
      },
      health: 'attention',
      alerts: [
        {
          key: 'k',
          flow: 'orders-books',
          severity: 'page',
          title: '2 records are parked',
          text: 'Impact: books are late',
          since: now,
        },
      ],
      lanes: [{ lane: 'live', visible: 3, inFlight: 1, delayed: 0 }],
      parked: 2,
      deadLetters: 2,
      collections: [{ name: 'order', source: 'Shop orders', target: 'Receipts' }],
      counters: {},
      recent: [],
    },
  ],
  accounts: [{ account: 'shop/main', breaker: 'open', budget: { concurrency: 3 } }],
  sandboxes: [],
};

const record: RecordAnswer = {
  flow: 'orders-books',
  collection: 'order',
  id: '7/8',
  label: HOSTILE,
  source: { title: 'Shop orders', state: 'present' },
  target: { title: 'Receipts', state: 'linked', id: 'R1' },
  verdict: { kind: 'safe', why: 'nothing was written' },
  fields: [
    { name: 'total', wanted: 12, current: 13, differs: true },
    { name: 'memo', wanted: HOSTILE, current: HOSTILE, differs: false },
  ],
  parked: {
    collection: 'order',
    id: '7/8',
    kind: 'rejected',
    reason: HOSTILE,
    field: 'total',
    since: now,
    fingerprint: 'f',
  },
  history: [{ at: now, outcome: 'parked', cause: 'scan', attempt: 1, reason: HOSTILE }],
};

const sandbox: SandboxAnswer = {
  vendor: 'shop',
  title: 'Shop',
  baseUrl: 'http://127.0.0.1:1',
  secret: {},
  faults: [{ name: 'outage', does: HOSTILE, on: true }],
  counters: {},
  now: 'now',
  records: { orders: 3 },
  kinds: ['order'],
};

function consoleOf(changes: Partial<OperatorView> = {}) {
  return buildConsole({
    status: async () => status,
    record: async (_, ref) => (ref.id === record.id ? record : undefined),
    parked: async (flow) => ({ flow, count: 1, records: record.parked ? [record.parked] : [] }),
    sandboxes: async () => [sandbox],
    ...changes,
  });
}

const paths = [
  '/',
  '/flows/orders-books',
  '/flows/orders-books/parked',
  '/flows/orders-books/records/order%2F7%2F8',
  '/sandboxes',
];

describe('every page', () => {
  test.each(paths)('%s is a whole document without script or anything from elsewhere', async (path) => {
    const response = await consoleOf().request(path);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain('name="viewport"');
    expect(text).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)| on\w+="/);
    expect(text).toContain('&lt;script&gt;');
  });

  test.each(paths)('%s closes what it opens', async (path) => {
    const text = await (await consoleOf().request(path)).text();
    for (const tag of ['main', 'section', 'table', 'tbody', 'form', 'dl', 'p', 'div']) {
      const opened = text.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0;
      expect(text.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0, tag).toBe(opened);
    }
  });
});

describe('what people are shown', () => {
  test('both sides of a record, with what differs marked', async () => {
    const text = await (await consoleOf().request('/flows/orders-books/records/order%2F7%2F8')).text();
    expect(text).toContain('<tr class="differs"><td>total</td><td>12</td><td>13</td>');
    expect(text).toContain('action="/api/flows/orders-books/parked/order%2F7%2F8/discard"');
  });

  test('empty states say what to do next', async () => {
    const empty = consoleOf({
      status: async () => ({ ...status, flows: [], accounts: [] }),
      sandboxes: async () => [],
    });
    expect(await (await empty.request('/')).text()).toContain('functions/flows.ts');
    expect(await (await empty.request('/sandboxes')).text()).toContain('no sandboxes');
    const none = consoleOf({ parked: async (flow) => ({ flow, count: 0, records: [] }) });
    expect(await (await none.request('/flows/orders-books/parked')).text()).toContain('No record is parked');
  });

  test('a notice is one of ours, never the words of a link', async () => {
    expect(await (await consoleOf().request('/?did=scan')).text()).toContain('role="status"');
    expect(await (await consoleOf().request('/?did=Your+account+is+locked')).text()).not.toContain(
      'role="status"',
    );
    expect(await (await consoleOf().request('/?did=toString')).text()).not.toContain('role="status"');
  });

  test('a record can be looked up by its id', async () => {
    const found = await consoleOf().request('/flows/orders-books/find?record=7%2F8');
    expect([found.status, found.headers.get('location')]).toEqual([
      303,
      '/flows/orders-books/records/order%2F7%2F8',
    ]);
  });

  test.each(['/flows/nope', '/flows/orders-books/records/order%2F9', '/flows/nope/find?record=1'])(
    '%s is not there, and says so',
    async (path) => {
      expect((await consoleOf().request(path)).status).toBe(404);
    },
  );
});
