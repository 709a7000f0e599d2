import { describe, expect, test } from 'vitest';
import type { Read } from '../../shared/engine/resource.ts';
import { decideItem } from '../../shared/engine/work-items.ts';
import { pairTown } from './pair-town.ts';

/** A town whose people can be merged at the left side; their rows are merged as well. */
function town() {
  const merged = new Map<string, string>();
  const writes: string[] = [];
  const t = pairTown({ collection: { whenMerged: 'merge' } });
  const [collection] = t.flow.collections;
  if (!collection) throw new Error('the town has no people');
  const { source, target } = collection;
  const { readOne } = source;
  source.readOne = async (session, id): Promise<Read<unknown>> => {
    const into = merged.get(id);
    return into === undefined ? readOne(session, id) : { state: 'merged', into };
  };
  const { write } = target;
  target.write = async (session, all) => {
    for (const { kind, ref, into } of all)
      writes.push(`${kind} ${ref}${into === undefined ? '' : ` ${into}`}`);
    return write(session, all);
  };
  const merge = async (loser: string, winner: string) => {
    merged.set(loser, winner);
    t.people.delete(loser);
    await t.hint([loser]);
    await t.run();
    await t.later();
  };
  return { ...t, merged, writes, merge };
}

const who = (name: string) => ({ name, email: `${name}@x.org` });

describe('who was merged at the source', () => {
  test('goes into the row of the last of a chain of merges', async () => {
    const t = town();
    await t.paired('1', who('ada'));
    await t.paired('2', who('augusta'));
    const last = await t.paired('3', who('byron'));
    t.merged.set('2', '3');
    t.people.delete('2');
    t.writes.length = 0;
    await t.merge('1', '2');
    expect(t.writes).toEqual([`merge 1 ${last}`]);
  });

  test('goes with whom they were merged into, where that one is gone by now', async () => {
    const t = town();
    const row = await t.paired('1', who('ada'));
    t.writes.length = 0;
    await t.merge('1', '2');
    expect(t.writes).toEqual(['remove 1']);
    expect(t.rows.has(row)).toBe(false);
  });

  test('is taken away where people have deleted the row of whom they were merged into, instead of waiting for it', async () => {
    const t = town();
    await t.paired('1', who('ada'));
    const other = await t.paired('2', who('augusta'));
    t.rows.delete(other);
    await t.hint(['2']);
    await t.run();
    await t.later();
    t.writes.length = 0;
    await t.merge('1', '2');
    expect(t.writes).toEqual(['remove 1']);
  });

  test('waits for whom they were merged into, while that one is not at the target yet', async () => {
    const t = town();
    await t.paired('1', who('ada'));
    t.atLeft('2', who('augusta'));
    await t.merge('1', '2');
    expect(t.outcomes()).toContain('waiting');
    expect(t.writes).toContain('create 2');
    expect(t.writes.at(-1)).toBe(`merge 1 ${t.targetOf('2')}`);
  });
});

test('two that are merged at both sides keep their one row, also where it is the other one’s', async () => {
  const t = town();
  const row = await t.paired('1', who('ada'));
  const other = await t.paired('2', who('augusta'));
  t.rows.delete(other);
  t.rest.mergedInto.set(other, row);
  await t.hint(['2']);
  await t.run();
  await t.later();
  await t.merge('1', '2');
  await t.hint(['2']);
  await t.run();
  expect([...t.rows].map(([id, { ref }]) => [id, ref])).toEqual([[row, '2']]);
  expect((await t.link('2'))?.body).toMatchObject({ targetId: row, state: 'present' });
  expect(await t.pairOf('2')).not.toHaveProperty('items');
});

test('a record that is to have its own again gets it, although the one that both were is gone', async () => {
  const t = pairTown();
  const row = await t.paired('1', who('ada'));
  const other = await t.paired('2', who('augusta'));
  t.rows.delete(row);
  t.rest.mergedInto.set(row, other);
  await t.hint(['1']);
  await t.run();
  await t.later();
  t.rows.delete(other);
  await decideItem(t.engine, t.flow, { collection: 'people', id: '1', field: '' }, 'left');
  await t.run();
  expect([...t.rows.values()].map(({ ref }) => ref)).toEqual(['1']);
});
