import type { Millis } from '../../engine/ports.ts';
import { localStamp, offsetAt } from './local-time.ts';

/** Where the sandbox's server stands. */
export const SANDBOX_ZONE = 'America/New_York';

const DAY = 86_400_000;
const FIRST_DAY = 17_897;
/** Derived stamps are many, days few: the time zone is asked once a day. */
const days = new Map<number, { date: string; offset: string }>();

/** Local time with offset and seven fraction digits, as .NET writes it; `tick` gives the last four. */
export function netStamp(at: Millis, tick: number): string {
  const stamp = localStamp(at, offsetAt(SANDBOX_ZONE, at));
  return withTick(stamp, tick);
}

/** A stamp of the past for derived records: on the afternoon of some day from 2019 to 2025. */
export function baseStamp(number: number): string {
  const day = FIRST_DAY + (number % 2_500);
  let frame = days.get(day);
  if (!frame) {
    const noon = netStamp(day * DAY + DAY / 2, 0);
    frame = { date: noon.slice(0, 10), offset: noon.slice(27) };
    days.set(day, frame);
  }
  const two = (from: number, span: number) => String(from + (number % span)).padStart(2, '0');
  return `${frame.date}T${two(10, 8)}:${two(0, 59)}:${two(0, 53)}.${String(number % 10_000_000).padStart(7, '0')}${frame.offset}`;
}

function withTick(stamp: string, tick: number): string {
  return stamp.slice(0, 23) + String(tick % 10_000).padStart(4, '0') + stamp.slice(23);
}
