import type { Fields } from '../../shared/engine/fields.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { localMidnight, parseInstant, startOfDay, zoneOffset } from '../../shared/values/instant.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Fields that time alone changes: what they are at a moment, and every moment at which that may change. */
export interface Timeline {
  at(now: Millis): Fields;
  moments: readonly Millis[];
}

/** No fields at all: they are not ours to set. */
export const EMPTY: Timeline = { at: () => ({}), moments: [] };

/** A vendor's stamp as a moment; undefined when there is none. */
export function momentOf(stamp: string | null | undefined, zone: string): Millis | undefined {
  const parsed = stamp == null ? undefined : parseInstant(stamp, zone);
  return parsed?.ok ? parsed.value.epoch : undefined;
}

/** The calendar day of a moment in a zone, `YYYY-MM-DD`. */
export function dayOf(moment: Millis, zone: string): string {
  // Howard Hinnant's days-to-civil: years begin in March, so that the leap day is the last.
  const days = Math.floor((moment + zoneOffset(moment, zone)) / DAY) + 719_468;
  const era = Math.floor(days / 146_097);
  const inEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (inEra - Math.floor(inEra / 1_460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const dayOfYear = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** When the day of a moment is over in a zone, however many hours it has. */
export function endOfDay(moment: Millis, zone: string): Millis {
  return startOfDay(startOfDay(moment, zone) + 36 * HOUR, zone);
}

/** The first moment of the same day one year later; of 29 February, of 1 March. */
export function anniversary(moment: Millis, zone: string): Millis {
  const [year = '', month = '', day = ''] = dayOf(moment, zone).split('-');
  const next = `${String(Number(year) + 1).padStart(4, '0')}-`;
  const same = localMidnight(`${next}${month}-${day}`, zone);
  const leap = same.ok ? same : localMidnight(`${next}03-01`, zone);
  return leap.ok ? leap.value : moment + 365 * DAY;
}

/**
 * The first of some moments after `now` at which an outcome is no longer what it is now. Between two moments
 * it must be constant.
 */
export function nextChange(
  moments: readonly Millis[],
  now: Millis,
  outcomeAt: (moment: Millis) => unknown,
): Millis | undefined {
  const ahead = [...new Set(moments)].filter((each) => each > now && Number.isFinite(each));
  if (ahead.length === 0) return undefined;
  const current = JSON.stringify(outcomeAt(now));
  return ahead.sort((a, b) => a - b).find((each) => JSON.stringify(outcomeAt(each)) !== current);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
