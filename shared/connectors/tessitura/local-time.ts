import type { Millis } from '../../engine/ports.ts';
import { zoneOffset } from '../../values/instant.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a clock on the wall of that zone is ahead of UTC at an instant, in minutes. */
export function offsetAt(zone: string, at: Millis): number {
  return Math.round(zoneOffset(at, zone) / MINUTE);
}

/** `-05:00`, `+0530` or `Z` in minutes; undefined when it is none of these, empty counts as UTC. */
export function offsetMinutes(text: string): number | undefined {
  if (text === '' || text === 'Z') return 0;
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
  if (!parts) return undefined;
  const minutes = Number(parts[2]) * 60 + Number(parts[3]);
  return parts[1] === '-' ? -minutes : minutes;
}

/** The instant as that zone writes it, with its offset: unambiguous also in the hour that autumn repeats. */
export function localStamp(at: Millis, offset: number): string {
  const wall = new Date(at + offset * MINUTE).toISOString().slice(0, 23);
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  return `${wall}${offset < 0 ? '-' : '+'}${hours}:${String(size % 60).padStart(2, '0')}`;
}

/**
 * The service compares with columns that hold local time without an offset, so while the clocks change a
 * window can come out empty or an hour off. Near a change it is widened by the hour: too many hints do no
 * harm, a missing one does.
 */
export function safeWindow(zone: string, from: Millis, to: Millis): { from: string; to: string } {
  const changing = offsetAt(zone, from - HOUR) !== offsetAt(zone, to + HOUR);
  const margin = changing ? HOUR : 0;
  return { from: stampIn(zone, from - margin), to: stampIn(zone, to + margin) };
}

function stampIn(zone: string, at: Millis): string {
  return localStamp(at, offsetAt(zone, at));
}
