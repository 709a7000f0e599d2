import { describe, expect, test } from 'vitest';
import { WORKER_TIMEOUT } from '../../shared/engine/flow.ts';
import { reconcile } from '../../shared/engine/reconcile.ts';
import { fault, type Town, town } from './town.ts';

const MINUTE = 60_000;

function contents(t: Town): Record<string, unknown> {
  return Object.fromEntries([...t.rows.values()].map((row) => [row.ref, row.fields]));
}

describe('one record', () => {
  test('is created, then left alone while nothing changes, then updated', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada', email: 'ada@x.org' });
    await t.hint(['1']);
    await t.run();
    expect(contents(t)).toEqual({ 1: { name: 'Ada', email: 'ada@x.org' } });
    await t.clock.advance(MINUTE);
    const before = t.calls.length;
    await t.hint(['1']);
    await t.run();
    expect(t.calls.slice(before).map((call) => call.operation)).toEqual(['source.read']);
    t.people.set('1', { name: 'Augusta' });
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    expect(contents(t)).toEqual({ 1: { name: 'Augusta', email: null } });
    expect(t.ports.state.trail.map((entry) => entry.outcome)).toEqual(['created', 'unchanged', 'updated']);
  });

  test('changed fifty times is read once', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    for (let time = 0; time < 10; time += 1) await t.hint(['1']);
    await t.run();
    expect(t.calls.filter((call) => call.operation === 'source.read')).toHaveLength(1);
  });

  test('is not read for a hint that its last read covers', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    const reads = t.calls.length;
    const { clock, ports } = t;
    const late = {
      id: '1',
      observedAt: clock.now() - 30_000,
      firstObservedAt: clock.now() - 30_000,
      attempt: 0,
    };
    const event = {
      version: 1 as const,
      flow: t.flow.name,
      collection: 'people',
      cause: 'scan' as const,
      trace: 't',
      records: [late],
    };
    await ports.queue.send([{ lane: 'live', event, delay: 0 }]);
    await t.run();
    expect(t.calls).toHaveLength(reads);
    expect(ports.state.messages.size).toBe(0);
  });

  test('is compared with the target itself when the hint asks to verify', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.run();
    const [row] = t.rows.values();
    if (row) row.fields.name = 'somebody else edited this';
    await t.hint(['1'], { cause: 'audit', verify: true });
    await t.run();
    expect(contents(t)).toEqual({ 1: { name: 'Ada', email: null } });
  });

  test('deleted at the target is made again, and not twice', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.run();
    t.rows.clear();
    await t.hint(['1'], { verify: true });
    await t.run();
    expect(contents(t)).toEqual({ 1: { name: 'Ada', email: null } });
    t.rows.clear();
    t.people.set('1', { name: 'Augusta' });
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    expect(contents(t)).toEqual({ 1: { name: 'Augusta', email: null } });
    expect(t.rows.size).toBe(1);
  });

  test('that ends at the source is taken off the target', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.run();
    t.people.delete('1');
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    expect(t.rows.size).toBe(0);
    expect((await t.link('1'))?.body).toMatchObject({ state: 'gone' });
  });

  test('that ends at the source can be marked instead', async () => {
    const t = town({ collection: { whenGone: { mark: { name: 'deleted' } } } });
    t.people.set('1', { name: 'Ada', email: 'ada@x.org' });
    await t.hint(['1']);
    await t.run();
    t.people.delete('1');
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    expect(contents(t)).toEqual({ 1: { name: 'deleted', email: 'ada@x.org' } });
  });

  test('left out of a bulk reply is read singly before it counts as gone', async () => {
    const t = town({ source: { read: async () => new Map() } });
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.run();
    expect(contents(t)).toEqual({ 1: { name: 'Ada', email: null } });
  });

  test('whose mapping keeps it away is never sent, and is taken back if it was', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada', hidden: true });
    await t.hint(['1']);
    await t.run();
    expect(t.calls.map((call) => call.operation)).toEqual(['source.read']);
    t.people.set('1', { name: 'Ada' });
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    t.people.set('1', { name: 'Ada', hidden: true });
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    expect(t.rows.size).toBe(0);
    expect((await t.link('1'))?.body).toMatchObject({ state: 'absent', absentBecause: 'hidden' });
  });

  test('read too soon after its hint is read once more when the source is sure to show it', async () => {
    const t = town({ source: { readLag: 30_000 } });
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.turn();
    t.people.set('1', { name: 'what a lagging read did not show' });
    await t.run();
    expect(contents(t)).toMatchObject({ 1: { name: 'what a lagging read did not show' } });
  });
});

