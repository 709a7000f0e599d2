import { describe, expect, test } from 'vitest';
import { auditReport, continueAudit, startAudit } from '../../shared/engine/audit.ts';
import { backfillProgress, continueBackfill, startBackfill } from '../../shared/engine/backfill.ts';
import { SKEW } from '../../shared/engine/flow.ts';
import { keepDeadLetters } from '../../shared/engine/keeper.ts';
import { plan } from '../../shared/engine/plan.ts';
import { ringRechecks } from '../../shared/engine/recheck.ts';
import { scan } from '../../shared/engine/scan.ts';
import { trace } from '../../shared/engine/trace.ts';
import { fault, queued, type Town, town } from './town.ts';

const MINUTE = 60_000;

describe('scan', () => {
  const change = (id: string, changeId = id) => ({ id, changeId });

  test('asks for closed windows that overlap, and sends each change once', async () => {
    const windows: [number, number][] = [];
    const t = town({
      source: {
        scan: async (_session, { from, to }) => {
          windows.push([from, to]);
          return { items: [change('1', 'c1'), change('2', `c2-${windows.length}`)] };
        },
      },
    });
    const start = t.clock.now();
    expect(await scan(t.engine, t.flow, 'people', t.work())).toEqual({ sent: 2, finished: true });
    await t.clock.advance(5 * MINUTE);
    expect(await scan(t.engine, t.flow, 'people', t.work())).toEqual({ sent: 1, finished: true });
    expect(windows).toEqual([
      [start - MINUTE - 2 * SKEW, start],
      [start - MINUTE - 2 * SKEW, start + 5 * MINUTE],
    ]);
    expect(queued(t, 'live').map((event) => event.records.map(({ id }) => id))).toEqual([['1', '2'], ['2']]);
  });

  test('a page whose events could not be sent is read again', async () => {
    const t = town({ source: { scan: async () => ({ items: [change('1')] }) } });
    const { send } = t.ports.queue;
    t.ports.queue.send = async () => Promise.reject(new Error('queue is down'));
    await expect(scan(t.engine, t.flow, 'people', t.work())).rejects.toThrow('queue is down');
    t.ports.queue.send = send;
    expect(await scan(t.engine, t.flow, 'people', t.work())).toEqual({ sent: 1, finished: true });
  });

  test('waits for a limit by the second and goes on; a longer one is left to the next scan', async () => {
    const faults = [
      fault('rate-limited', { retryAfter: 1_000 }),
      fault('rate-limited', { retryAfter: 60_000 }),
    ];
    const asked: unknown[] = [];
    const t = town({
      source: {
        scan: async (_session, { page }) => {
          asked.push(page);
          const trouble = asked.length > 1 ? faults.shift() : undefined;
          if (trouble) throw trouble;
          return page === undefined ? { items: [change('1')], next: 'a' } : { items: [change('2')] };
        },
      },
    });
    await expect(t.during(scan(t.engine, t.flow, 'people', t.work()))).rejects.toMatchObject({
      retryAfter: 60_000,
    });
    expect(asked).toEqual([undefined, 'a', 'a']);
    await t.clock.advance(2 * MINUTE);
    // The page that was not read, then a window to now.
    await t.during(scan(t.engine, t.flow, 'people', t.work()));
    expect(asked).toEqual([undefined, 'a', 'a', 'a', undefined, 'a']);
  });

  test('keeps the upper bound while it pages, and continues where its time was up', async () => {
    const asked: unknown[] = [];
    const t = town({
      source: {
        scan: async (_session, window) => {
          asked.push([window.to, window.page]);
          await t.clock.advance(20_000);
          const page = Number(window.page ?? 0);
          return page < 5
            ? { items: [change(`p${page}`)], next: String(page + 1) }
            : { items: [change('last')] };
        },
      },
    });
    const to = t.clock.now();
    expect(await scan(t.engine, t.flow, 'people', t.work())).toEqual({ sent: 3, finished: false });
    expect(await scan(t.engine, t.flow, 'people', t.work())).toEqual({ sent: 3, finished: true });
    expect(asked).toEqual([undefined, '1', '2', '3', '4', '5'].map((page) => [to, page]));
  });

  test('that finishes an old window goes on to now when it has time', async () => {
    const asked: unknown[] = [];
    let slow = 50_000;
    const t = town({
      source: {
        scan: async (_session, { from, to, page }) => {
          asked.push([from, to, page]);
          await t.clock.advance(slow);
          if (asked.length > 2) return { items: [change('new')] };
          return page === undefined ? { items: [change('old')], next: '1' } : { items: [] };
        },
      },
    });
    const start = t.clock.now();
    expect(await scan(t.engine, t.flow, 'people', t.work())).toEqual({ sent: 1, finished: false });
    slow = 10;
    await t.clock.advance(5 * MINUTE);
    expect(await scan(t.engine, t.flow, 'people', t.work())).toEqual({ sent: 1, finished: true });
    expect(asked).toEqual([
      [start - MINUTE - 2 * SKEW, start, undefined],
      [start - MINUTE - 2 * SKEW, start, '1'],
      [start - MINUTE - 2 * SKEW, start + 50_000 + 5 * MINUTE + 10, undefined],
    ]);
    expect(queued(t, 'live').map((event) => event.records[0]?.id)).toEqual(['old', 'new']);
  });

  test('of two workers one scans', async () => {
    const t = town({
      source: {
        scan: async () => {
          await t.clock.sleep(5_000);
          return { items: [change('1')] };
        },
      },
    });
    const both = await t.during(
      Promise.all([scan(t.engine, t.flow, 'people', t.work()), scan(t.engine, t.flow, 'people', t.work())]),
    );
    expect(both.map((report) => report.skipped ?? 'scanned').sort()).toEqual([
      'another worker is scanning',
      'scanned',
    ]);
  });

  test('that never finished still begins where the first one began', async () => {
    let down = true;
    const froms: number[] = [];
    const t = town({
      source: {
        scan: async (_session, { from }) => {
          froms.push(from);
          if (down) throw fault('unavailable', { vendor: 'here' });
          return { items: [] };
        },
      },
    });
    await expect(scan(t.engine, t.flow, 'people', t.work())).rejects.toThrow();
    await t.clock.advance(60 * MINUTE);
    down = false;
    await scan(t.engine, t.flow, 'people', t.work());
    expect(froms[1]).toBe(froms[0]);
  });
});

