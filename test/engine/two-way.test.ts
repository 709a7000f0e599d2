import { describe, expect, test } from 'vitest';
import { decideItem, workItems } from '../../shared/engine/work-items.ts';
import { type PairTown, pairTown } from './pair-town.ts';
import { queued } from './town.ts';

const ADA = { name: 'Ada', email: 'ada@x.org', consent: 'granted', tags: 'a;b', title: 'Dr' };

/** Both sides show the same, and these values among them. */
function agree(t: PairTown, id: string, values: object): void {
  const { left, right } = t.both(id);
  expect(right).toEqual(left);
  expect(left).toMatchObject(values);
}

/** What was written on our behalf since. */
function counting(t: PairTown) {
  const before = { source: t.count('source.write'), target: t.count('target.write') };
  return () => ({
    source: t.count('source.write') - before.source,
    target: t.count('target.write') - before.target,
  });
}

describe('the first meeting', () => {
  test('a record that is new is made at the target, and nothing is written back', async () => {
    const t = pairTown();
    t.atLeft('1', ADA);
    await t.hint(['1']);
    await t.run();
    agree(t, '1', ADA);
    expect(t.count('source.write')).toBe(0);
    expect((await t.pairOf('1'))?.base).toEqual({
      name: 'Ada',
      email: 'ada@x.org',
      consent: 'granted',
      tags: 'a;b',
    });
  });

  test('a row that matches is adopted, each field by its rule, without items', async () => {
    const t = pairTown();
    t.atLeft('1', { ...ADA, name: null, consent: 'granted', tags: 'a' });
    t.atRight('r1', { name: 'A. Lovelace', email: 'ada@x.org', consent: 'denied', tags: 'b', title: 'Ms' });
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { name: 'A. Lovelace', consent: 'denied', tags: 'a;b', title: 'Dr' });
    expect(t.targetOf('1')).toBe('r1');
    expect(t.outcomes()).toEqual(['adopted']);
    expect(await workItems(t.ports, t.flow)).toEqual([]);
  });

  test('a row that nobody knew pairs itself when it rings', async () => {
    const t = pairTown();
    t.atLeft('1', ADA);
    t.atRight('r1', { name: 'A.', email: 'ada@x.org' });
    await t.rowsRing('r1');
    await t.run();
    agree(t, '1', { name: 'Ada' });
    expect(t.targetOf('1')).toBe('r1');
  });
});

describe('an edit', () => {
  test.each(['left', 'right'] as const)('at the %s side goes to the other one', async (side) => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    const writes = counting(t);
    if (side === 'left') t.atLeft('1', { name: 'Augusta' });
    else t.atRight(row, { name: 'Augusta' });
    await (side === 'left' ? t.hint(['1']) : t.rowsRing(row));
    await t.run();
    agree(t, '1', { ...ADA, name: 'Augusta' });
    expect(writes()).toEqual(side === 'left' ? { source: 0, target: 1 } : { source: 1, target: 0 });
  });

  test('of other fields at both sides goes both ways at once', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atLeft('1', { email: 'new@x.org' });
    t.atRight(row, { name: 'Augusta' });
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { name: 'Augusta', email: 'new@x.org' });
    const last = t.ports.state.trail.at(-1);
    expect(last).toMatchObject({ outcome: 'updated', fields: ['email'], back: ['name'] });
  });

  test('of a field that belongs to the left side is put right at the other one', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { title: 'Baroness' });
    await t.rowsRing(row);
    await t.run();
    agree(t, '1', ADA);
    expect(t.count('source.write')).toBe(0);
  });

  test('that is taken back again stays taken back', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    for (const name of ['Augusta', 'Ada']) {
      t.atRight(row, { name });
      await t.rowsRing(row);
      await t.run();
      await t.later();
      agree(t, '1', { name });
    }
  });

  test('clears at the other side what it clears', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: null });
    await t.rowsRing(row);
    await t.run();
    agree(t, '1', { name: null });
  });

  test('dies out: its echoes, from either side, write nothing', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta', tags: 'a;c' });
    await t.rowsRing(row);
    await t.run();
    const writes = counting(t);
    for (let echo = 0; echo < 5; echo += 1) {
      await t.later();
      await t.hint(['1']);
      await t.rowsRing(row);
      await t.run();
    }
    expect(writes()).toEqual({ source: 0, target: 0 });
    expect(t.outcomes().slice(-5)).toEqual(Array(5).fill('unchanged'));
  });

  test('older than one at the other side is overruled, and kept', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atLeft('1', { name: 'Older' });
    await t.later();
    t.atRight(row, { name: 'Newer' });
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { name: 'Newer' });
    expect((await t.pairOf('1'))?.overruled).toEqual([
      expect.objectContaining({ field: 'name', side: 'left', value: 'Older' }),
    ]);
  });

  test('that our own write has overtaken is found by its history, and wins', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atLeft('1', { name: 'Augusta' });
    // Somebody edits the row after it was read and before it is written.
    t.trouble.fail = ({ operation }) => {
      if (operation !== 'target.write') return;
      t.trouble.fail = () => undefined;
      t.atRight(row, { name: 'Byron' });
    };
    await t.later();
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { name: 'Augusta' });
    await t.later();
    await t.rowsRing(row);
    await t.run();
    agree(t, '1', { name: 'Byron' });
  });
});

