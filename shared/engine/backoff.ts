import type { Millis } from './ports.ts';

/** First and longest wait between counted attempts. */
const BASE: Millis = 5_000;
const CAP: Millis = 900_000;

/** Full jitter: uniform between nothing and the doubled base, so that a thousand records do not return together. */
export function retryDelay(attempt: number, spread: number): Millis {
  return Math.round(spread * Math.min(CAP, BASE * 2 ** Math.min(attempt, 20)));
}

/**
 * For waits that spend no attempt: as long again as the record has already waited, between `least` and `most`,
 * jittered. The age doubles with every wait, so no counter is needed.
 */
export function ageDelay(age: Millis, spread: number, bounds: { least: Millis; most: Millis }): Millis {
  const reach = Math.min(Math.max(age, bounds.least), bounds.most);
  return Math.round(bounds.least + spread * (reach - bounds.least));
}

/** Rounds a wait up so that records which wait about as long travel in one message. */
export function bucketed(delay: Millis): Millis {
  const step = delay < 30_000 ? 1_000 : delay < 300_000 ? 5_000 : 30_000;
  return Math.ceil(delay / step) * step;
}