describe('backfill', () => {
  test('sends every id once, waits while the queue is full, and continues after its time', async () => {
    const t = town();
    for (let id = 0; id < 4_000; id += 1) t.people.set(String(id), { name: `n${id}` });
    await startBackfill(t.engine, t.flow, 'people');
    await t.during(continueBackfill(t.engine, t.flow, 'people', t.work()));
    const halted = await backfillProgress(t.engine, t.flow, 'people');
    expect(halted).toMatchObject({ sent: 2_500, total: 4_000 });
    expect(halted?.finishedAt).toBeUndefined();
    await t.run();
    await t.during(continueBackfill(t.engine, t.flow, 'people', t.work()));
    await t.run();
    expect(await backfillProgress(t.engine, t.flow, 'people')).toMatchObject({
      sent: 4_000,
      finishedAt: expect.any(Number),
    });
    expect(t.rows.size).toBe(4_000);
  });

  test('done again repairs what was edited at the target and writes nothing else', async () => {
    const t = town();
    for (let id = 0; id < 30; id += 1) t.people.set(String(id), { name: `n${id}` });
    await t.hint([...t.people.keys()]);
    await t.run();
    const [row] = t.rows.values();
    if (row) row.fields.name = 'edited';
    const before = t.calls.length;
    await startBackfill(t.engine, t.flow, 'people');
    await t.during(continueBackfill(t.engine, t.flow, 'people', t.work()));
    await t.run();
    expect(row && [...t.rows.values()][0]?.fields.name).toBe('n0');
    const writes = t.calls.slice(before).filter((call) => call.operation === 'target.write');
    expect(writes).toEqual([{ operation: 'target.write', ids: ['0'] }]);
  });
});

describe('audit', () => {
  async function audited(t: Town): Promise<unknown> {
    await startAudit(t.engine, t.flow, 'people');
    for (let round = 0; round < 40; round += 1) {
      await t.during(continueAudit(t.engine, t.flow, 'people', t.work()));
      await t.run(MINUTE);
      const report = await auditReport(t.engine, t.flow, 'people');
      if (report?.phase === 'done') return report;
      await t.clock.advance(30_000);
    }
    throw new Error('the audit did not finish');
  }

  async function agreeing(count: number, options: Parameters<typeof town>[0] = {}): Promise<Town> {
    const t = town(options);
    for (let id = 0; id < count; id += 1) t.people.set(String(id), { name: `n${id}` });
    await t.hint([...t.people.keys()]);
    await t.run();
    await t.clock.advance(MINUTE);
    return t;
  }

  test('counts agreement', async () => {
    const t = await agreeing(250);
    t.people.set('h', { name: 'hidden', hidden: true });
    await t.hint(['h']);
    await t.run();
    expect(await audited(t)).toMatchObject({ agree: 251, differ: 0, explained: 0, repaired: 0 });
  });

  test('repairs an edit at the target, a lost record and one nobody told us of', async () => {
    const t = await agreeing(20);
    const rows = [...t.rows];
    const [first, second] = rows;
    if (first) first[1].fields.name = 'edited';
    if (second) t.rows.delete(second[0]);
    t.people.set('new', { name: 'New' });
    expect(await audited(t)).toMatchObject({ agree: 21, differ: 0, repaired: 3 });
    expect(t.rows.size).toBe(21);
    expect([...t.rows.values()].map((row) => row.fields.name)).toContain('New');
  });

  test('takes away a record of ours that should not be at the target', async () => {
    const t = await agreeing(3);
    t.rows.set('stray', { ref: 'was-deleted', fields: { name: 'Gone' } });
    await audited(t);
    expect([...t.rows.keys()]).not.toContain('stray');
  });

  test('explains parked records and counts what stays different with its cause', async () => {
    const t = await agreeing(10);
    t.people.set('1', { name: 'cannot be written' });
    t.trouble.refuse = ({ ref }) =>
      ref === '1' ? fault('rejected', { message: 'no', field: 'name' }) : undefined;
    expect(await audited(t)).toMatchObject({
      agree: 9,
      differ: 0,
      explained: 1,
      causes: { 'parked: rejected': 1 },
    });
  });

  test('an outage in the middle only delays it', async () => {
    const t = await agreeing(250);
    const healed = t.clock.now() + 5 * MINUTE;
    t.trouble.fail = (call) => {
      if (call.operation === 'target.read' && t.clock.now() < healed) throw fault('unavailable');
    };
    expect(await audited(t)).toMatchObject({ agree: 250, differ: 0 });
  });
});