describe('consent', () => {
  test('a no is carried at once by the urgent lane', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { consent: 'denied' }, 'person');
    await t.rings({ collection: 'people', id: row, atTarget: true, urgent: true });
    const depth = await t.ports.queue.depth({ flow: 'test-flow', lane: 'urgent' });
    expect(depth.visible).toBe(1);
    await t.run();
    agree(t, '1', { consent: 'denied' });
  });

  test('a no that has to be tried again stays on the urgent lane', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { consent: 'denied' }, 'person');
    await t.rings({ collection: 'people', id: row, atTarget: true, urgent: true });
    t.trouble.fail = ({ operation }) => {
      if (operation !== 'source.write') return;
      t.trouble.fail = () => undefined;
      t.atLeft('1', { name: 'Augusta' });
    };
    await t.turn();
    expect(t.outcomes().at(-1)).toBe('retry');
    expect(queued(t, 'urgent').flatMap(({ records }) => records.map(({ id }) => id))).toEqual(['1']);
    await t.run();
    agree(t, '1', { consent: 'denied', name: 'Augusta' });
  });

  test('without an urgent lane it goes by the usual one', async () => {
    const { howOften } = pairTown().flow;
    const { urgent: _, ...others } = howOften;
    const t = pairTown({ flow: { howOften: others } });
    const row = await t.paired('1', ADA);
    t.atRight(row, { consent: 'denied' }, 'person');
    await t.rings({ collection: 'people', id: row, atTarget: true, urgent: true });
    await t.run();
    agree(t, '1', { consent: 'denied' });
  });

  test('a yes that staff type over a no is put back and listed; the person’s own yes is carried', async () => {
    const t = pairTown();
    const row = await t.paired('1', { ...ADA, consent: 'denied' });
    t.atLeft('1', { consent: 'granted' });
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { consent: 'denied' });
    expect(await workItems(t.ports, t.flow)).toEqual([
      expect.objectContaining({ id: '1', field: 'consent', left: 'granted', right: 'denied', stays: true }),
    ]);
    await t.later();
    t.atRight(row, { consent: 'granted' }, 'person');
    await t.rowsRing(row);
    await t.run();
    agree(t, '1', { consent: 'granted' });
  });

  test.each([
    ['left', 'granted'],
    ['right', 'denied'],
  ] as const)('such an item decided for the %s side ends as %s', async (keep, consent) => {
    const t = pairTown();
    await t.paired('1', { ...ADA, consent: 'denied' });
    t.atLeft('1', { consent: 'granted' });
    await t.hint(['1']);
    await t.run();
    const decided = await decideItem(
      t.engine,
      t.flow,
      { collection: 'people', id: '1', field: 'consent' },
      keep,
    );
    expect(decided).toBe('decided');
    await t.run();
    agree(t, '1', { consent });
    expect(await workItems(t.ports, t.flow)).toEqual([]);
    await t.later();
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { consent });
  });
});