describe('records that exist already', () => {
  test('one free match is adopted', async () => {
    const t = town();
    t.rows.set('old', { fields: { name: 'A. Lovelace', email: 'ada@x.org' } });
    t.people.set('1', { name: 'Ada', email: 'ada@x.org' });
    await t.hint(['1']);
    await t.run();
    expect([...t.rows]).toEqual([['old', { ref: '1', fields: { name: 'Ada', email: 'ada@x.org' } }]]);
    expect(t.ports.state.trail[0]).toMatchObject({ outcome: 'adopted', targetId: 'old' });
  });

  test('several matches are parked for a person, who is told which', async () => {
    const t = town();
    t.rows.set('a', { fields: { name: 'A', email: 'ada@x.org' } });
    t.rows.set('b', { fields: { name: 'B', email: 'ada@x.org' } });
    t.people.set('1', { name: 'Ada', email: 'ada@x.org' });
    await t.hint(['1']);
    await t.run();
    expect((await t.link('1'))?.body?.parked?.reason).toMatch(/2 records of the target match.*a, b.*merge/);
  });

  test('a match value that another of our records holds is waited for, and taken when it is let go', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada', email: 'shared@x.org' });
    t.people.set('2', { name: 'Bea', email: 'shared@x.org' });
    await t.hint(['1']);
    await t.run();
    await t.hint(['2']);
    await t.turn();
    expect(t.ports.state.trail.at(-1)).toMatchObject({ id: '2', outcome: 'waiting' });
    t.people.set('1', { name: 'Ada' });
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.turn();
    expect(await t.link('1')).toMatchObject({ waiters: [] });
    // Rung by the settle of the other one, not by its own next look.
    await t.turn();
    expect(contents(t)).toEqual({
      1: { name: 'Ada', email: null },
      2: { name: 'Bea', email: 'shared@x.org' },
    });
    expect((await t.link('2'))?.body?.outcomes[0]).toMatchObject({ outcome: 'created', attempt: 0 });
  });

  test('an upsert is looked for only after a conflict', async () => {
    const t = town({ target: { lookup: 'on-conflict' } });
    t.rows.set('old', { fields: { name: 'A. Lovelace', email: 'ada@x.org' } });
    t.people.set('1', { name: 'Ada', email: 'ada@x.org' });
    t.people.set('2', { name: 'Bea', email: 'bea@x.org' });
    await t.hint(['1', '2']);
    await t.run();
    expect(t.calls.filter((call) => call.operation === 'target.find')).toEqual([
      { operation: 'target.find', ids: ['1'] },
    ]);
    expect(contents(t)).toEqual({
      1: { name: 'Ada', email: 'ada@x.org' },
      2: { name: 'Bea', email: 'bea@x.org' },
    });
  });
});

describe('a record among others', () => {
  test('a hundred are one read and one write', async () => {
    const t = town();
    const ids = Array.from({ length: 100 }, (_, at) => String(at));
    for (const id of ids) t.people.set(id, { name: `n${id}` });
    await t.hint(ids);
    await t.run();
    expect(t.calls.map((call) => call.operation)).toEqual(['source.read', 'target.find', 'target.write']);
    expect(t.rows.size).toBe(100);
  });

  test('a refusal that names no record is narrowed down to the one', async () => {
    const t = town();
    const ids = Array.from({ length: 100 }, (_, at) => String(at));
    for (const id of ids) t.people.set(id, { name: `n${id}` });
    t.trouble.fail = (call) => {
      if (call.operation === 'target.write' && call.ids.includes('37'))
        throw fault('rejected', { message: 'bad request' });
    };
    await t.hint(ids);
    await t.run();
    expect(t.rows.size).toBe(99);
    expect((await t.link('37'))?.body?.parked).toMatchObject({
      kind: 'rejected',
      reason: 'rejected: bad request',
    });
  });

  test('those who depend on it are told when it changes, not when somebody merely looks', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada', friends: ['2'] });
    t.people.set('2', { name: 'Bea' });
    await t.hint(['1']);
    await t.run();
    expect(contents(t)).toMatchObject({ 2: { name: 'Bea' } });
    await t.clock.advance(MINUTE);
    await t.hint(['1'], { cause: 'affected' });
    await t.run();
    expect(t.calls.filter((call) => call.ids.includes('2') && call.operation === 'source.read')).toHaveLength(
      1,
    );
    t.people.set('1', { name: 'Ada' });
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    // It no longer affects 2, and 2 must hear of that as well.
    expect(t.calls.filter((call) => call.ids.includes('2') && call.operation === 'source.read')).toHaveLength(
      2,
    );
  });
});

