import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PositionSchema, positionOf, after as since, type Version } from '../../shared/engine/history.ts';

/** A history at moments that never go back, several of them the same. */
const aHistory = fc
  .array(fc.record({ value: fc.constantFrom('a', 'b'), wait: fc.constantFrom(0, 0, 1, 5) }), {
    maxLength: 12,
  })
  .map((steps) => {
    let at = 1_000;
    return steps.map(({ value, wait }): Version => {
      at += wait;
      return { value, at, by: 'other' };
    });
  });

describe('a position', () => {
  test('of nothing is none, and everything comes after none', () => {
    expect(positionOf([])).toBeUndefined();
    fc.assert(
      fc.property(aHistory, (history) => {
        expect(since(history, undefined)).toEqual(history);
      }),
    );
  });

  test('splits a history where it was taken, also between versions of one moment', () => {
    fc.assert(
      fc.property(aHistory, fc.nat(12), (history, cut) => {
        expect(since(history, positionOf(history.slice(0, cut)))).toEqual(history.slice(cut));
      }),
    );
  });

  test('splits in the same place when the vendor has dropped its oldest versions, moments whole', () => {
    fc.assert(
      fc.property(aHistory, fc.nat(12), fc.nat(12), (history, cut, drop) => {
        const seen = positionOf(history.slice(0, cut));
        const from = history[drop]?.at ?? Number.POSITIVE_INFINITY;
        const kept = history.filter(({ at }) => at >= from);
        expect(since(kept, seen)).toEqual(history.slice(cut).filter(({ at }) => at >= from));
      }),
    );
  });

  test('can be stored', () => {
    fc.assert(
      fc.property(aHistory, (history) => {
        const position = positionOf(history);
        expect(PositionSchema.optional().parse(position)).toEqual(position);
      }),
    );
  });

  test('moves on when nothing is left of what it was taken of', () => {
    const seen = positionOf([{ value: 'a', at: 5, by: 'us' }]);
    const later: Version = { value: 'b', at: 9, by: 'other' };
    expect(since([later], seen)).toEqual([later]);
    expect(since([{ ...later, at: 4 }], seen)).toEqual([]);
  });
});