describe('a work item', () => {
  /** Both sides change the name within the tolerance of two clocks. */
  async function disagreeing(): Promise<{ t: PairTown; row: string }> {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atLeft('1', { name: 'Augusta', email: 'new@x.org' });
    await t.later(2_000);
    t.atRight(row, { name: 'Byron' });
    await t.later();
    await t.rowsRing(row);
    await t.run();
    return { t, row };
  }
  const choice = { collection: 'people', id: '1', field: 'name' };

  test('leaves its field as it is on both sides, carries the others, and is listed once', async () => {
    const { t } = await disagreeing();
    expect(t.both('1')).toMatchObject({
      left: { name: 'Augusta', email: 'new@x.org' },
      right: { name: 'Byron', email: 'new@x.org' },
    });
    const [item, ...others] = await workItems(t.ports, t.flow);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ ...choice, left: 'Augusta', right: 'Byron' });
    await t.later();
    await t.hint(['1']);
    await t.run();
    expect(await workItems(t.ports, t.flow)).toEqual([item]);
  });

  test.each([
    ['left', 'Augusta'],
    ['right', 'Byron'],
  ] as const)('decided for the %s side makes it %s, and is gone', async (keep, name) => {
    const { t } = await disagreeing();
    expect(await decideItem(t.engine, t.flow, choice, keep)).toBe('decided');
    expect(await decideItem(t.engine, t.flow, choice, keep)).toBe('decided-before');
    expect(await workItems(t.ports, t.flow)).toEqual([]);
    await t.run();
    agree(t, '1', { name });
    expect(await decideItem(t.engine, t.flow, choice, keep)).toBe('unknown');
    expect((await t.pairOf('1'))?.items).toBeUndefined();
  });

  test('whose decision is overtaken by a new edit is decided by that edit', async () => {
    const { t, row } = await disagreeing();
    await decideItem(t.engine, t.flow, choice, 'left');
    await t.later();
    t.atRight(row, { name: 'Noel' });
    await t.run();
    agree(t, '1', { name: 'Noel' });
    expect(await workItems(t.ports, t.flow)).toEqual([]);
  });

  test('that settles by itself disappears', async () => {
    const { t } = await disagreeing();
    await t.later();
    t.atLeft('1', { name: 'Byron' });
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { name: 'Byron' });
    expect(await workItems(t.ports, t.flow)).toEqual([]);
  });

  test('about a field that only a person may write lets the others pass, until they have brought it over', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    const { people } = t;
    const ada = people.get('1');
    if (ada) people.set('1', { ...ada, login: true });
    t.atRight(row, { email: 'new@x.org', name: 'Augusta' });
    await t.rowsRing(row);
    await t.run();
    expect(t.both('1')).toMatchObject({
      left: { name: 'Augusta', email: 'ada@x.org' },
      right: { email: 'new@x.org' },
    });
    expect(await workItems(t.ports, t.flow)).toEqual([
      expect.objectContaining({
        field: 'email',
        because: 'it is a login',
        left: 'ada@x.org',
        right: 'new@x.org',
      }),
    ]);
    await t.later();
    t.atLeft('1', { email: 'new@x.org' });
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { email: 'new@x.org' });
    expect(await workItems(t.ports, t.flow)).toEqual([]);
  });

  test('about such a field, decided for the left side, is put back at the right one', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    const ada = t.people.get('1');
    if (ada) t.people.set('1', { ...ada, login: true });
    t.atRight(row, { email: 'new@x.org' });
    await t.rowsRing(row);
    await t.run();
    await decideItem(t.engine, t.flow, { ...choice, field: 'email' }, 'left');
    await t.run();
    agree(t, '1', { email: 'ada@x.org' });
    expect(await workItems(t.ports, t.flow)).toEqual([]);
  });

  test('about such a field, decided for the right side, stays one item until a person has brought it over', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    const ada = t.people.get('1');
    if (ada) t.people.set('1', { ...ada, login: true });
    t.atRight(row, { email: 'new@x.org' });
    await t.rowsRing(row);
    await t.run();
    const email = { ...choice, field: 'email' };
    const [asked] = await workItems(t.ports, t.flow);
    expect(await decideItem(t.engine, t.flow, email, 'right')).toBe('decided');
    await t.run();
    const open = await workItems(t.ports, t.flow);
    expect(open).toMatchObject([{ ...email, left: 'ada@x.org', right: 'new@x.org', since: asked?.since }]);
    expect(open[0]?.because).toMatch(/^it is a login; .*was chosen/);
    expect(await decideItem(t.engine, t.flow, email, 'right')).toBe('by-hand');
    await t.later();
    await t.hint(['1']);
    await t.run();
    expect(await workItems(t.ports, t.flow)).toEqual(open);
    // Where it stops being a login the decision is carried out without a second word.
    const now = t.people.get('1');
    if (now) t.people.set('1', { ...now, login: false });
    await t.later();
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { email: 'new@x.org' });
    expect(await workItems(t.ports, t.flow)).toEqual([]);
  });

  test('of a record that a worker holds is not decided, nor one of a record that is not there', async () => {
    const { t } = await disagreeing();
    const key = { flow: t.flow.name, collection: 'people', id: '1' };
    const until = t.clock.now() + 60_000;
    await t.ports.links.claim([{ key, token: 'other', until }], t.clock.now());
    expect(await decideItem(t.engine, t.flow, choice, 'left')).toBe('in-work');
    expect(await decideItem(t.engine, t.flow, { ...choice, id: '9' }, 'left')).toBe('unknown');
    expect(await t.link('9')).toBeUndefined();
  });
});
