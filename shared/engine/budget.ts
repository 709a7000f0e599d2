import * as z from 'zod';
import { nextMidnight } from '../values/instant.ts';
import type { Lane } from './change-event.ts';
import type { Millis } from './ports.ts';
import type { AccountLimits, ObservedLimits } from './session.ts';

/** Granted calls are used within this time or lost: what makes a bucket's bound hold at the vendor. */
export const GRANT_VALID: Millis = 250;
/** Share of rate and quota that bulk work leaves for live changes. */
const LIVE_SHARE = 0.2;
/** Live work counts as present this long after it was last seen. */
const LIVE_MEMORY: Millis = 30_000;
const HOUR: Millis = 3_600_000;

/** The part of an account's state that is about how much may be sent. */
export const BudgetSchema = z.object({
  /** Calls that may be sent now. */
  tokens: z.number(),
  filledAt: z.number(),
  /** The vendor told us to be quiet until then. */
  pausedUntil: z.number().optional(),
  /** A smaller limit than the configured one, as the vendor's headers tell it. */
  learned: z.object({ calls: z.number(), windowMs: z.number() }).optional(),
  daily: z.object({ remaining: z.number(), limit: z.number(), until: z.number() }).optional(),
  slots: z.array(z.object({ token: z.string(), until: z.number() })),
  liveSeenAt: z.number().optional(),
});
export type Budget = z.infer<typeof BudgetSchema>;

/** Of an account that nobody has called yet. */
export function newBudget(now: Millis): Budget {
  return { tokens: 0, filledAt: now - 60_000, slots: [] };
}

/** Calls that may be sent at once, or when to ask again; the budget is to be stored either way. */
export type Grant = { granted: number; budget: Budget } | { granted: 0; until: Millis; budget: Budget };

export interface Rate {
  /** Calls a second, and the most at once. */
  perSecond: number;
  burst: number;
}

/**
 * A bucket that keeps every window of the vendor's limit. Used within a window is at most what was granted in
 * it and shortly before, a full bucket, and another one when a worker whose clock is ahead fills it early. For
 * 190 calls in 10 s that leaves 95 % of the limit, for 10 a second 61 %; below four calls per window it holds
 * only between workers whose clocks agree.
 */
export function rateOf(limits: AccountLimits, budget: Budget): Rate | undefined {
  const configured = limits.rate;
  const learned = budget.learned;
  const limit = learned && (!configured || perMs(learned) < perMs(configured)) ? learned : configured;
  if (!limit) return undefined;
  // A call and the share that bulk work leaves: even where there is hardly any burst, live work comes first.
  const burst = Math.max(1 + LIVE_SHARE, limit.calls * 0.01);
  const seconds = (limit.windowMs + GRANT_VALID) / 1000;
  return { perSecond: Math.max(limit.calls - 2 * burst, limit.calls * 0.4) / seconds, burst };
}

/** Takes up to a grant's worth of calls, at least one; or says when to ask again. */
export function takeCalls(budget: Budget, rate: Rate, ask: { lane: Lane; now: Millis }): Grant {
  const filled = refill(budget, rate, ask.now);
  const seen = markLive(filled, ask);
  const floor = bulkYields(seen, ask) ? Math.min(rate.burst - 1, rate.burst * LIVE_SHARE) : 0;
  const spare = seen.tokens - floor;
  if (spare >= 1) {
    const granted = Math.max(1, Math.floor(Math.min(spare, (rate.perSecond * GRANT_VALID) / 1000)));
    return { granted, budget: { ...seen, tokens: seen.tokens - granted } };
  }
  const wait = Math.ceil(((1 - spare) / rate.perSecond) * 1000);
  return { granted: 0, until: ask.now + Math.max(wait, 10), budget: seen };
}

