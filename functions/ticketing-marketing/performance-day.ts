import type { Performance } from '../../shared/connectors/tessitura/index.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { localMidnight } from '../../shared/values/instant.ts';
import { dayOf, endOfDay } from './moments.ts';
import type { Programme } from './performance-programme.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** All slots of a production season on one day, by the organisation's calendar. */
export interface SeasonDay {
  season: number;
  /** `YYYY-MM-DD` */
  day: string;
}

/**
 * The event that a performance belongs to: its own, by its number, or that of its season and day,
 * `season-<id>-<day>`; undefined where marketing is not to know of it.
 */
export function eventIdOf(show: Performance, programme: Programme): string | undefined {
  const { Id, Type, ProductionSeason, startsAt, timeZone } = show;
  if (Type == null) return undefined;
  if (programme.eventTypes.includes(Type.Id)) return String(Id);
  if (!programme.timedTypes.includes(Type.Id) || ProductionSeason == null) return undefined;
  return `season-${ProductionSeason.Id}-${dayOf(startsAt, timeZone)}`;
}

/** The other way; undefined for the number of a performance. */
export function seasonDayOf(eventId: string): SeasonDay | undefined {
  const [, season, day] = /^season-(\d+)-(\d{4}-\d{2}-\d{2})$/.exec(eventId) ?? [];
  if (season === undefined || day === undefined || !localMidnight(day, 'UTC').ok) return undefined;
  return { season: Number(season), day };
}

/** When it ends, as far as anybody knows. */
export function endOf({ startsAt, endsAt }: Performance, programme: Programme): Millis {
  return endsAt ?? startsAt + programme.usualMinutes * MINUTE;
}

/**
 * From when on an event is over for good, and who did not come is a no-show: it and those who take part in it have
 * the same moment. That of a day of slots does not depend on which slots somebody knows of.
 */
export function overAt(eventId: string, shows: readonly Performance[], programme: Programme): Millis {
  const timeZone = shows[0]?.timeZone ?? 'UTC';
  const midnight = localMidnight(seasonDayOf(eventId)?.day ?? '', timeZone);
  const end = midnight.ok
    ? endOfDay(midnight.value, timeZone)
    : Math.max(...shows.map((each) => endOf(each, programme)));
  return end + programme.graceHours * HOUR;
}

/** It does not take place. */
export function isCancelled({ Status }: Performance, { cancelled }: Programme): boolean {
  return cancelled.test(Status?.Description ?? '');
}
