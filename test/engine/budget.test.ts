import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Budget,
  countDaily,
  GRANT_VALID,
  learn,
  newBudget,
  quietUntil,
  type Rate,
  rateOf,
  returnSlot,
  takeCalls,
  takeSlot,
} from '../../shared/engine/budget.ts';
import type { Lane } from '../../shared/engine/change-event.ts';

const NOW = 1_700_000_000_000;
const fresh = newBudget(NOW);

const LIMITS = [
  { calls: 190, windowMs: 10_000 },
  { calls: 100, windowMs: 10_000 },
  { calls: 5, windowMs: 1_000 },
  { calls: 10, windowMs: 1_000 },
  { calls: 40, windowMs: 60_000 },
  { calls: 1, windowMs: 1_000 },
  { calls: 500, windowMs: 60_000 },
  { calls: 1, windowMs: 60_000 },
];

function rateFor(limit: { calls: number; windowMs: number }): Rate {
  const rate = rateOf({ rate: limit }, fresh);
  if (!rate) throw new Error('a stated limit has a rate');
  return rate;
}

/** The most calls that lie in any window of this length, both ends included. */
function mostWithin(moments: readonly number[], windowMs: number): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [at, moment] of sorted.entries()) {
    while ((sorted[from] ?? moment) <= moment - windowMs) from += 1;
    most = Math.max(most, at - from + 1);
  }
  return most;
}

describe('rateOf', () => {
  test('an account without a limit has no rate', () => {
    expect(rateOf({}, fresh)).toBeUndefined();
  });

  test('the smaller of what is configured and what the vendor told counts', () => {
    const learned = { ...fresh, learned: { calls: 50, windowMs: 10_000 } };
    const configured = { rate: { calls: 100, windowMs: 10_000 } };
    expect(rateOf(configured, learned)).toEqual(rateFor({ calls: 50, windowMs: 10_000 }));
    expect(rateOf({ rate: { calls: 20, windowMs: 10_000 } }, learned)).toEqual(
      rateFor({ calls: 20, windowMs: 10_000 }),
    );
    expect(rateOf({}, learned)).toEqual(rateFor({ calls: 50, windowMs: 10_000 }));
  });
});

