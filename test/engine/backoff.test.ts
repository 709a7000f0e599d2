import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageDelay, bucketed, retryDelay } from '../../shared/engine/backoff.ts';

const spread = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const duration = fc.integer({ min: 0, max: 14 * 86_400_000 });

describe('retryDelay', () => {
  test.each([
    [0, 0, 0],
    [0, 1, 5_000],
    [1, 1, 10_000],
    [2, 0.5, 10_000],
    [7, 1, 640_000],
    [8, 1, 900_000],
    [1_000, 1, 900_000],
  ])('attempt %i at spread %d waits %i ms', (attempt, at, expected) => {
    expect(retryDelay(attempt, at)).toBe(expected);
  });

  test('is whole, between nothing and a quarter of an hour, and never shorter for a later attempt', () => {
    fc.assert(
      fc.property(fc.nat(1_000), spread, (attempt, at) => {
        const delay = retryDelay(attempt, at);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(900_000);
        expect(retryDelay(attempt + 1, at)).toBeGreaterThanOrEqual(delay);
      }),
    );
  });
});

describe('ageDelay', () => {
  const bounds = { least: 1_000, most: 60_000 };

  test.each([
    [0, 0.9, 1_000],
    [1_000, 0.9, 1_000],
    [5_000, 0, 1_000],
    [5_000, 1, 5_000],
    [5_000, 0.5, 3_000],
    [10 * 60_000, 1, 60_000],
    [-5_000, 1, 1_000],
  ])('an age of %i ms at spread %d waits %i ms', (age, at, expected) => {
    expect(ageDelay(age, at, bounds)).toBe(expected);
  });

  test('keeps its bounds and waits no longer than the record already has, above the least', () => {
    fc.assert(
      fc.property(duration, spread, (age, at) => {
        const delay = ageDelay(age, at, bounds);
        expect(delay).toBeGreaterThanOrEqual(bounds.least);
        expect(delay).toBeLessThanOrEqual(Math.min(bounds.most, Math.max(age, bounds.least)));
      }),
    );
  });
});

describe('bucketed', () => {
  test.each([
    [0, 0],
    [1, 1_000],
    [1_000, 1_000],
    [29_999, 30_000],
    [30_000, 30_000],
    [30_001, 35_000],
    [299_999, 300_000],
    [300_000, 300_000],
    [300_001, 330_000],
  ])('%i ms becomes %i ms', (delay, expected) => {
    expect(bucketed(delay)).toBe(expected);
  });

  test('rounds up by less than a sixth or a second, keeps order, and has nothing left to round', () => {
    fc.assert(
      fc.property(duration, duration, (one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        const rounded = bucketed(less);
        expect(rounded).toBeGreaterThanOrEqual(less);
        expect(rounded - less).toBeLessThan(Math.max(1_000, less / 6));
        expect(bucketed(more)).toBeGreaterThanOrEqual(rounded);
        expect(bucketed(rounded)).toBe(rounded);
      }),
    );
  });
});
