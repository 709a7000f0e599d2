import { SKEW } from '../../shared/engine/flow.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A request is not sent later than this after it was recorded as sent. */
export const SEND_BY = 5 * SECOND;
/** How long a worker may stand still between that check and the first byte. */
const PAUSE = 10 * SECOND;
/** The longest deadline of one call; connectors keep to it. */
const CALL = 20 * SECOND;
/** An attempt that was closed because nothing was there is looked at once more after this; longer than any pause. */
export const TAIL = HOUR;
/** An unknown outcome that nobody could clear up in this time is shown to a person. */
export const REVIEW_AFTER = 24 * HOUR;
/** Declines after which no other attempt is made. */
export const MOST_DECLINES = 3;
/** Sends of unknown outcome under one key before it is given up where that is safe: the key may be spoilt. */
export const SPOILT_AFTER = 2;

const UNKNOWN = [5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR];
const REFUSED = [2 * SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE];
/** Each attempt stays on the payment for good, so that a long outage must not cost many. */
const REOPEN = [...REFUSED, 5 * MINUTE, 15 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR];
/** Attempts of one payment, refused ones included. */
export const MOST_ATTEMPTS = 100;
/** Whatever is no longer wanted is cleared away soon. */
const ABANDONED_MOST = 5 * MINUTE;

/** From when nothing of a send recorded at `now` can still arrive; `lateness` is the provider's. */
export function quietAfter(now: number, lateness: number): number {
  return now + SEND_BY + PAUSE + CALL + lateness + 2 * SKEW;
}

/** Until the next look at something unknown, after so many. */
export function lookDelay(looks: number, abandoned: boolean): number {
  const delay = UNKNOWN[Math.min(looks, UNKNOWN.length - 1)] ?? HOUR;
  return abandoned ? Math.min(delay, ABANDONED_MOST) : delay;
}

/** Until another attempt at a provider that has seen so many. */
export function reopenDelay(attempts: number): number {
  return REOPEN[Math.min(attempts - 1, REOPEN.length - 1)] ?? HOUR;
}

/** Until something is sent again that the provider refused; at least as long as it asked for. */
export function refusedDelay(times: number, asked: number | undefined): number {
  const delay = REFUSED[Math.min(times, REFUSED.length - 1)] ?? MINUTE;
  return Math.max(delay, Math.min(asked ?? 0, HOUR));
}
