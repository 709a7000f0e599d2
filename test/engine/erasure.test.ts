import { describe, expect, test } from 'vitest';
import { decideItem, workItems } from '../../shared/engine/work-items.ts';
import { type PairTown, type PairTownOptions, pairTown } from './pair-town.ts';
import { fault } from './town.ts';

const ADA = { name: 'Ada', email: 'ada@x.org', consent: 'granted', tags: 'a', title: 'Dr' };

/** A town where people can be erased on request at both sides. */
function town(options: PairTownOptions = {}) {
  const erased: string[] = [];
  const t: PairTown = pairTown({
    ...options,
    back: { identity: ({ email }) => (typeof email === 'string' ? [email] : []), ...options.back },
    target: {
      erase: async (_session, id) => {
        erased.push(id);
        t.rows.delete(id);
        return { ok: true };
      },
      ...options.target,
    },
  });
  const [collection] = t.flow.collections;
  if (!collection?.back) throw new Error('the town has no way back');
  collection.back.writer.erase = async (_session, id) => {
    erased.push(id);
    return { ok: true };
  };
  const gone = new Set<string>();
  const { readOne } = collection.source;
  collection.source.readOne = async (session, id) =>
    gone.has(id) ? { state: 'gone', erased: true } : readOne(session, id);
  const decide = async (id: string, keep: 'left' | 'right') => {
    await decideItem(t.engine, t.flow, { collection: 'people', id, field: '' }, keep);
    await t.run();
    await t.later();
  };
  const items = () => workItems(t.ports, t.flow);
  return { ...t, erased, gone, decide, items };
}

/** The left side says that this person was erased there. */
async function erasedAtLeft(t: ReturnType<typeof town>, id: string): Promise<void> {
  t.gone.add(id);
  t.people.delete(id);
  await t.hint([id]);
  await t.run();
  await t.later();
}

describe('who was erased at the target', () => {
  test.each(['leave', 'again'] as const)(
    'is asked about, and not made again (whenDeleted %s)',
    async (whenDeleted) => {
      const t = town({ back: { whenDeleted } });
      const row = await t.paired('1', ADA);
      t.rows.delete(row);
      await t.rings({ collection: 'people', id: row, atTarget: true, erased: true });
      await t.run();
      expect(t.rows.size).toBe(0);
      expect(await t.items()).toEqual([expect.objectContaining({ field: '', right: 'erased' })]);
      await t.decide('1', 'right');
      expect(t.erased).toEqual(['1']);
      expect(await t.pairOf('1')).toBeUndefined();
    },
  );

  test('is not made again before the source has carried out the erasure, however often it rings', async () => {
    const t = town({ back: { identity: () => [] } });
    const row = await t.paired('1', ADA);
    t.rows.delete(row);
    await t.rings({ collection: 'people', id: row, atTarget: true, erased: true });
    await t.run();
    await t.later();
    await t.decide('1', 'right');
    for (const name of ['Augusta', 'Byron', 'Lovelace']) {
      t.atLeft('1', { name });
      await t.hint(['1']);
      await t.run();
      await t.later();
    }
    expect(t.rows.size).toBe(0);
    expect((await t.link('1'))?.body?.erasedAt).toBeDefined();
  });

  test('is found also where the record had been merged into another one before', async () => {
    const t = town();
    const row = await t.paired('1', ADA);
    t.rows.delete(row);
    t.rest.mergedInto.set(row, 'r9');
    await t.rings({ collection: 'people', id: 'r9', atTarget: true, erased: true });
    await t.hint(['1']);
    await t.run();
    expect(await t.items()).toEqual([expect.objectContaining({ field: '', right: 'erased' })]);
  });
});

test('an erasure of the row that two had become is asked about before one of them gets a row of its own again', async () => {
  const t = town();
  const row = await t.paired('1', ADA);
  const other = await t.paired('2', { ...ADA, email: 'other@x.org' });
  t.rows.delete(row);
  t.rest.mergedInto.set(row, other);
  await t.hint(['1']);
  await t.run();
  await t.later();
  t.rows.delete(other);
  await t.rings({ collection: 'people', id: other, atTarget: true, erased: true });
  await t.decide('1', 'left');
  expect(t.rows.size).toBe(0);
  const erased = expect.objectContaining({ right: 'erased' });
  expect(await t.items()).toEqual([erased, erased]);
});

describe('who was erased at the source', () => {
  const anew = async (t: ReturnType<typeof town>) => {
    t.atLeft('2', ADA);
    await t.hint(['2']);
    await t.run();
    await t.later();
  };

  test('is erased at the target once somebody agrees, and is not made anew under another id', async () => {
    const t = town();
    const row = await t.paired('1', ADA);
    await erasedAtLeft(t, '1');
    expect(t.erased).toEqual([]);
    expect(await t.items()).toEqual([expect.objectContaining({ field: '', left: 'erased' })]);
    await t.decide('1', 'left');
    expect(t.erased).toEqual([row]);
    await anew(t);
    expect(t.rows.size).toBe(0);
  });

  test('stays at the target where somebody decides so', async () => {
    const t = town();
    await t.paired('1', ADA);
    await erasedAtLeft(t, '1');
    await t.decide('1', 'right');
    expect(t.erased).toEqual([]);
    expect(t.rows.size).toBe(1);
  });

  test('is recognised also after an erasure whose answer was lost', async () => {
    const t = town();
    const row = await t.paired('1', ADA);
    const { target } = t.flow.collections[0] ?? {};
    const erase = target?.erase;
    if (!target || !erase) throw new Error('nobody can be erased in this town');
    target.erase = async (session, id) => {
      target.erase = erase;
      await erase(session, id);
      throw fault('unknown-outcome');
    };
    await erasedAtLeft(t, '1');
    await t.decide('1', 'left');
    expect(t.erased).toEqual([row, row]);
    await anew(t);
    expect(t.rows.size).toBe(0);
  });

  test('is recognised also where the record at the target was in the bin', async () => {
    const t = town();
    const row = await t.paired('1', ADA);
    await erasedAtLeft(t, '1');
    t.rows.delete(row);
    await t.decide('1', 'left');
    await anew(t);
    expect(t.rows.size).toBe(0);
  });

  test('is asked about although something else about the records had been decided', async () => {
    const t = town();
    const row = await t.paired('1', ADA);
    const other = await t.paired('2', { ...ADA, email: 'other@x.org' });
    t.rows.delete(row);
    t.rest.mergedInto.set(row, other);
    await t.hint(['1']);
    await t.run();
    await t.later();
    const [item] = await t.items();
    expect(item?.because).toContain('was merged with that of people/2');
    t.gone.add('1');
    t.people.delete('1');
    await t.decide('1', 'left');
    expect(t.erased).toEqual([]);
    expect(await t.items()).toEqual([expect.objectContaining({ field: '', left: 'erased' })]);
    await t.decide('1', 'left');
    expect(t.erased).toEqual([]);
    expect((await t.link('1'))?.body?.parked?.reason).toContain('who was not erased');
    expect(t.rows.has(other)).toBe(true);
  });
});
