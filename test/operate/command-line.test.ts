import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Listening, listen } from '../../shared/hosts/embedded/listen.ts';
import { runCli } from '../../shared/operate/command-line.ts';

/** A host that an audit finds different, and that takes three looks to finish anything. */
let looks = 0;
let posted: unknown[] = [];
const audit = {
  phase: 'done',
  agree: 4,
  differ: 1,
  explained: 2,
  repaired: 0,
  causes: {},
  differences: [{ id: '9', cause: 'phone' }],
  startedAt: 1,
};
const host = new Hono()
  .get('/api/flows/orders/audit', (context) => {
    looks += 1;
    const finished = looks >= 3;
    const report = { ...audit, collection: 'order', ...(finished && { finishedAt: 2 }) };
    return context.json({
      flow: 'orders',
      finished,
      agree: 4,
      differ: 1,
      explained: 2,
      repaired: 0,
      collections: [report],
    });
  })
  .get('/api/flows/orders/backfill', (context) => {
    looks += 1;
    const state = {
      collection: 'order',
      sent: looks * 100,
      total: 300,
      startedAt: 1,
      ...(looks >= 3 && { finishedAt: 2 }),
    };
    return context.json({ flow: 'orders', collections: [state] });
  })
  .get('/api/status', (context) => context.json({ version: 'of another time' }))
  .get('/api/flows/page/parked', (context) => context.html('<p>not JSON'))
  .post('/api/flows/orders/:what', async (context) => {
    posted.push([context.req.param('what'), await context.req.json()]);
    return context.json({ ok: true });
  });

let server: Listening;
beforeAll(async () => {
  server = await listen(host, 0);
});
afterAll(() => server.close(0));

async function run(...argv: string[]) {
  looks = 0;
  posted = [];
  const said = { out: '', err: '' };
  const code = await runCli(['--url', `http://127.0.0.1:${server.port}`, ...argv], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    terminal: false,
    sleep: async () => undefined,
  });
  return { code, ...said };
}

describe('audit', () => {
  test('waits for the end, shows what differs and ends with 1', async () => {
    const { code, out } = await run('audit', 'orders');
    expect(code).toBe(1);
    expect(out).toBe('4 of 7 agree, 1 differ, 2 explained\nthe first that differed:\n  order/9  phone\n');
    expect([looks, posted]).toEqual([3, [['audit', {}]]]);
  });

  test('--json prints the answer alone, with agree, differ and explained', async () => {
    const { out } = await run('audit', 'orders', '--json');
    expect(JSON.parse(out)).toMatchObject({ agree: 4, differ: 1, explained: 2, finished: true });
  });

  test('--last starts none', async () => {
    expect((await run('audit', 'orders', '--last')).code).toBe(1);
    expect([looks, posted]).toEqual([1, []]);
  });
});

test('backfill waits for the end, or does not', async () => {
  expect(await run('backfill', 'orders')).toEqual({
    code: 0,
    out: 'backfill finished: 300 records sent\n',
    err: '',
  });
  expect((await run('backfill', 'orders', '--no-wait')).code).toBe(0);
  expect(looks).toBe(0);
});

test('a pause tells its minutes', async () => {
  expect((await run('pause', 'orders', '--reason', 'move', '--for', '2h')).code).toBe(0);
  expect(posted).toEqual([['pause', { reason: 'move', minutes: 120 }]]);
});

describe('what cannot be done ends with 2 and says why', () => {
  test.each([
    { argv: ['pause', 'orders'], says: '--reason' },
    { argv: ['pause', 'orders', '--reason', 'x', '--for', 'long'], says: '30m' },
    { argv: ['replay', 'orders'], says: '--all' },
    { argv: ['replay', 'orders', '5', '--all'], says: '--all' },
    { argv: ['trace', 'orders'], says: 'record' },
    { argv: ['scna', 'orders'], says: 'Did you mean scan?' },
    { argv: ['scan', 'orders', '--jsn'], says: '--json' },
    { argv: ['--url', 'ftp://x', 'status'], says: '127.0.0.1:4000' },
    { argv: ['--url', 'http://127.0.0.1:9', 'status'], says: 'npm start' },
    { argv: ['status'], says: 'different versions' },
    { argv: ['parked', 'page'], says: 'JSON' },
    { argv: ['parked', 'nope'], says: '--url' },
  ])('$argv', async ({ argv, says }) => {
    const { code, out, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(out).toBe('');
  });

  test('help is no error', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const command of [
      'status',
      'trace',
      'parked',
      'replay',
      'scan',
      'backfill',
      'pause',
      'resume',
      'approve',
      'release',
      'discard',
      'audit',
    ]) {
      expect(out).toContain(`\n  ${command} `);
    }
  });
});
