import { describe, expect, test } from 'vitest';
import { MassChangeGuard } from '../../shared/engine/guard.ts';
import { type PairTown, pairTown } from './pair-town.ts';
import { fault } from './town.ts';

const ADA = { name: 'Ada', email: 'ada@x.org', consent: 'granted', tags: 'a;b', title: 'Dr' };

/** Neither side tells who wrote what. */
const BLIND = { tells: { left: false, right: false } };

function agree(t: PairTown, id: string, values: object): void {
  const { left, right } = t.both(id);
  expect(right).toEqual(left);
  expect(left).toMatchObject(values);
}

/** The first call of this name does this instead, or before. */
function once(t: PairTown, operation: string, act: () => void): void {
  t.trouble.fail = (call) => {
    if (call.operation !== operation) return;
    t.trouble.fail = () => undefined;
    act();
  };
}

const refusing =
  (kind: Parameters<typeof fault>[0], vendor = 'there') =>
  () => {
    throw fault(kind, { vendor });
  };

describe.each([
  ['both sides tell who wrote what', {}],
  ['only the left side tells', { tells: { left: true, right: false } }],
  ['only the right side tells', { tells: { left: false, right: true } }],
  ['neither side tells', BLIND],
])('where %s', (_title, options) => {
  test('an edit at either side reaches the other one', async () => {
    const t = pairTown(options);
    const row = await t.paired('1', ADA);
    t.atLeft('1', { name: 'Augusta' });
    await t.hint(['1']);
    await t.run();
    await t.later();
    t.atRight(row, { email: 'new@x.org', tags: 'b;c' });
    await t.rowsRing(row);
    await t.run();
    agree(t, '1', { name: 'Augusta', email: 'new@x.org', tags: 'b;c' });
    expect((await t.pairOf('1'))?.plans).toBeUndefined();
  });

  test.each(['source.write', 'target.write'])(
    'a worker that dies in %s leaves no half behind',
    async (operation) => {
      const t = pairTown(options);
      const row = await t.paired('1', ADA);
      t.atLeft('1', { email: 'new@x.org' });
      t.atRight(row, { name: 'Augusta' });
      await t.hint(['1']);
      await t.diesIn(operation);
      expect((await t.link('1'))?.lease).toBeDefined();
      await t.run();
      agree(t, '1', { ...ADA, email: 'new@x.org', name: 'Augusta' });
      expect((await t.pairOf('1'))?.items).toBeUndefined();
      expect((await t.pairOf('1'))?.overruled).toBeUndefined();
    },
  );

  test.each(['source.write', 'target.write'])(
    'an edit that comes while a dead worker’s lease runs (%s) is the last word',
    async (operation) => {
      const t = pairTown(options);
      const row = await t.paired('1', ADA);
      t.atRight(row, { name: 'Augusta', email: 'new@x.org' });
      t.atLeft('1', { tags: 'a;b;z' });
      await t.rowsRing(row);
      await t.diesIn(operation);
      await t.later();
      t.atRight(row, { name: 'Byron' });
      await t.run();
      agree(t, '1', { name: 'Byron', email: 'new@x.org', tags: 'a;b;z' });
      expect((await t.pairOf('1'))?.items).toBeUndefined();
    },
  );

  test.each(['source.write', 'target.write'])(
    'a first meeting that is cut short in %s takes nothing away from anybody',
    async (operation) => {
      const t = pairTown(options);
      t.atLeft('1', { ...ADA, name: null, tags: 'a', consent: 'granted' });
      t.atRight('r1', { name: 'A. Lovelace', email: 'ada@x.org', tags: 'b' });
      await t.hint(['1']);
      await t.diesIn(operation);
      await t.run();
      agree(t, '1', { ...ADA, name: 'A. Lovelace', tags: 'a;b', consent: 'granted' });
      expect((await t.pairOf('1'))?.items).toBeUndefined();
    },
  );

  test('a record that a dead worker has made is found, and what was edited there since is kept', async () => {
    const t = pairTown(options);
    const { settle } = t.ports.links;
    t.atLeft('1', ADA);
    await t.hint(['1']);
    t.ports.links.settle = (settlements) =>
      settlements.some(({ lease }) => lease !== 'keep') ? new Promise(() => undefined) : settle(settlements);
    await t.diesIn('nothing');
    t.ports.links.settle = settle;
    const row = t.targetOf('1');
    expect(row).toBe('t1');
    expect((await t.link('1'))?.body?.targetId).toBeUndefined();
    await t.later();
    t.atRight(row, { name: 'Augusta' });
    await t.run();
    agree(t, '1', { ...ADA, name: 'Augusta' });
    expect(t.rows.size).toBe(1);
  });

  test('a vendor that is down for a day is waited for, and the link does not grow meanwhile', async () => {
    const t = pairTown(options);
    const row = await t.paired('1', ADA);
    t.atLeft('1', { email: 'new@x.org' });
    t.atRight(row, { name: 'Augusta' });
    const size = async () => JSON.stringify((await t.pairOf('1'))?.plans ?? []).length;
    t.trouble.refuse = () => fault('unavailable');
    await t.hint(['1']);
    await t.run(20_000);
    const early = await size();
    await t.run(3_600_000);
    expect(await size()).toBe(early);
    t.trouble.refuse = () => undefined;
    await t.run();
    agree(t, '1', { ...ADA, email: 'new@x.org', name: 'Augusta' });
  });
});

