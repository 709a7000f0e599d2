import type { Millis } from '../../engine/ports.ts';
import { offsetAt } from './local-time.ts';
import { roll } from './sandbox-dice.ts';
import { netStamp, SANDBOX_ZONE } from './sandbox-stamp.ts';

const DAY = 86_400_000;
const EVENING = 19.5 * 3_600_000;

/** Days of the calendar that derived tickets are for, since 1970: 2025 to 2028. */
export const SEASONS = { from: 20_089, days: 1_461 } as const;
/** Derived people went to nothing from this day on (1 June 2026): later scans are somebody's act. */
export const FIRST_OPEN_DAY = 20_605;

/** A performance as the service's other records show it. */
export interface Show {
  Id: number;
  PerformanceDateTime: string;
}

/** Asked for again and again, each costs a look at the time zone. */
const evenings = new Map<number, string>();

/** One performance an evening; its id is the number of the day since 1970. */
export function showOf(day: number): Show {
  const known = evenings.get(day) ?? netStamp(curtainUp(day), 0);
  evenings.set(day, known);
  return { Id: day, PerformanceDateTime: known };
}

/** When it begins: half past seven on the wall. */
export function curtainUp(day: number): Millis {
  const noon = day * DAY + DAY / 2;
  return day * DAY + EVENING - offsetAt(SANDBOX_ZONE, noon + DAY / 4) * 60_000;
}

/** One evening in fifteen is cancelled, and the box office has returned all its tickets. */
export function isCancelled(seed: number, day: number): boolean {
  return roll(seed, day, 301) % 15 === 0;
}

/** The day on which a moment falls, by the sandbox's own calendar. */
export function dayAt(now: Millis): number {
  return Math.floor((now + offsetAt(SANDBOX_ZONE, now) * 60_000) / DAY);
}

/** Midnight on the wall, as the service writes a date. */
export function dateStamp(day: number): string {
  return netStamp(day * DAY - offsetAt(SANDBOX_ZONE, day * DAY + DAY / 4) * 60_000, 0);
}
