import type { Millis } from '../../engine/ports.ts';
import { nextMidnight } from '../../values/instant.ts';

/** From `now` to the next midnight of an IANA time zone; at most 25 hours (the day when clocks go back). */
export function untilMidnight(now: Millis, timeZone: string): Millis {
  return nextMidnight(now, timeZone) - now;
}

/** `2026-11-24`: the calendar day of an instant in a time zone. */
export function dayIn(instant: Millis, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(instant);
}
