import * as z from 'zod';
import type { Page } from '../../engine/ports.ts';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { call, query, secretOf } from './client.ts';
import { type Call, unreadable } from './faults.ts';
import { localStamp, offsetAt } from './local-time.ts';
import { type Performance, PerformanceRow, withMoments } from './performance-schema.ts';

/** Which performances count: those of these types; all where none are named. */
export interface PerformanceFilter {
  types?: readonly number[];
  /** How many days of the past and of the future are listed. */
  days: { back: number; ahead: number };
}

const READ: Call = {
  operation: 'performances.read',
  method: 'GET',
  resource: 'TXN/Performances',
  effect: 'read',
};
const SEARCH: Call = {
  operation: 'performances.search',
  method: 'POST',
  resource: 'TXN/Performances',
  effect: 'read',
};
const IdSchema = z.looseObject({ Id: z.int() });
const FoundSchema = z.array(z.object({ PerformanceId: z.int() }));
const DAY = 86_400_000;
/** Days per page of a list: the service does not page, and timed entries are many. */
const DAYS_PER_PAGE = 60;

/** One call for a hundred; one of another type is left out. */
export async function readPerformances(
  session: Session,
  ids: readonly string[],
  { types }: Pick<PerformanceFilter, 'types'>,
): Promise<Map<string, Read<Performance>>> {
  const reads = new Map<string, Read<Performance>>();
  const asked = ids.filter((id) => Number.isSafeInteger(Number(id)));
  if (asked.length === 0) return reads;
  const { timeZone } = await secretOf(session);
  const path = `TXN/Performances${query({ performanceIds: asked.join(',') })}`;
  for (const row of await call(session, { ...READ, path }, z.array(IdSchema))) {
    const parsed = PerformanceRow.safeParse(row);
    if (!parsed.success)
      reads.set(String(row.Id), { state: 'unreadable', fault: unreadable(READ, parsed.error) });
    else if (isAmong(parsed.data, types))
      reads.set(String(row.Id), { state: 'present', record: withMoments(parsed.data, timeZone) });
  }
  return reads;
}

/** The service answers for many ids with those that it knows, so one that is missing then is gone. */
export async function readPerformance(
  session: Session,
  id: string,
  filter: Pick<PerformanceFilter, 'types'>,
): Promise<Read<Performance>> {
  const reads = await readPerformances(session, [id], filter);
  return reads.get(id) ?? { state: 'gone' };
}

/** Ids in a stretch of days, with the next one as the page token. */
export async function listPerformances(
  session: Session,
  { types, days }: PerformanceFilter,
  page: string | undefined,
): Promise<Page<string>> {
  const { timeZone } = await secretOf(session);
  const today = Math.floor(session.now() / DAY);
  const first = page === undefined ? today - days.back : Number(page);
  const stamp = (day: number) => localStamp(day * DAY, offsetAt(timeZone, day * DAY));
  const body = {
    PerformanceStartDate: stamp(first),
    PerformanceEndDate: stamp(first + DAYS_PER_PAGE),
    ...(types ? { PerformanceTypeIds: types.join(',') } : {}),
  };
  const found = await call(session, { ...SEARCH, path: 'TXN/Performances/Search', body }, FoundSchema);
  const items = [...new Set(found.map((row) => String(row.PerformanceId)))];
  const next = first + DAYS_PER_PAGE;
  return next < today + days.ahead ? { items, next: String(next) } : { items };
}

function isAmong(
  { Type }: { Type?: { Id: number } | null | undefined },
  types: readonly number[] | undefined,
) {
  return types === undefined || (Type != null && types.includes(Type.Id));
}
