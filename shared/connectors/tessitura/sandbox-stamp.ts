import type { Millis } from '../../engine/ports.ts';
import { localStamp, offsetAt } from './local-time.ts';

/** Where the sandbox's server stands. */
export const SANDBOX_ZONE = 'America/New_York';

const DAY = 86_400_000;
const FIRST_DAY = 17_897;
const offsets = new Map<number, number>();

/** Local time with offset and seven fraction digits, as .NET writes it; `tick` gives the last four. */
export function netStamp(at: Millis, tick: number): string {
  const stamp = localStamp(at, offsetAt(SANDBOX_ZONE, at));
  return withTick(stamp, tick);
}

/** A stamp of the past for derived records: on the afternoon of some day from 2019 to 2025. */
export function baseStamp(number: number): string {
  const day = FIRST_DAY + (number % 2_500);
  const at = day * DAY + 14 * 3_600_000 + (number % 14_400_000);
  let offset = offsets.get(day);
  if (offset === undefined) {
    offset = offsetAt(SANDBOX_ZONE, at);
    offsets.set(day, offset);
  }
  return withTick(localStamp(at, offset), number);
}

function withTick(stamp: string, tick: number): string {
  return stamp.slice(0, 23) + String(tick % 10_000).padStart(4, '0') + stamp.slice(23);
}
