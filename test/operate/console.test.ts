import { html } from 'hono/html';
import { describe, expect, test } from 'vitest';
import type { RecordAnswer, SandboxAnswer, Status } from '../../shared/operate/answers.ts';
import type { ItemsAnswer } from '../../shared/operate/answers-pair.ts';
import { buildConsole } from '../../shared/operate/console/pages.ts';
import type { OperatorView } from '../../shared/operate/console/view.ts';
import type { ServiceDesk } from '../../shared/operate/service-desk.ts';

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
      items: 3,
      deadLetters: 2,
      collections: [{ name: 'order', source: 'Shop orders', target: 'Receipts' }],
      counters: {},
      recent: [],
    },
  ],
  services: [
    {
      name: 'till',
      title: 'Till',
      answers: {
        moves: 'sales',
        howOften: 'called at any time',
        whenItBreaks: HOSTILE,
        whoIsPaged: 'shop',
        whereToLook: 'runbook',
      },
      health: 'attention',
      alerts: [
        { key: 's', flow: 'till', severity: 'page', title: 'nobody can pay', text: HOSTILE, since: now },
      ],
      queue: { visible: 2, inFlight: 1, delayed: 4 },
      oldestDueMs: 120_000,
      deadLetters: 5,
      gauges: [
        { name: 'SalesUnknown', value: 3, above: 0 },
        { name: 'SalesSilent', above: 0 },
      ],
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
  pair: {
    sides: { left: 'Shop', right: 'Books' },
    items: [{ field: 'memo', because: HOSTILE, left: 1, right: null, since: now, mark: 'm2' }],
    overruled: [{ at: now - 60_000, field: 'phone', side: 'right', system: 'Books', value: HOSTILE }],
  },
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

const open = {
  field: 'email',
  because: 'both sides changed it at about the same time',
  left: 'a@old.example',
  right: HOSTILE,
  since: now - 3_600_000,
  mark: 'm1',
};
const sides = { left: 'Shop', right: 'Books' };
const items: ItemsAnswer = {
  flow: 'orders-books',
  sides,
  count: 3,
  items: [
    { ...open, collection: 'order', id: '7/8', label: HOSTILE },
    { ...open, field: '', because: 'merged', left: '9', right: '7', collection: 'order', id: '9' },
  ],
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

const desk: ServiceDesk = {
  service: 'till',
  title: 'Till',
  first: 'till open',
  commands: [],
  notices: { ring: 'It rang.' },
  pages: [
    {
      path: '/',
      build: async (ask, { query, here }) => ({
        title: 'Sales',
        html: html`<p>${String(await ask('list', {}))} ${query.find ?? ''} ${here}</p>`,
      }),
    },
    {
      path: '/sales/:id',
      build: async (_, { parts }) =>
        parts.id === 'x' ? undefined : { title: parts.id ?? '', trail: [{ text: 'a sale' }], html: html`` },
    },
    {
      path: '/book.csv',
      build: async () => ({ file: 'a "book".csv', type: 'text/csv', text: 'a,b' }),
    },
  ],
};

function consoleOf(changes: Partial<OperatorView> = {}) {
  const view: OperatorView = {
    status: async () => status,
    record: async (_, ref) => (ref.id === record.id ? record : undefined),
    parked: async (flow) => ({ flow, count: 1, records: record.parked ? [record.parked] : [] }),
    items: async () => items,
    sandboxes: async () => [sandbox],
    ...changes,
  };
  return buildConsole(view, { desks: [desk], run: async () => HOSTILE, now: () => now });
}

const paths = [
  '/',
  '/flows/orders-books',
  '/flows/orders-books/parked',
  '/flows/orders-books/items',
  '/flows/orders-books/records/order%2F7%2F8',
  '/sandboxes',
  '/services/till?find=%3Cscript%3E',
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

describe('the pages of a service', () => {
  test('say where they are, and what the last form did', async () => {
    const text = await (await consoleOf().request('/services/till/sales/7?did=ring')).text();
    expect(text).toContain('It rang.');
    expect(text).toContain('<a href="/services/till">Till</a>');
    expect((await consoleOf().request('/services/till/sales/x')).status).toBe(404);
  });

  test('may be files, whose names cannot break out of their header', async () => {
    const answer = await consoleOf().request('/services/till/book.csv');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a__book_.csv"');
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/csv', 'a,b']);
  });

  test('are reached from its card, which says what waits and what is above its limit', async () => {
    const text = await (await consoleOf().request('/')).text();
    expect(text).toContain('<a href="/services/till">Till</a>');
    expect(text).toContain('<b class="bad">3</b><span>sales unknown</span>');
    expect(text).toContain('<b class="">–</b><span>sales silent</span>');
    expect(text).toContain('action="/api/services/till/replay"');
  });
});

describe('what people are shown', () => {
  test('both sides of a record, with what differs marked', async () => {
    const text = await (await consoleOf().request('/flows/orders-books/records/order%2F7%2F8')).text();
    expect(text).toContain('<tr class="differs"><td>total</td><td>12</td><td>13</td>');
    expect(text).toContain('action="/api/flows/orders-books/parked/order%2F7%2F8/discard"');
  });

  test('both values of a work item, with a button for each side that posts the mark of what was shown', async () => {
    const text = await (await consoleOf().request('/flows/orders-books/items')).text();
    expect(text).toContain('<b>email</b>: both sides changed it at about the same time');
    expect(text).toMatch(/Shop \(left\)<\/span><b>a@old\.example<\/b>.*>Keep Shop<\/button>/s);
    expect(text).toContain('>Keep Books</button>');
    expect(text).toContain('action="/api/flows/orders-books/items/order%2F7%2F8/decide"');
    for (const hidden of ['field" value="email"', 'keep" value="right"', 'mark" value="m1"'])
      expect(text).toContain(`name="${hidden}`);
    expect(text).toContain('1 more item will come up');
    expect(text.match(/name="return" value="\/flows\/orders-books\/items"/g)).toHaveLength(4);
  });

  test('the overview counts work items; a flow that only goes one way has none to count', async () => {
    expect(await (await consoleOf().request('/')).text()).toContain(
      '<a href="/flows/orders-books/items">3</a>',
    );
    const [flow] = status.flows;
    const { items: _, ...oneWay } = flow!;
    const other = consoleOf({ status: async () => ({ ...status, flows: [oneWay] }) });
    expect(await (await other.request('/')).text()).not.toContain('work items');
  });

  test('what of a record waits for a decision, and which values were overruled', async () => {
    const text = await (await consoleOf().request('/flows/orders-books/records/order%2F7%2F8')).text();
    expect(text).toContain('<h2>To be decided by a person</h2>');
    expect(text).toContain('name="return" value="/flows/orders-books/records/order%2F7%2F8"');
    expect(text).toMatch(/1 min ago<\/td><td>phone<\/td><td>&lt;script/);
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
    const calm = consoleOf({ items: async () => ({ ...items, count: 0, items: [] }) });
    expect(await (await calm.request('/flows/orders-books/items')).text()).toContain('Nothing waits');
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
