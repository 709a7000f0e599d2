import * as z from 'zod';
import type { Lane } from './change-event.ts';
import type { Millis } from './ports.ts';
import type { AccountLimits, ObservedLimits } from './session.ts';

/** Granted calls are used within this time or lost: what makes a bucket's bound hold at the vendor. */
export const GRANT_VALID: Millis = 250;
/** Share of rate and quota that bulk work leaves for live changes. */
export const LIVE_SHARE = 0.2;
/** Live work counts as present this long after it was last seen. */
const LIVE_MEMORY: Millis = 30_000;

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

export function newBudget(now: Millis): Budget {
  return { tokens: 0, filledAt: now - 60_000, slots: [] };
}

export type Grant = { granted: number; budget: Budget } | { granted: 0; until: Millis; budget: Budget };

export interface Rate {
  /** Calls a second, and the most at once. */
  perSecond: number;
  burst: number;
}

/**
 * A bucket that keeps every window of the vendor's limit: what may be granted in a window, plus what was
 * granted shortly before and is used in it, never exceeds the limit. For 190 calls in 10 s that is 95 % of it.
 */
export function rateOf(limits: AccountLimits, budget: Budget): Rate | undefined {
  const configured = limits.rate;
  const learned = budget.learned;
  const limit = learned && (!configured || perMs(learned) < perMs(configured)) ? learned : configured;
  if (!limit) return undefined;
  const burst = Math.max(1, limit.calls * 0.02);
  const seconds = (limit.windowMs + GRANT_VALID) / 1000;
  return { perSecond: Math.max(limit.calls - burst, limit.calls * 0.5) / seconds, burst };
}

/** Takes up to a grant's worth of calls, at least one; or says when to ask again. */
export function takeCalls(budget: Budget, rate: Rate, ask: { lane: Lane; now: Millis }): Grant {
  const filled = refill(budget, rate, ask.now);
  const seen = markLive(filled, ask);
  const floor = bulkYields(seen, ask) ? rate.burst * LIVE_SHARE : 0;
  const spare = seen.tokens - floor;
  if (spare >= 1 || (rate.burst < 1 + floor && seen.tokens >= 1)) {
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
    const known = budget.daily;
    const worthIt = !known || Math.abs(known.remaining - seen.dailyRemaining) > seen.dailyLimit * 0.01;
    if (worthIt) {
      const daily = { remaining: seen.dailyRemaining, limit: seen.dailyLimit, until: now + 3_600_000 };
      next = { ...(next ?? budget), daily };
    }
  }
  return next;
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
