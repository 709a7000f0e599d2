import { describe, expect, test } from 'vitest';
import { addAlias, aliasOf } from '../../shared/engine/alias.ts';
import { scan } from '../../shared/engine/scan.ts';
import { decideItem, workItems } from '../../shared/engine/work-items.ts';
import { counted } from '../support/memory/told.ts';
import { type PairTown, pairTown } from './pair-town.ts';
import { fault, queued } from './town.ts';

const ADA = { name: 'Ada', email: 'ada@x.org', consent: 'granted', tags: 'a;b', title: 'Dr' };
const PEOPLE = { flow: 'test-flow', collection: 'people' };

function agree(t: PairTown, id: string, values: object): void {
  const { left, right } = t.both(id);
  expect(right).toEqual(left);
  expect(left).toMatchObject(values);
}

/** A row becomes another one, which has an id of its own, as a merge at the right side makes it. */
function mergeRows(
  t: PairTown,
  ids: readonly string[],
  into: { id: string; ref?: string; values: object },
): void {
  for (const id of ids) {
    t.rows.delete(id);
    t.rest.mergedInto.set(id, into.id);
  }
  t.atRight(into.id, { ...into.values });
  const row = t.rows.get(into.id);
  if (row && into.ref !== undefined) t.rows.set(into.id, { ...row, ref: into.ref });
}

describe('a hint of the target', () => {
  test('of a pair is one with the source’s hint of it', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    const reads = t.count('source.read');
    await t.hint(['1']);
    await t.rowsRing(row);
    await t.rowsRing(row);
    await t.run();
    expect(t.count('source.read') - reads).toBe(1);
    expect(t.count('target.identify')).toBe(0);
  });

  test('of a row that carries our reference finds its person, and need not be asked about again', async () => {
    const t = pairTown();
    t.atLeft('1', ADA);
    t.atRight('r1', { ...ADA, name: 'A.' });
    const row = t.rows.get('r1');
    if (row) t.rows.set('r1', { ...row, ref: '1' });
    await t.rowsRing('r1');
    await t.run();
    agree(t, '1', ADA);
    expect(t.count('source.match')).toBe(0);
    expect(await aliasOf(t.ports, PEOPLE, 'r1')).toBe('1');
    await t.later();
    await t.rowsRing('r1');
    await t.run();
    expect(t.count('target.identify')).toBe(1);
  });

  test.each(['match', 'ignore'] as const)(
    'of a stranger (%s) whom nobody matches is ignored',
    async (whenNew) => {
      const t = pairTown({ back: { whenNew } });
      t.atLeft('1', ADA);
      t.atRight('r1', { name: 'Bob', email: 'bob@x.org' });
      await t.rowsRing('r1');
      await t.run();
      expect(t.rows.get('r1')).toMatchObject({ fields: { name: 'Bob', email: 'bob@x.org' } });
      expect(t.ports.state.links.size).toBe(0);
      expect(t.ports.state.messages.size).toBe(0);
      expect(counted(t.ports.state, 'test-flow', 'stranger.ignored')).toBe(1);
      expect(t.count('source.match')).toBe(whenNew === 'match' ? 1 : 0);
    },
  );

  test('of one whom somebody would match is ignored where new ones are', async () => {
    const t = pairTown({ back: { whenNew: 'ignore' } });
    t.atLeft('1', ADA);
    t.atRight('r1', { email: 'ada@x.org' });
    await t.rowsRing('r1');
    await t.run();
    expect(t.targetOf('1')).toBe('none');
  });

  test('that several people match looks at each of them, and only one becomes its pair', async () => {
    const t = pairTown();
    t.atLeft('1', ADA);
    t.atLeft('2', { ...ADA, name: 'Augusta' });
    t.atRight('r1', { email: 'ada@x.org' });
    await t.rowsRing('r1');
    await t.run(1_800_000);
    expect(t.rows.get('r1')?.ref).toBe('1');
    expect(t.rows.size).toBe(1);
    expect((await t.link('2'))?.body?.outcomes[0]?.outcome).toBe('waiting');
  });

  test('of a row that is gone is ignored when it was nobody’s', async () => {
    const t = pairTown();
    await t.rowsRing('r9');
    await t.run();
    expect(counted(t.ports.state, 'test-flow', 'stranger.ignored')).toBe(1);
    expect(t.ports.state.messages.size).toBe(0);
  });

  test('of a row that was merged away answers for the one it went into', async () => {
    const t = pairTown();
    t.atLeft('1', ADA);
    mergeRows(t, ['r1'], { id: 'r2', ref: '1', values: { ...ADA, name: 'A.' } });
    await t.rowsRing('r1');
    await t.run();
    agree(t, '1', ADA);
    expect((await t.link('1'))?.body?.targetId).toBe('r2');
  });

  test('is asked about later while the target is down, for as long as that takes', async () => {
    const t = pairTown();
    t.atLeft('1', ADA);
    t.atRight('r1', { email: 'ada@x.org' });
    t.trouble.fail = ({ operation }) => {
      if (operation === 'target.identify') throw fault('unavailable');
    };
    await t.rowsRing('r1');
    await t.run(3_600_000);
    expect(t.ports.state.messages.size).toBe(1);
    expect(t.targetOf('1')).toBe('none');
    expect(counted(t.ports.state, 'test-flow', 'identify.failed.unavailable')).toBeGreaterThan(1);
    t.trouble.fail = () => undefined;
    await t.run();
    expect(t.targetOf('1')).toBe('r1');
  });

  test('does not hold up the hints that came with it', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta' });
    t.trouble.fail = ({ operation }) => {
      if (operation === 'target.identify')
        throw fault('rate-limited', { retryAfter: 600_000, vendor: 'intertie' });
    };
    await t.rowsRing('r9', row);
    await t.turn();
    agree(t, '1', { name: 'Augusta' });
    expect(t.ports.state.messages.size).toBe(1);
  });

  test('that the crosswalk knows needs no answer of the vendor', async () => {
    const t = pairTown();
    t.atLeft('1', ADA);
    await addAlias(t.ports, { ...PEOPLE, id: '1' }, 'old');
    await t.rowsRing('old');
    await t.run();
    agree(t, '1', ADA);
    expect(t.count('target.identify')).toBe(0);
  });
});

