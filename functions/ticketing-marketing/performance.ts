import type { Performance } from '../../shared/connectors/tessitura/index.ts';
import type { MapContext, Mapped } from '../../shared/engine/flow.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { zoneOffset } from '../../shared/values/instant.ts';
import { textOrNull } from '../../shared/values/name.ts';
import { dayOf } from './moments.ts';
import { endOf, eventIdOf, isCancelled, overAt, seasonDayOf } from './performance-day.ts';
import { type Programme, usualProgramme } from './performance-programme.ts';

/** What marketing knows as one event: a performance, or all slots of a day. */
export interface PlayedEvent {
  /** The performance's number, or `season-<id>-<day>`. */
  id: string;
  shows: readonly Performance[];
}

/** Every field of a marketing event that this flow sets. */
export const performanceFields = ['name', 'type', 'start', 'end', 'cancelled', 'completed'] as const;

/** One event of the programme as a HubSpot marketing event, as of the context's moment. */
export function mapPerformance(
  event: PlayedEvent,
  { now }: MapContext,
  programme: Programme = usualProgramme,
): Mapped {
  const all = event.shows.filter((each) => eventIdOf(each, programme) === event.id);
  const [first] = inOrder(all);
  if (!first) return { kind: 'absent', because: 'not of a type that marketing is to know of' };
  const playing = all.filter((each) => !isCancelled(each, programme));
  const shown = playing.length > 0 ? playing : all;
  const cancelled = playing.length === 0;
  const over = overAt(event.id, all, programme);
  const fields = {
    name: nameOf(event.id, first),
    type: textOrNull(first.Type?.Description),
    start: instant(Math.min(...shown.map((each) => each.startsAt))),
    end: instant(Math.max(...shown.map((each) => endOf(each, programme)))),
    cancelled,
    completed: !cancelled && now >= over,
  };
  const present = { kind: 'present', fields } as const;
  return cancelled || now >= over ? present : { ...present, recheckAt: over };
}

/** How the console names the event. */
export function performanceLabel({ id, shows }: PlayedEvent): string {
  const [first] = inOrder(shows);
  return first ? nameOf(id, first) : id;
}

/** With its day, and of a performance with its time: a title alone would stand thirty times in every list. */
function nameOf(
  id: string,
  { Description, Code, ProductionSeason, startsAt, timeZone }: Performance,
): string {
  const season = textOrNull(ProductionSeason?.Description);
  if (seasonDayOf(id)) return `${season ?? 'Timed entry'}, ${dayOf(startsAt, timeZone)}`;
  const title = textOrNull(Description) ?? season ?? textOrNull(Code) ?? `Performance ${id}`;
  return `${title}, ${dayOf(startsAt, timeZone)} ${timeOf(startsAt, timeZone)}`;
}

/** `HH:MM` on the wall. */
function timeOf(moment: Millis, timeZone: string): string {
  return instant(moment + zoneOffset(moment, timeZone)).slice(11, 16);
}

function inOrder(shows: readonly Performance[]): Performance[] {
  return shows.toSorted((a, b) => a.startsAt - b.startsAt || a.Id - b.Id);
}

/** `2026-11-24T19:30:00.000Z`, as HubSpot shows it. */
export function instant(moment: Millis): string {
  return new Date(moment).toISOString();
}
