import { expect, test } from 'vitest';
import type { Identity, Read, Target } from '../../shared/engine/resource.ts';
import { survivors } from '../../shared/engine/survivor.ts';
import { testSession } from '../connectors/session.ts';

type Reads = Readonly<Record<string, Read<Identity>>>;

const merged = (into: string): Read<Identity> => ({ state: 'merged', into });
const here = (ref: string): Read<Identity> => ({ state: 'present', record: { ref, fields: {} } });

/** A target that tells who its records are, and how often it was asked. */
function targetWith(reads: Reads): { target: Target; asked: string[][] } {
  const asked: string[][] = [];
  const nothing = async () => new Map<never, never>();
  const target: Target = {
    account: { vendor: 'demo', name: 'main', limits: () => ({}) },
    title: 'rows',
    batchSize: 100,
    readLag: 0,
    lateness: 0,
    lookup: 'before-create',
    read: nothing,
    readOne: async () => ({ state: 'gone' }),
    find: nothing,
    write: nothing,
    list: async () => ({ items: [] }),
    identify: async (_session, ids) => {
      asked.push([...ids]);
      return new Map(ids.flatMap((id) => (reads[id] ? [[id, reads[id]] as const] : [])));
    },
  };
  return { target, asked };
}

const ask = (target: Target, ids: string[]) =>
  survivors(testSession({ account: 'demo/main', secret: {} }), target, ids);

test('a chain of merges is followed to its end, all chains together', async () => {
  const { target, asked } = targetWith({
    a: merged('b'),
    b: merged('c'),
    c: here('1'),
    x: merged('c'),
    y: here('2'),
  });
  const found = await ask(target, ['a', 'x', 'y', 'a']);
  expect([...found].map(([id, { into, read }]) => [id, into, read?.state])).toEqual([
    ['a', 'c', 'present'],
    ['x', 'c', 'present'],
    ['y', 'y', 'present'],
  ]);
  expect(asked).toEqual([
    ['a', 'x', 'y'],
    ['b', 'c'],
  ]);
});

test('merges that lead round in a circle end as merged, and what the target does not know as unknown', async () => {
  const { target } = targetWith({ a: merged('b'), b: merged('a') });
  const found = await ask(target, ['a', 'lost']);
  expect(found.get('a')?.read?.state).toBe('merged');
  expect(found.get('lost')).toEqual({ into: 'lost', read: undefined });
});