describe('a scan of the target', () => {
  test('has a cursor of its own, and sends each change once', async () => {
    const t = pairTown({ target: {} });
    const row = await t.paired('1', ADA);
    t.atRight(row, { name: 'Augusta' });
    t.rest.changes.push({ id: row, changeId: 'c1', at: t.clock.now() });
    await t.scans();
    await t.run();
    agree(t, '1', { name: 'Augusta' });
    const seen = [...t.ports.state.documents.keys()].filter((key) => key.startsWith('scan/'));
    expect(seen.sort()).toEqual(['scan/test-flow/people', 'scan/test-flow/people/target']);
    await t.later();
    await t.scans();
    expect(
      queued(t, 'live')
        .flatMap(({ records }) => records)
        .filter(({ id }) => id === `>${row}`),
    ).toEqual([]);
  });

  test('sends what cannot wait by the urgent lane', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.rest.changes.push({ id: row, changeId: 'c1', at: t.clock.now(), urgent: true });
    await t.scans();
    expect(queued(t, 'urgent').flatMap(({ records }) => records.map(({ id }) => id))).toEqual([`>${row}`]);
  });

  test.each([
    ['source', 'here', '>r1'],
    ['target', 'there', '1'],
  ] as const)('goes on while the %s cannot be asked, and says so in the end', async (side, vendor, sent) => {
    const t = pairTown();
    t.atLeft('1', ADA);
    t.rest.changes.push({ id: 'r1', changeId: 'c1', at: t.clock.now() });
    t.trouble.fail = ({ operation }) => {
      if (operation === `${side}.scan`) throw fault('unavailable', { vendor });
    };
    await expect(t.scans()).rejects.toMatchObject({ kind: 'unavailable', vendor });
    expect(queued(t, 'live').flatMap(({ records }) => records.map(({ id }) => id))).toEqual([sent]);
    t.trouble.fail = () => undefined;
    await t.later();
    const report = await t.during(scan(t.engine, t.flow, 'people', t.work()));
    expect(report).toMatchObject({ finished: true });
  });
});

describe('a row that is deleted', () => {
  test('is left alone, also when its person changes, until it is restored; then both sides are merged', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    const kept = t.rows.get(row);
    t.rows.delete(row);
    await t.rowsRing(row);
    await t.run();
    expect((await t.link('1'))?.body).toMatchObject({ state: 'absent', targetId: row });
    await t.later();
    t.atLeft('1', { name: 'Augusta' });
    await t.hint(['1']);
    await t.run();
    expect(t.rows.size).toBe(0);
    await t.later();
    if (kept) t.rows.set(row, kept);
    t.atRight(row, { tags: 'a;b;c' });
    await t.rowsRing(row);
    await t.run();
    agree(t, '1', { name: 'Augusta', tags: 'a;b;c' });
    expect((await t.link('1'))?.body?.state).toBe('present');
  });

  test('is made again where that is wanted, with what both sides last agreed on', async () => {
    const t = pairTown({ back: { whenDeleted: 'again' } });
    const row = await t.paired('1', { ...ADA, consent: 'denied' });
    t.rows.delete(row);
    await t.later();
    t.atLeft('1', { name: 'Augusta', consent: 'granted' });
    await t.hint(['1']);
    await t.run();
    agree(t, '1', { ...ADA, name: 'Augusta', consent: 'denied' });
    expect(t.targetOf('1')).not.toBe(row);
    expect(await workItems(t.ports, t.flow)).toEqual([expect.objectContaining({ field: 'consent' })]);
    await t.later();
    t.atRight(t.targetOf('1'), { name: 'Byron' });
    await t.rowsRing(t.targetOf('1'));
    await t.run();
    agree(t, '1', { name: 'Byron' });
  });

  test('under another one of its person is not touched, and the removal of a person removes it', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    t.people.delete('1');
    await t.hint(['1']);
    await t.run();
    expect(t.rows.has(row)).toBe(false);
    expect(t.outcomes().at(-1)).toBe('removed');
    expect(await t.pairOf('1')).toBeUndefined();
  });
});

