import * as z from 'zod';
import type { Page } from '../../engine/ports.ts';
import type { Change, ScanWindow, Source } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { call, query, secretOf } from './client.ts';
import type { Call } from './faults.ts';
import { AUDIT_PAGE, LISTED_DAYS, OVERLAP, READ_LAG, RECORDS_PER_READ } from './limits.ts';
import { safeWindow } from './local-time.ts';
import {
  listPerformances,
  type PerformanceFilter,
  readPerformance,
  readPerformances,
} from './performance-read.ts';
import type { Performance } from './performance-schema.ts';

export interface PerformancesOptions {
  account: AccountRef;
  /** Ids of performance types; others are `gone` here. All where it is absent: timed entries are thousands. */
  types?: readonly number[];
  /** Days of the past and the future that are listed; 400 and 730 unless said. */
  listed?: { back: number; ahead: number };
}

const AUDIT: Call = {
  operation: 'performances.audit',
  method: 'GET',
  resource: 'TXN/Performances',
  effect: 'read',
};
const AuditSchema = z.object({
  TotalCount: z.int(),
  PageSize: z.int().positive().nullish(),
  Items: z.array(z.object({ Id: z.int(), PerformanceId: z.int() })),
});

/** Performances with their venue, type, status and production season. */
export function performances(options: PerformancesOptions): Source<Performance> {
  const filter: PerformanceFilter = {
    days: options.listed ?? LISTED_DAYS,
    ...(options.types ? { types: options.types } : {}),
  };
  return {
    account: options.account,
    title: 'Tessitura performances',
    batchSize: RECORDS_PER_READ,
    readLag: READ_LAG,
    overlap: OVERLAP,
    callsPerRead: 1,
    read: (session, ids) => readPerformances(session, ids, filter),
    readOne: (session, id) => readPerformance(session, id, filter),
    scan: (session, window) => scanAudit(session, window, filter),
    list: (session, page) => listPerformances(session, filter, page),
  };
}

/** The resource has an audit of its own, which the general audit log need not cover. */
async function scanAudit(
  session: Session,
  window: ScanWindow,
  filter: PerformanceFilter,
): Promise<Page<Change>> {
  const { timeZone } = await secretOf(session);
  const page = Number(window.page ?? 1);
  const { from, to } = safeWindow(timeZone, window.from, window.to);
  const asked = { startDateTime: from, endDateTime: to, page, pageSize: AUDIT_PAGE, orderByIdAsc: true };
  const path = `TXN/Performances/Audit${query(asked)}`;
  const reply = await call(session, { ...AUDIT, path }, AuditSchema);
  const changes = reply.Items.map((row) => ({ id: String(row.PerformanceId), changeId: `perf/${row.Id}` }));
  const items = filter.types ? await ofTypes(session, changes, filter) : changes;
  const isLast = page * (reply.PageSize ?? AUDIT_PAGE) >= reply.TotalCount;
  return isLast ? { items } : { items, next: String(page + 1) };
}

/** One that cannot be read stays: the reader says why. */
async function ofTypes(
  session: Session,
  changes: readonly Change[],
  filter: PerformanceFilter,
): Promise<Change[]> {
  const ids = [...new Set(changes.map(({ id }) => id))];
  const [all, wanted] = [await readPerformances(session, ids, {}), new Set(filter.types)];
  return changes.filter(({ id }) => {
    const read = all.get(id);
    return read?.state !== 'present' || (read.record.Type != null && wanted.has(read.record.Type.Id));
  });
}