describe('takeCalls', () => {
  /** Asks at these pauses and uses every granted call at some moment while the grant is valid. */
  function used(
    limit: { calls: number; windowMs: number },
    asks: readonly { after: number; delay: number; lane: Lane }[],
  ): number[] {
    const rate = rateFor(limit);
    let budget: Budget = { ...fresh, filledAt: 0 };
    let now = NOW;
    const moments: number[] = [];
    for (const { after, delay, lane } of asks) {
      now += after;
      const grant = takeCalls(budget, rate, { lane, now });
      budget = grant.budget;
      for (let call = 0; call < grant.granted; call += 1) moments.push(now + delay);
    }
    return moments;
  }

  const asked = fc.record({
    after: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 70_000 })),
    delay: fc.integer({ min: 0, max: GRANT_VALID }),
    lane: fc.constantFrom<Lane>('live', 'bulk'),
  });

  test.each(LIMITS)('no window ever holds more than $calls calls in $windowMs ms', (limit) => {
    fc.assert(
      fc.property(fc.array(asked, { minLength: 100, maxLength: 700 }), (asks) => {
        expect(mostWithin(used(limit, asks), limit.windowMs)).toBeLessThanOrEqual(limit.calls);
      }),
      { numRuns: 25 },
    );
  });

  test.each(LIMITS)(
    'not even when a rested account is asked over and over: $calls in $windowMs ms',
    (limit) => {
      // The worst there is: a full bucket whose first calls are used as late as they may be.
      const after = Math.max(1, limit.windowMs / 10_000);
      const asks = Array.from({ length: 30_000 }, (_, at) => ({
        after,
        delay: Math.max(0, GRANT_VALID - at * after),
        lane: 'live' as const,
      }));
      const moments = used(limit, asks);
      expect(moments.length).toBeGreaterThan(0);
      expect(mostWithin(moments, limit.windowMs)).toBeLessThanOrEqual(limit.calls);
    },
  );

  test.each(LIMITS.filter(({ calls }) => calls >= 5))(
    'nor when a clock that is ahead fills the bucket early: $calls in $windowMs ms',
    (limit) => {
      const rate = rateFor(limit);
      let budget: Budget = { ...fresh, filledAt: 0 };
      const moments: number[] = [];
      const step = Math.max(1, limit.windowMs / 10_000);
      // All calls of the slow clock's window are used as late as they may be; then comes the fast one.
      for (let at = 0; at <= limit.windowMs + GRANT_VALID; at += step) {
        const last = at + step > limit.windowMs + GRANT_VALID - 1;
        const grant = takeCalls(budget, rate, { lane: 'live', now: NOW + at + (last ? 10_000 : 0) });
        budget = grant.budget;
        for (let call = 0; call < grant.granted; call += 1) moments.push(Math.max(at, GRANT_VALID));
      }
      expect(mostWithin(moments, limit.windowMs)).toBeLessThanOrEqual(limit.calls);
    },
  );

  test('sustained use reaches 95 % of 190 calls in 10 s', () => {
    const asks = Array.from({ length: 12_000 }, () => ({ after: 50, delay: 0, lane: 'live' as const }));
    const moments = used({ calls: 190, windowMs: 10_000 }, asks);
    expect(moments.length / 60).toBeGreaterThanOrEqual(190 * 0.95);
  });

  test('a refusal says when to ask again, and then there is a call', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LIMITS), fc.nat(5_000), (limit, after) => {
        const rate = rateFor(limit);
        let budget: Budget = { ...fresh, tokens: 0, filledAt: NOW };
        const first = takeCalls(budget, rate, { lane: 'live', now: NOW + after });
        budget = first.budget;
        if (!('until' in first)) return;
        expect(first.until).toBeGreaterThanOrEqual(NOW + after + 10);
        expect(takeCalls(budget, rate, { lane: 'live', now: first.until + 1 }).granted).toBeGreaterThan(0);
      }),
    );
  });

  test('a clock that runs behind does not fill the bucket a second time', () => {
    const rate = rateFor({ calls: 190, windowMs: 10_000 });
    const empty: Budget = { ...fresh, tokens: 0, filledAt: NOW };
    const behind = takeCalls(empty, rate, { lane: 'live', now: NOW - 60_000 });
    expect(behind.granted).toBe(0);
    expect(behind.budget).toMatchObject({ tokens: 0, filledAt: NOW });
  });

  test('bulk leaves a part of the bucket while live work is about, and takes all when it is not', () => {
    const rate: Rate = { perSecond: 10, burst: 10 };
    const some = (tokens: number, liveSeenAt?: number): Budget => ({
      ...fresh,
      tokens,
      filledAt: NOW,
      ...(liveSeenAt === undefined ? {} : { liveSeenAt }),
    });
    const bulk = { lane: 'bulk', now: NOW } as const;
    expect(takeCalls(some(2.9, NOW - 29_999), rate, bulk).granted).toBe(0);
    expect(takeCalls(some(3, NOW - 29_999), rate, bulk).granted).toBe(1);
    expect(takeCalls(some(2.9, NOW - 30_000), rate, bulk).granted).toBe(2);
    expect(takeCalls(some(2.9), rate, bulk).granted).toBe(2);
    expect(takeCalls(some(1, NOW), rate, { lane: 'live', now: NOW }).granted).toBe(1);
    expect(takeCalls(some(1), rate, { lane: 'urgent', now: NOW }).budget.liveSeenAt).toBe(NOW);
  });
});