describe('rows that are merged', () => {
  test('into one with a new id and our reference are followed, with what was edited there', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    mergeRows(t, [row, 'stranger'], {
      id: 'm1',
      ref: '1',
      values: { ...ADA, name: 'Augusta', tags: 'a;b;c' },
    });
    await t.rowsRing('m1');
    await t.run();
    expect((await t.link('1'))?.body?.targetId).toBe('m1');
    agree(t, '1', { name: 'Augusta', tags: 'a;b;c' });
    expect(await aliasOf(t.ports, PEOPLE, 'm1')).toBe('1');
    await t.later();
    t.atRight('m1', { name: 'Byron' });
    await t.rowsRing(row);
    await t.run();
    agree(t, '1', { name: 'Byron' });
  });

  test('into one that is nobody’s are followed, and it is given our reference', async () => {
    const t = pairTown();
    const row = await t.paired('1', ADA);
    mergeRows(t, [row], { id: 'm1', values: ADA });
    await t.hint(['1']);
    await t.run();
    expect(t.rows.get('m1')?.ref).toBe('1');
    agree(t, '1', ADA);
  });

  test('of two people into one that is nobody’s are one person’s only, also when both ring together', async () => {
    const t = pairTown();
    const rows = [await t.paired('1', ADA), await t.paired('2', { ...ADA, email: 'bob@x.org' })];
    mergeRows(t, rows, { id: 'm1', values: { ...ADA, email: 'bob@x.org' } });
    await t.rowsRing(...rows);
    await t.run();
    expect(t.rows.get('m1')?.ref).toBe('1');
    expect(await workItems(t.ports, t.flow)).toEqual([
      expect.objectContaining({ id: '2', field: '', left: '2', right: '1' }),
    ]);
  });

  /** The rows of two people become one, which carries the reference of the second. */
  async function twoInOne(): Promise<PairTown> {
    const t = pairTown();
    const [first, second] = [await t.paired('1', ADA), await t.paired('2', { ...ADA, email: 'bob@x.org' })];
    mergeRows(t, [first, second], { id: 'm1', ref: '2', values: { ...ADA, email: 'bob@x.org' } });
    await t.rowsRing(first, second);
    await t.run();
    return t;
  }
  const choice = { collection: 'people', id: '1', field: '' };

  test('that were two people’s are one person’s, and the other is a person’s to decide', async () => {
    const t = await twoInOne();
    agree(t, '2', { email: 'bob@x.org' });
    const [item, ...others] = await workItems(t.ports, t.flow);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ ...choice, left: '1', right: '2' });
    await t.later();
    t.atLeft('1', { name: 'Augusta' });
    await t.hint(['1']);
    await t.run();
    expect(t.both('2').right).toMatchObject({ name: 'Ada' });
    expect(await workItems(t.ports, t.flow)).toEqual([item]);
  });

  test('give the other one a record of its own again when somebody says so', async () => {
    const t = await twoInOne();
    await t.later();
    await decideItem(t.engine, t.flow, choice, 'left');
    await t.run();
    agree(t, '1', { email: 'ada@x.org' });
    agree(t, '2', { email: 'bob@x.org' });
    expect(t.targetOf('1')).not.toBe(t.targetOf('2'));
    expect(await workItems(t.ports, t.flow)).toEqual([]);
    await t.later();
    t.atRight(t.targetOf('1'), { name: 'Augusta' });
    await t.rowsRing(t.targetOf('1'));
    await t.run();
    agree(t, '1', { name: 'Augusta' });
    agree(t, '2', { name: 'Ada' });
  });

  test('leave the other one without a record when somebody says so', async () => {
    const t = await twoInOne();
    await t.later();
    await decideItem(t.engine, t.flow, choice, 'right');
    await t.run();
    expect(t.both('1').right).toBeUndefined();
    expect(await workItems(t.ports, t.flow)).toEqual([]);
    expect((await t.link('1'))?.body?.state).toBe('absent');
  });
});