describe('the source', () => {
  test('that refuses a write over somebody’s edit is read again, and the edit is respected', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta' });
    once(t, 'source.write', () => t.atLeft('1', { email: 'new@x.org' }));
    await t.rowsRing(row);
    await t.run();
    agree(t, '1', { ...ADA, name: 'Augusta', email: 'new@x.org' });
    expect(t.outcomes()).toEqual(['created', 'retry', 'updated']);
  });

  test('that refuses again and again is left to a person', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta' });
    t.trouble.fail = ({ operation }) => {
      if (operation === 'source.write') t.atLeft('1', {});
    };
    await t.rowsRing(row);
    await t.run(7_200_000);
    expect((await t.link('1'))?.body?.parked?.kind).toBe('conflict');
    expect(t.both('1').right).toMatchObject({ name: 'Augusta' });
  });

  test.each(['rate-limited', 'unavailable'] as const)(
    'that is %s is asked again; the target waits for it',
    async (kind) => {
      const t = pairTown();
      const row = await t.paired('1', ADA);
      t.atRight(row, { name: 'Augusta' });
      t.atLeft('1', { email: 'new@x.org' });
      const before = t.count('target.write');
      once(t, 'source.write', refusing(kind, 'here'));
      await t.rowsRing(row);
      await t.turn();
      expect(t.count('target.write')).toBe(before);
      await t.run();
      agree(t, '1', { ...ADA, name: 'Augusta', email: 'new@x.org' });
    },
  );

  test('whose answer was lost is not written again before the write can no longer land', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta' });
    once(t, 'source.write', refusing('unknown-outcome', 'here'));
    const sent = t.clock.now();
    await t.rowsRing(row);
    await t.turn();
    expect((await t.link('1'))?.lease).toMatchObject({ reported: true });
    await t.run();
    agree(t, '1', { ...ADA, name: 'Augusta' });
    expect(t.clock.now() - sent).toBeGreaterThan(90_000);
  });

  test('an edit that cannot be worked out parks the record with both sides as they were', async () => {
    const t = pairTown({
      back: {
        edit: () => {
          throw new TypeError('no such field');
        },
      },
    });
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta' });
    t.atLeft('1', { email: 'new@x.org' });
    await t.rowsRing(row);
    await t.run();
    expect((await t.link('1'))?.body?.parked).toMatchObject({ kind: 'bug' });
    expect(t.both('1')).toMatchObject({ left: { name: 'Ada' }, right: { email: 'ada@x.org' } });
    const [letter] = await t.ports.deadLetters.look('test-flow', 1);
    expect(letter?.letter?.reason).not.toContain('no such field');
  });

  test('an edit that the mapping refuses parks with its own words', async () => {
    const t = pairTown({ back: { edit: () => refusing('rejected', 'intertie')() } });
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta' });
    await t.rowsRing(row);
    await t.run();
    expect((await t.link('1'))?.body?.parked?.reason).toBe('rejected: rejected in a test');
  });
});

describe('the target', () => {
  test('that refuses after the source was written is brought to the same later', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta' });
    t.atLeft('1', { email: 'new@x.org' });
    once(t, 'target.write', refusing('unavailable'));
    await t.rowsRing(row);
    await t.turn();
    expect(t.both('1').left).toMatchObject({ name: 'Augusta', email: 'new@x.org' });
    await t.run();
    agree(t, '1', { ...ADA, name: 'Augusta', email: 'new@x.org' });
  });

  test('a record that was lost between read and write is left alone like any that was deleted', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atLeft('1', { name: 'Augusta' });
    once(t, 'target.write', () => t.rows.delete(row));
    await t.hint(['1']);
    await t.run();
    expect(t.rows.size).toBe(0);
    expect(t.outcomes().at(-1)).toBe('skipped');
  });
});

describe('many changes at once', () => {
  const ceilings = { removals: { share: 0, atLeast: 2 }, changes: { share: 0, atLeast: 4 } };
  const flow = (t: PairTown) => ({ whenItBreaks: { ...t.flow.whenItBreaks, ...ceilings } });

  async function crowd(count: number): Promise<{ t: PairTown; rows: string[] }> {
    const t = pairTown({ flow: flow(pairTown()) });
    const rows: string[] = [];
    for (let at = 1; at <= count; at += 1)
      rows.push(await t.paired(String(at), { ...ADA, email: `p${at}@x.org` }));
    return { t, rows };
  }

  test.each([
    ['changed', 5, { name: 'Spam' }],
    ['emptied', 3, { name: null }],
  ] as const)(
    '%s at the target are held before they reach the source, until a person agrees',
    async (_how, count, values) => {
      const { t, rows } = await crowd(count);
      for (const row of rows) t.atRight(row, values);
      await t.rowsRing(...rows);
      await t.turn();
      expect(t.count('source.write')).toBe(0);
      expect(await t.engine.gate(t.flow).pass()).toMatchObject({ open: false });
      await t.engine.guard(t.flow).approve(t.clock.now() + 3_600_000);
      await t.engine.gate(t.flow).release('mass-change');
      await t.run();
      for (const id of t.people.keys()) agree(t, id, values);
    },
  );

  test('emptied at the target and changed at the source counts as emptied', async () => {
    const { t, rows } = await crowd(3);
    for (const row of rows) t.atRight(row, { name: null });
    for (const id of t.people.keys()) t.atLeft(id, { tags: 'a;b;z' });
    await t.rowsRing(...rows);
    await t.turn();
    expect(t.count('source.write')).toBe(0);
  });

  test('within the ceiling they pass, and are counted', async () => {
    const { t, rows } = await crowd(2);
    for (const row of rows) t.atRight(row, { name: null });
    await t.rowsRing(...rows);
    await t.run();
    for (const id of t.people.keys()) agree(t, id, { name: null });
    const state = await new MassChangeGuard(t.flow, t.ports).state();
    expect(state?.hours.reduce((sum, { removals }) => sum + removals, 0)).toBe(2);
  });
});