describe('slots', () => {
  const asking = (lane: Lane, token: string, now = NOW) => ({ lane, now, token, until: now + 1_000 });

  test('are never more than the account has, and come back by hand or by time', () => {
    const two = takeSlot(takeSlot(fresh, 2, asking('live', 'a')).budget, 2, asking('live', 'b')).budget;
    expect(takeSlot(two, 2, asking('live', 'c')).taken).toBe(false);
    expect(takeSlot(returnSlot(two, 'a'), 2, asking('live', 'c')).taken).toBe(true);
    expect(takeSlot(two, 2, asking('live', 'c', NOW + 999)).taken).toBe(false);
    expect(takeSlot(two, 2, asking('live', 'c', NOW + 1_000)).budget.slots).toHaveLength(1);
  });

  test('the last one is for live work, unless there is only one or nobody live is about', () => {
    const one = takeSlot(fresh, 2, asking('live', 'a')).budget;
    expect(takeSlot(one, 2, asking('bulk', 'b')).taken).toBe(false);
    expect(takeSlot(returnSlot(one, 'a'), 1, asking('bulk', 'b')).taken).toBe(true);
    const quiet = takeSlot(fresh, 2, asking('bulk', 'a')).budget;
    expect(takeSlot(quiet, 2, asking('bulk', 'b')).taken).toBe(true);
  });

  test('hold for any order of taking and returning', () => {
    const move = fc.record({
      token: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      take: fc.boolean(),
      lane: fc.constantFrom<Lane>('live', 'bulk'),
      after: fc.nat(700),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(move), (concurrency, moves) => {
        let budget = fresh;
        let now = NOW;
        const held = new Map<string, number>();
        for (const { token, take, lane, after } of moves) {
          now += after;
          for (const [each, until] of held) if (until <= now) held.delete(each);
          if (!take || held.has(token)) {
            budget = returnSlot(budget, token);
            held.delete(token);
            continue;
          }
          const answer = takeSlot(budget, concurrency, asking(lane, token, now));
          budget = answer.budget;
          if (answer.taken) held.set(token, now + 1_000);
          else expect(held.size).toBeGreaterThanOrEqual(Math.max(1, concurrency - 1));
          expect(held.size).toBeLessThanOrEqual(concurrency);
        }
      }),
    );
  });
});

describe('quietUntil', () => {
  const daily = (remaining: number): Budget => ({
    ...fresh,
    daily: { remaining, limit: 1_000, until: NOW + 60_000 },
  });

  test.each<[string, Budget, Lane, number | undefined]>([
    ['nothing known', fresh, 'live', undefined],
    ['a pause', { ...fresh, pausedUntil: NOW + 1 }, 'live', NOW + 1],
    ['a pause that is over', { ...fresh, pausedUntil: NOW }, 'live', undefined],
    ['a full day', daily(1_000), 'bulk', undefined],
    ['the part kept for live, asked by bulk', daily(200), 'bulk', NOW + 60_000],
    ['just above it', daily(201), 'bulk', undefined],
    ['the part kept for live, asked by live', daily(200), 'live', undefined],
    ['nothing left', daily(0), 'live', NOW + 60_000],
    [
      'nothing left, of yesterday',
      { ...fresh, daily: { remaining: 0, limit: 9, until: NOW } },
      'live',
      undefined,
    ],
  ])('%s', (_what, budget, lane, expected) => {
    expect(quietUntil(budget, { lane, now: NOW })).toBe(expected);
  });
});

