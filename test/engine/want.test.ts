import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../shared/engine/fault.ts';
import type { Collection, EndPolicy, Mapped } from '../../shared/engine/flow.ts';
import { wanted } from '../../shared/engine/want.ts';
import { fault, town } from './town.ts';

const NOW = 1_700_000_000_000;
const [people] = town().flow.collections;
const present = { state: 'present', record: {} } as const;

function mapping(mapped: Mapped, more: Partial<Collection> = {}): Collection {
  return { ...people, map: () => mapped, ...more };
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

describe('a record that is there', () => {
  test('is put with what the mapping says, and tells whom it concerns', () => {
    const mapped: Mapped = { kind: 'present', fields: { a: 1 }, affects: ['7'], basis: 'x', recheckAt: 9 };
    const want = wanted(mapping(mapped), present, NOW);
    expect(want).toEqual({
      do: 'put',
      fields: { a: 1 },
      affects: ['people/7'],
      basis: expect.stringMatching(/^[0-9a-f]{12}$/),
      recheckAt: 9,
    });
  });

  test('keeps only a hash of the basis', () => {
    const basisOf = (basis: string) =>
      wanted(mapping({ kind: 'present', fields: {}, basis }), present, NOW).basis;
    expect(basisOf('ada@example.org')).not.toContain('ada');
    expect(basisOf('a')).toBe(basisOf('a'));
    expect(basisOf('a')).not.toBe(basisOf('b'));
    expect(basisOf('')).toBeDefined();
  });

  test('is mapped with the moment it is told', () => {
    const seen: unknown[] = [];
    const collection: Collection = {
      ...people,
      map: (record, { now }) => {
        seen.push(record, now);
        return { kind: 'present', fields: {} };
      },
    };
    wanted(collection, { state: 'present', record: 'r' }, NOW);
    expect(seen).toEqual(['r', NOW]);
  });

  test('waits for another, with its name', () => {
    const collection = mapping({ kind: 'waiting', for: 'people/7', because: 'its household is not there' });
    expect(thrownBy(() => wanted(collection, present, NOW))).toMatchObject({
      kind: 'waiting',
      vendor: 'intertie',
      operation: 'map people',
      message: 'its household is not there',
      waitingFor: 'people/7',
    });
  });

  test('is rejected, with the field', () => {
    const collection = mapping({ kind: 'rejected', field: 'email', because: 'it has no @' });
    expect(thrownBy(() => wanted(collection, present, NOW))).toMatchObject({
      kind: 'rejected',
      field: 'email',
      message: 'it has no @',
    });
  });

  test('is a bug when its mapping throws, whatever it held', () => {
    const collection: Collection = {
      ...people,
      map: () => {
        throw new RangeError('ada@example.org');
      },
    };
    const thrown = thrownBy(() => wanted(collection, present, NOW));
    expect(thrown).toMatchObject({ kind: 'bug', operation: 'map people' });
    expect(String(thrown)).not.toContain('ada');
  });
});

describe('a record that has ended', () => {
  const policies: [string, EndPolicy, object][] = [
    ['removed', 'remove', { do: 'remove' }],
    ['left alone', 'keep', { do: 'nothing' }],
    ['marked', { mark: { status: 'gone' } }, { do: 'mark', fields: { status: 'gone' } }],
  ];

  /** The policy of one end, and another one for the other ends. */
  function ending(which: 'whenGone' | 'whenMerged' | 'whenAbsent', policy: EndPolicy): Collection {
    const other: EndPolicy = policy === 'remove' ? 'keep' : 'remove';
    const others = { whenGone: other, whenMerged: other, whenAbsent: other };
    return mapping({ kind: 'absent', because: 'hidden', affects: ['8'] }, { ...others, [which]: policy });
  }

  test.each(policies)('is %s when it is deleted, if that is the policy', (_name, policy, does) => {
    expect(wanted(ending('whenGone', policy), { state: 'gone' }, NOW)).toEqual({
      ...does,
      state: 'gone',
      because: 'deleted at the source',
      affects: [],
    });
  });

  test.each(policies)('is %s when it is merged, and its survivor is told', (_name, policy, does) => {
    expect(wanted(ending('whenMerged', policy), { state: 'merged', into: '7' }, NOW)).toEqual({
      ...does,
      state: 'gone',
      because: 'merged into 7 at the source',
      affects: ['people/7'],
    });
  });

  test.each(policies)('is %s when the mapping keeps it away', (_name, policy, does) => {
    expect(wanted(ending('whenAbsent', policy), present, NOW)).toEqual({
      ...does,
      state: 'absent',
      because: 'hidden',
      affects: ['people/8'],
    });
  });
});

describe('any reading', () => {
  test('throws the fault of an unreadable one', () => {
    const unreadable: Fault = fault('rejected', { field: 'email' });
    expect(thrownBy(() => wanted(people, { state: 'unreadable', fault: unreadable }, NOW))).toBe(unreadable);
  });

  test('names those it concerns within its own collection, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (affects) => {
        const want = wanted(mapping({ kind: 'present', fields: {}, affects }), present, NOW);
        expect(want.affects).toEqual(affects.map((id) => `people/${id}`));
        expect('basis' in want || 'recheckAt' in want).toBe(false);
      }),
    );
  });
});
