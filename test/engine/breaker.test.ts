import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Breaker,
  closedBreaker,
  isOpen,
  onFailure,
  onSuccess,
  rampLimit,
  tryProbe,
} from '../../shared/engine/breaker.ts';

const NOW = 1_700_000_000_000;

function failed(times: number, from: Breaker = closedBreaker, now = NOW): Breaker {
  let breaker = from;
  for (let count = 0; count < times; count += 1) breaker = onFailure(breaker, now, 0.5);
  return breaker;
}

describe('a breaker', () => {
  test('opens at the fifth failure in a row and not before', () => {
    expect(isOpen(failed(4))).toBe(false);
    expect(failed(5)).toEqual({ failures: 5, pauses: 1, openUntil: NOW + 5_000, openedAt: NOW });
  });

  test('forgets failures that a success interrupts', () => {
    const healed = onSuccess(failed(4), NOW);
    expect(healed).toEqual({ failures: 0, pauses: 0 });
    expect(isOpen(failed(4, healed))).toBe(false);
  });

  test('a success with nothing to mend changes nothing', () => {
    expect(onSuccess(closedBreaker, NOW)).toBeUndefined();
  });

  test('lets one probe through when the pause is over, and nobody else for thirty seconds', () => {
    const open = failed(5);
    expect(tryProbe(open, NOW + 4_999)).toBeUndefined();
    const probing = tryProbe(open, NOW + 5_000);
    expect(probing?.openUntil).toBe(NOW + 35_000);
    expect(probing && tryProbe(probing, NOW + 34_999)).toBeUndefined();
    expect(probing && tryProbe(probing, NOW + 35_000)).toBeDefined();
  });

  test('there is nothing to probe while it is closed', () => {
    expect(tryProbe(closedBreaker, NOW)).toBeUndefined();
  });

  test('every failed probe doubles the pause, up to a minute; the outage keeps its beginning', () => {
    let breaker = failed(5);
    let now = NOW;
    const pauses: number[] = [];
    for (let probe = 0; probe < 6; probe += 1) {
      now = breaker.openUntil ?? 0;
      breaker = onFailure(tryProbe(breaker, now) ?? breaker, now, 0.5);
      pauses.push((breaker.openUntil ?? 0) - now);
    }
    expect(pauses).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    expect(breaker.openedAt).toBe(NOW);
  });

  test('calls that were under way when it opened do not lengthen the pause', () => {
    expect(failed(25)).toEqual({ ...failed(5), failures: 25 });
  });

  test('a success closes it wholly and starts the ramp', () => {
    const healed = onSuccess(failed(7), NOW + 9_000);
    expect(healed).toEqual({ failures: 0, pauses: 0, healedAt: NOW + 9_000 });
    expect(failed(5, healed, NOW + 10_000).openUntil).toBe(NOW + 15_000);
  });

  test.each([
    [0, 4],
    [1_000, 8],
    [3_000, 32],
    [9_000, 2_048],
    [10_000, undefined],
    [-5_000, 4],
  ])('%i ms after healing the ramp allows %s calls a second', (after, expected) => {
    expect(rampLimit({ ...closedBreaker, healedAt: NOW }, NOW + after)).toBe(expected);
  });

  test('an account that never failed has no ramp', () => {
    expect(rampLimit(closedBreaker, NOW)).toBeUndefined();
  });
});

describe('any history of a breaker', () => {
  const event = fc.record({
    kind: fc.constantFrom('failure' as const, 'success' as const, 'probe' as const),
    after: fc.integer({ min: 0, max: 90_000 }),
    spread: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  test('is open exactly when at least five failures came since the last success, and never for over 75 s', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let breaker = closedBreaker;
        let now = NOW;
        let inARow = 0;
        for (const { kind, after, spread } of events) {
          now += after;
          if (kind === 'failure') {
            breaker = onFailure(breaker, now, spread);
            inARow += 1;
          } else if (kind === 'success') {
            breaker = onSuccess(breaker, now) ?? breaker;
            inARow = 0;
          } else breaker = tryProbe(breaker, now) ?? breaker;
          expect(isOpen(breaker)).toBe(inARow >= 5);
          if (breaker.openUntil !== undefined) expect(breaker.openUntil - now).toBeLessThanOrEqual(75_000);
        }
      }),
    );
  });
});
