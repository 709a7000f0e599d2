import * as z from 'zod';
import type { Millis } from './ports.ts';

/** Failures in a row that open it. */
const TRIP = 5;
const FIRST_PAUSE: Millis = 5_000;
const LONGEST_PAUSE: Millis = 60_000;
/** How long a probe may take before another worker may probe. */
const PROBE: Millis = 30_000;
/** After healing the rate starts here and doubles every second until it no longer limits anything. */
const RAMP_START = 4;
const RAMP_SECONDS = 10;

/** Infrastructure faults of one account; a refused record never counts. */
export const BreakerSchema = z.object({
  failures: z.number().int(),
  /** Set while open: nobody but one probe may call before then. */
  openUntil: z.number().optional(),
  /** Pauses so far; each is twice as long. */
  pauses: z.number().int(),
  openedAt: z.number().optional(),
  /** A probe is on its way: the next word about this vendor is about the probe. */
  probing: z.boolean().optional(),
  healedAt: z.number().optional(),
});
export type Breaker = z.infer<typeof BreakerSchema>;

/** Nothing has failed. */
export const closedBreaker: Breaker = { failures: 0, pauses: 0 };

/** Open also while a probe is on its way. */
export function isOpen(breaker: Breaker): boolean {
  return breaker.openUntil !== undefined;
}

/** One more infrastructure fault. Pure; `spread` is one draw of [0, 1). */
export function onFailure(breaker: Breaker, now: Millis, spread: number): Breaker {
  const failures = breaker.failures + 1;
  // Calls that were under way when it opened say nothing new.
  const late = isOpen(breaker) && !breaker.probing;
  if (late || (!isOpen(breaker) && failures < TRIP)) return { ...breaker, failures };
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** breaker.pauses) * (0.75 + spread / 2);
  return {
    failures,
    pauses: Math.min(breaker.pauses + 1, 10),
    openUntil: Math.round(now + pause),
    openedAt: breaker.openedAt ?? now,
  };
}

/** Undefined when there was nothing to mend. */
export function onSuccess(breaker: Breaker, now: Millis): Breaker | undefined {
  if (isOpen(breaker)) return { ...closedBreaker, healedAt: now };
  return breaker.failures > 0 ? { ...breaker, failures: 0 } : undefined;
}

/** May this worker probe an open breaker? If so, the breaker stays shut for everybody else meanwhile. */
export function tryProbe(breaker: Breaker, now: Millis): Breaker | undefined {
  if (breaker.openUntil === undefined || breaker.openUntil > now) return undefined;
  return { ...breaker, openUntil: now + PROBE, probing: true };
}

/** Calls a second right after healing; undefined once it is over. */
export function rampLimit(breaker: Breaker, now: Millis): number | undefined {
  if (breaker.healedAt === undefined) return undefined;
  const seconds = (now - breaker.healedAt) / 1000;
  return seconds >= RAMP_SECONDS ? undefined : RAMP_START * 2 ** Math.max(0, seconds);
}