describe('when it fails', () => {
  test('a rate limit spends no attempt and quiets every worker', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    let refusals = 0;
    t.trouble.fail = (call) => {
      if (call.operation === 'target.write' && refusals < 3) {
        refusals += 1;
        throw fault('rate-limited', { retryAfter: 10_000 });
      }
    };
    await t.hint(['1']);
    const start = t.clock.now();
    await t.run();
    expect(t.rows.size).toBe(1);
    expect(t.clock.now() - start).toBeGreaterThanOrEqual(30_000);
    expect((await t.link('1'))?.body?.outcomes).toMatchObject([{ outcome: 'created', attempt: 0 }]);
  });

  test('an outage of six hours loses nothing and spends no attempt', async () => {
    const t = town();
    for (let id = 0; id < 250; id += 1) t.people.set(String(id), { name: `n${id}` });
    const healed = t.clock.now() + 6 * 3_600_000;
    t.trouble.fail = (call) => {
      if (call.operation.startsWith('target') && t.clock.now() < healed) throw fault('unavailable');
    };
    await t.hint([...t.people.keys()]);
    await t.run(7 * 3_600_000);
    expect(t.rows.size).toBe(250);
    expect(t.ports.state.letters.size).toBe(0);
    const attempts = await Promise.all(
      [...t.people.keys()].map(async (id) => (await t.link(id))?.body?.outcomes[0]?.attempt),
    );
    expect(new Set(attempts)).toEqual(new Set([0]));
  });

  test('a write without an answer keeps the lease until nothing can land any more, then writes again', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    let lost = 0;
    t.trouble.fail = (call) => {
      if (call.operation !== 'target.write' || lost > 0) return;
      lost += 1;
      // The vendor applied it before the line went dead.
      t.rows.set('landed', { ref: '1', fields: { name: 'Ada', email: null } });
      throw fault('unknown-outcome');
    };
    await t.hint(['1']);
    await t.turn();
    expect((await t.link('1'))?.lease).toMatchObject({ reported: true });
    await t.run();
    expect([...t.rows.keys()]).toEqual(['landed']);
    expect((await t.link('1'))?.body?.outcomes.map((each) => each.outcome)).toEqual(['adopted', 'unknown']);
  });

  test('a refused record is parked with the vendor’s words, told of once, and heals by itself', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    let refuse = true;
    t.trouble.refuse = () =>
      refuse ? fault('rejected', { message: 'name is too long', field: 'name' }) : undefined;
    await t.hint(['1']);
    await t.run();
    expect((await t.link('1'))?.body?.parked).toMatchObject({
      reason: 'rejected: name is too long',
      field: 'name',
    });
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    expect(t.ports.state.letters.size).toBe(1);
    refuse = false;
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    expect((await t.link('1'))?.body?.parked).toBeUndefined();
    expect(t.rows.size).toBe(1);
  });

  test('our own exception parks the record with its place, not with its data', async () => {
    const t = town({
      collection: {
        map: () => {
          throw new TypeError('cannot read secret of ada@x.org');
        },
      },
    });
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.run();
    const parked = (await t.link('1'))?.body?.parked;
    expect(parked?.kind).toBe('bug');
    expect(parked?.reason).toMatch(/TypeError at reconcile\.test\.ts:\d+/);
    expect(JSON.stringify([...t.ports.state.letters.values()])).not.toContain('ada@x.org');
  });

  test('what waits for too long is parked at the horizon', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    t.trouble.fail = (call) => {
      if (call.operation.startsWith('target')) throw fault('unavailable');
    };
    await t.hint(['1']);
    await t.run(50 * 3_600_000);
    expect((await t.link('1'))?.body?.parked?.reason).toMatch(
      /^(retry horizon passed|rejected: retry horizon passed)/,
    );
    expect(t.ports.state.messages.size).toBe(0);
  });

  test('a storage error leaves the messages where they are', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    const { settle } = t.ports.links;
    t.ports.links.settle = async () => Promise.reject(new Error('storage is throttled'));
    await expect(t.turn()).rejects.toThrow('storage is throttled');
    t.ports.links.settle = settle;
    await t.run();
    expect(t.rows.size).toBe(1);
    expect(t.ports.state.messages.size).toBe(0);
  });

  test('a record whose workers die is parked after five, untouched and without taking others along', async () => {
    const t = town();
    for (const id of ['1', '2', '3']) t.people.set(id, { name: id });
    const deaths: string[][] = [];
    let die: () => void = () => undefined;
    t.flow.collections[0].source.read = async (_session, ids) => {
      if (!ids.includes('2'))
        return new Map(ids.map((id) => [id, { state: 'present', record: { name: id } }]));
      deaths.push([...ids]);
      die();
      return new Promise(() => undefined);
    };
    await t.hint(['1', '2', '3']);
    for (let turn = 0; turn < 12; turn += 1) {
      const from = { flow: t.flow.name, lane: 'live' } as const;
      const deliveries = await t.ports.queue.receive(from, 10, 6 * WORKER_TIMEOUT);
      const dead = new Promise<{ done: string[] }>((resolve) => {
        die = () => resolve({ done: [] });
      });
      const { done } = await Promise.race([
        reconcile(t.engine, t.flow, { lane: 'live', deliveries }, t.work()),
        dead,
      ]);
      await t.ports.queue.acknowledge(from, done);
      await t.clock.advance(7 * WORKER_TIMEOUT);
    }
    expect(t.rows.size).toBe(2);
    expect((await t.link('2'))?.body?.parked?.kind).toBe('worker-died');
    expect(deaths).toEqual([['1', '2', '3'], ['2'], ['2'], ['2'], ['2']]);
  });

  test('a worker whose storage fails after the claim does not count as dead', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    const { settle } = t.ports.links;
    let failures = 0;
    t.ports.links.settle = async (settlements) => {
      const ending = settlements.some((each) => each.lease === 'release');
      if (!ending || failures >= 6) return settle(settlements);
      failures += 1;
      throw new Error('storage is throttled');
    };
    await t.hint(['1']);
    for (let turn = 0; turn < 8; turn += 1) {
      await t.turn().catch(() => undefined);
      await t.clock.advance(7 * WORKER_TIMEOUT);
    }
    expect(failures).toBe(6);
    expect((await t.link('1'))?.body?.parked).toBeUndefined();
    expect(t.rows.size).toBe(1);
  });

  test('a record that is verified right after our own write is compared when the target is sure to show it', async () => {
    const t = town({ target: { readLag: 4_000 } });
    const { read } = t.flow.collections[0].target;
    t.people.set('1', { name: 'Ada' });
    await t.hint(['1']);
    await t.turn();
    const wrote = t.clock.now();
    t.flow.collections[0].target.read = async (session, ids, names) => {
      expect(t.clock.now() - wrote).toBeGreaterThan(4_000);
      return read(session, ids, names);
    };
    await t.hint(['1'], { verify: true });
    await t.run();
    expect(t.rows.size).toBe(1);
    expect(t.calls.filter((call) => call.operation === 'target.read')).toHaveLength(1);
  });
});