/** One of the account's concurrent calls, held until `until` at the latest. */
export function takeSlot(
  budget: Budget,
  concurrency: number,
  ask: { lane: Lane; now: Millis; token: string; until: Millis },
): { taken: boolean; budget: Budget } {
  const alive = budget.slots.filter((slot) => slot.until > ask.now);
  const seen = markLive({ ...budget, slots: alive }, ask);
  const most = bulkYields(seen, ask) && concurrency > 1 ? concurrency - 1 : concurrency;
  if (alive.length >= most) return { taken: false, budget: seen };
  return { taken: true, budget: { ...seen, slots: [...alive, { token: ask.token, until: ask.until }] } };
}

/** Gives one of the concurrent calls back. Pure. */
export function returnSlot(budget: Budget, token: string): Budget {
  return { ...budget, slots: budget.slots.filter((slot) => slot.token !== token) };
}

/** Until when work of this lane may not begin, if it may not. */
export function quietUntil(budget: Budget, ask: { lane: Lane; now: Millis }): Millis | undefined {
  if (budget.pausedUntil !== undefined && budget.pausedUntil > ask.now) return budget.pausedUntil;
  const { daily } = budget;
  if (!daily || daily.until <= ask.now) return undefined;
  const kept = ask.lane === 'bulk' ? daily.limit * LIVE_SHARE : 0;
  return daily.remaining <= kept ? daily.until : undefined;
}

/** Folds in what the vendor's headers say; undefined when nothing of it changes what we do. */
export function learn(budget: Budget, seen: ObservedLimits, now: Millis): Budget | undefined {
  let next: Budget | undefined;
  if (seen.limit !== undefined && seen.windowMs !== undefined && seen.limit > 0) {
    const known = budget.learned;
    if (known?.calls !== seen.limit || known.windowMs !== seen.windowMs)
      next = { ...budget, learned: { calls: seen.limit, windowMs: seen.windowMs } };
  }
  if (seen.remaining !== undefined && seen.remaining < budget.tokens)
    next = { ...(next ?? budget), tokens: seen.remaining };
  if (seen.dailyRemaining !== undefined && seen.dailyLimit !== undefined) {
    const known = budget.daily && budget.daily.until > now ? budget.daily : undefined;
    const until = known?.until ?? now + HOUR;
    const moved = Math.abs((known?.remaining ?? Infinity) - seen.dailyRemaining);
    // A write for every call would be too much; near the end every call counts.
    const near = seen.dailyRemaining < seen.dailyLimit * LIVE_SHARE * 1.1;
    if (moved > seen.dailyLimit * 0.01 || (near && moved > 0))
      next = {
        ...(next ?? budget),
        daily: { remaining: seen.dailyRemaining, limit: seen.dailyLimit, until },
      };
  }
  return next;
}

/** Counts used calls against a daily quota that the vendor does not tell of by itself. */
export function countDaily(
  budget: Budget,
  quota: AccountLimits['daily'],
  { used, now }: { used: number; now: Millis },
): Budget {
  if (!quota) return budget;
  const known = budget.daily && budget.daily.until > now ? budget.daily : undefined;
  const until = known?.until ?? nextMidnight(now, quota.timeZone);
  const remaining = Math.max(0, (known?.remaining ?? quota.calls) - used);
  return { ...budget, daily: { remaining, limit: known?.limit ?? quota.calls, until } };
}

function perMs(limit: { calls: number; windowMs: Millis }): number {
  return limit.calls / limit.windowMs;
}

function refill(budget: Budget, rate: Rate, now: Millis): Budget {
  // A clock that runs behind must not fill the bucket a second time.
  const elapsed = Math.max(0, now - budget.filledAt);
  const tokens = Math.min(Math.max(1, rate.burst), budget.tokens + (elapsed / 1000) * rate.perSecond);
  return { ...budget, tokens, filledAt: Math.max(now, budget.filledAt) };
}

function markLive(budget: Budget, ask: { lane: Lane; now: Millis }): Budget {
  return ask.lane === 'bulk' ? budget : { ...budget, liveSeenAt: ask.now };
}

function bulkYields(budget: Budget, ask: { lane: Lane; now: Millis }): boolean {
  return ask.lane === 'bulk' && budget.liveSeenAt !== undefined && ask.now - budget.liveSeenAt < LIVE_MEMORY;
}
