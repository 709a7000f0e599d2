import type { Millis } from '../../engine/ports.ts';

const DAY = 86_400_000;

/** From `now` to the next midnight of an IANA time zone; at most 25 hours (the day when clocks go back). */
export function untilMidnight(now: Millis, timeZone: string): Millis {
  const today = dayIn(now, timeZone);
  let before = now;
  let after = now + DAY + 3_600_000;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayIn(middle, timeZone) === today) before = middle;
    else after = middle;
  }
  return after - now;
}

/** `2026-11-24`: the calendar day of an instant in a time zone. */
export function dayIn(instant: Millis, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(instant);
}