describe('learn', () => {
  test('takes over a limit that the vendor tells, once', () => {
    const told = learn(fresh, { limit: 100, windowMs: 10_000 }, NOW);
    expect(told?.learned).toEqual({ calls: 100, windowMs: 10_000 });
    expect(told && learn(told, { limit: 100, windowMs: 10_000 }, NOW)).toBeUndefined();
    expect(told && learn(told, { limit: 90, windowMs: 10_000 }, NOW)?.learned?.calls).toBe(90);
  });

  test.each([
    {},
    { limit: 0, windowMs: 10_000 },
    { limit: 100 },
    { windowMs: 10_000 },
    { dailyRemaining: 1 },
  ])('learns nothing from %j', (seen) => {
    expect(learn(fresh, seen, NOW)).toBeUndefined();
  });

  test('has no more calls than the vendor says are left, and never more than before', () => {
    const some = { ...fresh, tokens: 3 };
    expect(learn(some, { remaining: 1 }, NOW)?.tokens).toBe(1);
    expect(learn(some, { remaining: 3 }, NOW)).toBeUndefined();
    expect(learn(some, { remaining: 50 }, NOW)).toBeUndefined();
  });

  test('a quota that is old news is noted anew, even if nothing has changed', () => {
    const first = learn(fresh, { dailyRemaining: 0, dailyLimit: 1_000 }, NOW) ?? fresh;
    const again = learn(first, { dailyRemaining: 0, dailyLimit: 1_000 }, NOW + 3_600_000);
    expect(again?.daily?.until).toBe(NOW + 7_200_000);
  });

  test('near the end of a quota every call is noted', () => {
    const first = learn(fresh, { dailyRemaining: 2, dailyLimit: 1_000 }, NOW) ?? fresh;
    expect(learn(first, { dailyRemaining: 1, dailyLimit: 1_000 }, NOW)?.daily?.remaining).toBe(1);
    expect(learn(first, { dailyRemaining: 2, dailyLimit: 1_000 }, NOW)).toBeUndefined();
  });

  test('notes a daily quota, and again when a hundredth of it has gone', () => {
    const first = learn(fresh, { dailyRemaining: 900, dailyLimit: 1_000 }, NOW);
    expect(first?.daily).toEqual({ remaining: 900, limit: 1_000, until: NOW + 3_600_000 });
    expect(first && learn(first, { dailyRemaining: 890, dailyLimit: 1_000 }, NOW)).toBeUndefined();
    expect(first && learn(first, { dailyRemaining: 889, dailyLimit: 1_000 }, NOW)?.daily?.remaining).toBe(
      889,
    );
  });

  test('a vendor that says "none left" after every call takes the burst, not the rate', () => {
    const rate = rateFor({ calls: 190, windowMs: 10_000 });
    let budget = fresh;
    let calls = 0;
    for (let now = NOW; now < NOW + 60_000; now += 20) {
      const grant = takeCalls(budget, rate, { lane: 'live', now });
      budget = grant.budget;
      calls += grant.granted;
      if (grant.granted > 0) budget = learn(budget, { remaining: 0 }, now) ?? budget;
    }
    expect(calls).toBeGreaterThan(0.85 * 6 * 190);
  });
});

describe('countDaily', () => {
  const quota = { calls: 1_000, timeZone: 'America/New_York' };
  /** 2024-03-09T12:00 in New York; the next day has 23 hours. */
  const noon = Date.UTC(2024, 2, 9, 17);
  const midnight = Date.UTC(2024, 2, 10, 5);

  test('counts down until the midnight of its zone, then begins anew', () => {
    const first = countDaily(fresh, quota, { used: 3, now: noon });
    expect(first.daily).toEqual({ remaining: 997, limit: 1_000, until: midnight });
    const second = countDaily(first, quota, { used: 2, now: midnight - 1 });
    expect(second.daily).toEqual({ remaining: 995, limit: 1_000, until: midnight });
    const next = countDaily(second, quota, { used: 1, now: midnight });
    expect(next.daily).toEqual({ remaining: 999, limit: 1_000, until: midnight + 23 * 3_600_000 });
  });

  test('goes no lower than nothing, and does nothing without a quota', () => {
    expect(countDaily(fresh, quota, { used: 1_001, now: noon }).daily?.remaining).toBe(0);
    expect(countDaily(fresh, undefined, { used: 1, now: noon })).toBe(fresh);
  });
});
