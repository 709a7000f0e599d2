import type { Millis } from '../../engine/ports.ts';
import { offsetAt } from './local-time.ts';
import { roll } from './sandbox-dice.ts';
import { netStamp, SANDBOX_ZONE } from './sandbox-stamp.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const EVENING = 19.5 * 60;
const OPENING = 10 * 60;
const SLOT_MINUTES = 30;
const FIRST_SLOT_ID = 10_000_000;

/** Days of the calendar that derived tickets are for, since 1970: 2025 to 2028. */
export const SEASONS = { from: 20_089, days: 1_461 } as const;
/** Derived people went to nothing from this day on (1 June 2026): later scans are somebody's act. */
export const FIRST_OPEN_DAY = 20_605;
/** Entries to the exhibition on one day: every half hour from ten to half past four. */
export const SLOTS = 14;

/** A performance as the service's other records show it. */
export interface Show {
  Id: number;
  PerformanceDateTime: string;
}

/** Asked for again and again, each costs a look at the time zone. */
const stamps = new Map<number, string>();
const dates = new Map<number, string>();

/** One performance an evening; its id is the number of the day since 1970. */
export function showOf(day: number): Show {
  return withStamp(day, () => curtainUp(day));
}

/** A timed entry; its id is 10,000,000 + 100 x the day + the slot. */
export function slotOf(day: number, slot: number): Show {
  return withStamp(FIRST_SLOT_ID + day * 100 + slot, () => slotStart(day, slot));
}

function withStamp(Id: number, start: () => Millis): Show {
  const known = stamps.get(Id) ?? netStamp(start(), 0);
  stamps.set(Id, known);
  return { Id, PerformanceDateTime: known };
}

/** Which evening or entry an id stands for; undefined for any other number. */
export function derivedShow(id: number): { day: number; slot?: number } | undefined {
  const isDay = (day: number) => Number.isInteger(day) && day >= 0 && day < 60_000;
  if (id < FIRST_SLOT_ID) return isDay(id) ? { day: id } : undefined;
  const [day, slot] = [Math.floor((id - FIRST_SLOT_ID) / 100), (id - FIRST_SLOT_ID) % 100];
  return isDay(day) && slot < SLOTS ? { day, slot } : undefined;
}

/** When it begins: half past seven on the wall. */
export function curtainUp(day: number): Millis {
  return onTheWall(day, EVENING);
}

function slotStart(day: number, slot: number): Millis {
  return onTheWall(day, OPENING + slot * SLOT_MINUTES);
}

/** A time of day by the sandbox's own clock, in minutes; from ten in the morning on no clock changes any more. */
export function onTheWall(day: number, minutes: number): Millis {
  const evening = day * DAY + 0.75 * DAY;
  return day * DAY + minutes * MINUTE - offsetAt(SANDBOX_ZONE, evening) * MINUTE;
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
  const known =
    dates.get(day) ?? netStamp(day * DAY - offsetAt(SANDBOX_ZONE, day * DAY + DAY / 4) * 60_000, 0);
  dates.set(day, known);
  return known;
}
