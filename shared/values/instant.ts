import { type Parsed, parsed, unparsed } from './parsed.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 86_400_000;
const STAMP = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/i;

/** A moment as a vendor wrote it. */
export interface Instant {
  /** Exactly as it came; what is sent back as a version must be this, because `epoch` has fewer digits. */
  text: string;
  /** Milliseconds since 1970-01-01T00:00Z, finer digits cut. */
  epoch: number;
}

/**
 * Reads an ISO 8601 stamp with seven (.NET) or any other number of fraction digits. A stamp without an offset
 * is local time of `zone` (IANA); without a zone it is refused, because guessing moves it by hours.
 */
export function parseInstant(text: string, zone?: string): Parsed<Instant> {
  const match = STAMP.exec(text.trim());
  if (!match) return unparsed('is not an ISO 8601 date and time');
  const wall = wallTime(match.slice(1, 8));
  if (wall === undefined) return unparsed('names a date or a time that does not exist');
  const offset = match[8];
  if (offset !== undefined) return parsed({ text, epoch: wall - offsetOf(offset) });
  if (zone === undefined) return unparsed('has no offset from UTC');
  return parsed({ text, epoch: fromWall(wall, zone) });
}

/** The first moment of the local day that contains `epoch`: midnight, or where clocks skip it the moment after. */
export function startOfDay(epoch: number, zone: string): number {
  const wall = epoch + zoneOffset(epoch, zone);
  return fromWall(Math.floor(wall / DAY) * DAY, zone);
}

/** The first moment of a calendar day (`YYYY-MM-DD`) in a zone. */
export function localMidnight(date: string, zone: string): Parsed<number> {
  const instant = parseInstant(`${date}T00:00`, zone);
  return instant.ok ? parsed(instant.value.epoch) : instant;
}

/** A name of the IANA database, such as `Europe/London`; not a Windows name. */
export function isTimeZone(name: string): boolean {
  try {
    formatter(name);
    return true;
  } catch {
    return false;
  }
}

/** The first moment of the next local day. */
export function nextMidnight(epoch: number, zone: string): number {
  // A day has 23 to 25 hours.
  return startOfDay(startOfDay(epoch, zone) + DAY + 2 * HOUR, zone);
}

/** How far a zone's clocks are ahead of UTC at a moment, in milliseconds. Throws on an unknown zone. */
export function zoneOffset(epoch: number, zone: string): number {
  // Since 1970 clocks have been moved at full quarters of an hour only, so an answer holds for its quarter.
  if (epoch < 0) return askedOffset(epoch, zone);
  const quarter = `${zone} ${Math.floor(epoch / QUARTER)}`;
  const known = offsets.get(quarter);
  if (known !== undefined) return known;
  const offset = askedOffset(epoch, zone);
  if (offsets.size >= MOST_OFFSETS) offsets.clear();
  offsets.set(quarter, offset);
  return offset;
}

const QUARTER = 15 * MINUTE;
/** Asking for an offset takes a hundred times as long as looking it up; a mapping asks for many of the same days. */
const offsets = new Map<string, number>();
const MOST_OFFSETS = 20_000;

function askedOffset(epoch: number, zone: string): number {
  const parts = new Map<string, string>(
    formatter(zone)
      .formatToParts(epoch)
      .map(({ type, value }) => [type, value]),
  );
  const at = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((type) => parts.get(type));
  const wall = wallTime(at) ?? epoch;
  return wall - Math.floor(epoch / 1000) * 1000;
}

/** Of a repeated hour the first; a skipped hour counts on from the clock before it. */
function fromWall(wall: number, zone: string): number {
  const before = wall - zoneOffset(wall - DAY, zone);
  const after = wall - zoneOffset(wall + DAY, zone);
  const isThere = (epoch: number) => epoch + zoneOffset(epoch, zone) === wall;
  if (isThere(before)) return before;
  return isThere(after) ? after : before;
}

/** Milliseconds of a wall clock reading as if it were UTC; undefined when the calendar has no such moment. */
function wallTime(parts: readonly (string | undefined)[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    Number(part ?? 0),
  );
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const millis = Number((parts[6] ?? '').padEnd(3, '0').slice(0, 3));
  return daysSince1970(year, month, day) * DAY + (hour * 60 + minute) * MINUTE + second * 1000 + millis;
}

function daysIn(year: number, month: number): number {
  const next = month === 12 ? daysSince1970(year + 1, 1, 1) : daysSince1970(year, month + 1, 1);
  return next - daysSince1970(year, month, 1);
}

/** Proleptic Gregorian calendar, counted from March so that the leap day ends the year. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

function offsetOf(text: string): number {
  if (text.toUpperCase() === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith('-') ? -1 : 1) * minutes * MINUTE;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Building one costs more than a thousand uses. */
function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(zone, made);
  return made;
}