describe('time and letters', () => {
  test('a record is looked at again when time alone changes it', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada', recheckAt: t.clock.now() + 60 * MINUTE });
    await t.hint(['1']);
    await t.run();
    expect(await ringRechecks(t.engine, t.flow)).toBe(0);
    await t.clock.advance(61 * MINUTE);
    t.people.set('1', { name: 'Ada lapsed' });
    expect(await ringRechecks(t.engine, t.flow)).toBe(1);
    await t.run();
    expect([...t.rows.values()][0]?.fields.name).toBe('Ada lapsed');
    expect(await ringRechecks(t.engine, t.flow)).toBe(0);
  });

  test('a healed record’s letter is taken away, an open one stays', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    t.people.set('2', { name: 'Bea' });
    let refused = ['1', '2'];
    t.trouble.refuse = ({ ref }) =>
      refused.includes(ref) ? fault('rejected', { message: 'no' }) : undefined;
    await t.hint(['1', '2']);
    await t.run();
    refused = ['2'];
    await t.clock.advance(2 * MINUTE);
    await t.hint(['1']);
    await t.run();
    expect(await keepDeadLetters(t.engine, t.flow)).toMatchObject({ removed: 1 });
    expect([...t.ports.state.letters.values()].map((letter) => JSON.parse(letter.body).id)).toEqual(['2']);
  });

  test('a message that the queue gave up on becomes parked links with letters', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    const event = {
      version: 1,
      flow: 'test-flow',
      collection: 'people',
      cause: 'scan',
      trace: 't',
      records: [{ id: '1', observedAt: 1, firstObservedAt: 1, attempt: 0 }],
    };
    t.ports.state.letters.set(1, {
      sequence: 1,
      flow: 'test-flow',
      body: JSON.stringify(event),
      visibleAt: 0,
      looks: 0,
    });
    expect(await keepDeadLetters(t.engine, t.flow)).toMatchObject({ marked: 1 });
    expect((await t.link('1'))?.body?.parked?.kind).toBe('redriven');
    expect([...t.ports.state.letters.values()].map((letter) => JSON.parse(letter.body).fingerprint)).toEqual([
      'redriven',
    ]);
  });
});

describe('looking without touching', () => {
  test('plan tells field by field what would be written, and writes nothing', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.run();
    t.people.set('1', { name: 'Augusta' });
    t.people.set('2', { name: 'Bea' });
    const before = t.calls.length;
    const items = await t.during(
      plan(t.engine, t.flow, { collection: 'people', ids: ['1', '2', '3'] }, t.work()),
    );
    expect(items).toMatchObject([
      { id: '1', action: 'update', fields: [{ name: 'name', current: 'Ada', planned: 'Augusta' }] },
      { id: '2', action: 'create' },
      { id: '3', action: 'none', why: 'deleted at the source' },
    ]);
    expect(t.calls.slice(before).map((call) => call.operation)).not.toContain('target.write');
  });

  test('trace shows both sides next to each other', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.run();
    t.people.set('1', { name: 'Augusta' });
    const traced = await t.during(trace(t.engine, t.flow, { collection: 'people', id: '1' }, t.work()));
    expect(traced.fields).toEqual([
      { name: 'name', wanted: 'Augusta', current: 'Ada', differs: true, towards: 'target' },
      { name: 'email', wanted: null, current: null, differs: false },
    ]);
    expect(traced.link?.body?.outcomes[0]?.outcome).toBe('created');
  });
});
