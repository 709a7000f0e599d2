import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hint } from '../../shared/engine/change-event.ts';
import { type DecisionContext, decide } from '../../shared/engine/decide.ts';
import { FAULT_KINDS, type FaultKind } from '../../shared/engine/fault.ts';
import { fault } from './town.ts';

const NOW = 1_700_000_000_000;
const HORIZON = 7 * 86_400_000;
const context: DecisionContext = {
  now: NOW,
  maxAttempts: 5,
  horizon: HORIZON,
  breakerClosed: true,
  spread: 0.5,
};
const aged = (age: number, attempt = 0): Hint => ({
  id: '1',
  observedAt: NOW - age,
  firstObservedAt: NOW - age,
  attempt,
});
const decided = (kind: FaultKind, hint: Hint, some: Partial<DecisionContext> = {}) =>
  decide(fault(kind, { message: 'words' }), hint, { ...context, ...some });

describe('decide', () => {
  test.each(['rejected', 'bug'] as const)('%s parks at once, with the words', (kind) => {
    expect(decided(kind, aged(0))).toEqual({ do: 'park', reason: `${kind}: words` });
  });

  test.each(['rate-limited', 'unavailable', 'auth-expired', 'contract-changed'] as const)(
    '%s is tried again, spends nothing however often, and parks beyond the horizon',
    (kind) => {
      expect(decided(kind, aged(9_000, 1_000))).toEqual({ do: 'retry', delay: 5_000, spendsAttempt: false });
      expect(decided(kind, aged(HORIZON)).do).toBe('retry');
      expect(decided(kind, aged(HORIZON + 1))).toEqual({
        do: 'park',
        reason: `retry horizon passed, last ${kind}: words`,
      });
    },
  );

  test('what the vendor asks for is a floor', () => {
    const asked = decide(fault('rate-limited', { retryAfter: 120_000 }), aged(9_000), context);
    expect(asked).toMatchObject({ do: 'retry', delay: 120_000 });
    const less = decide(fault('rate-limited', { retryAfter: 1 }), aged(9_000), context);
    expect(less).toMatchObject({ do: 'retry', delay: 5_000 });
  });

  test('waiting is rung or looked at again, up to a quarter of an hour, until the horizon', () => {
    expect(decided('waiting', aged(0))).toEqual({ do: 'wait', delay: 2_000 });
    expect(decided('waiting', aged(86_400_000), { spread: 1 })).toEqual({ do: 'wait', delay: 900_000 });
    expect(decided('waiting', aged(HORIZON + 1))).toEqual({
      do: 'park',
      reason: 'retry horizon passed, waiting: words',
    });
  });

  test('a conflict spends attempts and parks at the last', () => {
    expect(decided('conflict', aged(0, 3))).toEqual({ do: 'retry', delay: 20_000, spendsAttempt: true });
    expect(decided('conflict', aged(0, 4))).toEqual({ do: 'park', reason: 'conflict: words' });
    expect(decided('conflict', aged(HORIZON + 1)).do).toBe('park');
  });

  test('an unknown outcome is quarantined; it counts only while the breaker is closed', () => {
    expect(decided('unknown-outcome', aged(0, 3))).toEqual({ do: 'quarantine', spendsAttempt: true });
    expect(decided('unknown-outcome', aged(0, 4))).toMatchObject({ do: 'park' });
    expect(decided('unknown-outcome', aged(0, 4), { breakerClosed: false })).toEqual({
      do: 'quarantine',
      spendsAttempt: false,
    });
    expect(decided('unknown-outcome', aged(HORIZON + 1), { breakerClosed: false }).do).toBe('park');
  });
});

describe('any decision', () => {
  test('ends: beyond the horizon everything parks, and every counted retry is bounded', () => {
    const anything = fc.record({
      kind: fc.constantFrom(...FAULT_KINDS),
      age: fc.integer({ min: 0, max: 2 * HORIZON }),
      attempt: fc.nat(20),
      spread: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      breakerClosed: fc.boolean(),
    });
    fc.assert(
      fc.property(anything, ({ kind, age, attempt, spread, breakerClosed }) => {
        const decision = decided(kind, aged(age, attempt), { spread, breakerClosed });
        if (age > HORIZON) expect(decision.do).toBe('park');
        if (decision.do === 'park') expect(decision.reason).toContain('words');
        else if ('spendsAttempt' in decision && decision.spendsAttempt)
          expect(attempt + 1).toBeLessThan(context.maxAttempts);
        if ('delay' in decision) expect(decision.delay).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