test('two that depend on each other do not ring each other for ever while one waits', async () => {
  const t = town();
  t.people.set('1', { name: 'Ada', email: 'shared@x.org' });
  t.people.set('2', { name: 'Bea', email: 'shared@x.org', friends: ['1'] });
  await t.hint(['1']);
  await t.run();
  await t.hint(['2']);
  await t.run(60 * MINUTE);
  const reads = t.calls.filter((call) => call.operation === 'source.read' && call.ids.includes('2'));
  expect((await t.link('2'))?.body?.outcomes[0]?.outcome).toBe('waiting');
  expect(reads.length).toBeLessThan(25);
});

test('a record that cannot be delivered itself still tells those who read it', async () => {
  const t = town({
    collection: {
      map: (person) =>
        person.hidden
          ? { kind: 'rejected', field: 'name', because: 'is unusable', affects: person.friends ?? [] }
          : { kind: 'present', fields: { name: person.name } },
      owns: ['name'],
    },
  });
  t.people.set('1', { name: 'Ada', hidden: true, friends: ['2'] });
  t.people.set('2', { name: 'Bea' });
  await t.hint(['1']);
  await t.run();
  expect(t.ports.state.trail.map(({ id, outcome, cause }) => [id, outcome, cause])).toEqual([
    ['1', 'parked', 'webhook'],
    ['2', 'created', 'affected'],
  ]);
});

test('a record that the target refuses still tells those who read it, once for each change', async () => {
  const t = town();
  t.people.set('1', { name: 'Ada', friends: ['2'] });
  t.people.set('2', { name: 'Bea' });
  await t.hint(['1', '2']);
  await t.run();
  t.trouble.refuse = (write) => (write.ref === '1' ? fault('rejected', { field: 'name' }) : undefined);
  t.people.set('1', { name: 'Eve', friends: ['2'] });
  await t.clock.advance(MINUTE);
  const before = t.ports.state.trail.length;
  await t.hint(['1']);
  await t.run();
  await t.hint(['1'], { cause: 'affected' });
  await t.run();
  expect(t.ports.state.trail.slice(before).map(({ id, outcome, cause }) => [id, outcome, cause])).toEqual([
    ['1', 'parked', 'webhook'],
    ['2', 'unchanged', 'affected'],
    ['1', 'parked', 'affected'],
  ]);
});
