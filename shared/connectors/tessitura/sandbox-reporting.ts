import * as z from 'zod';
import type { Millis } from '../../engine/ports.ts';
import { offsetAt } from './local-time.ts';
import { AUDIT_TABLES, type AuditEntry, type Audited, auditJson } from './sandbox-audit.ts';
import { missingParameter, notFound, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import { idIn } from './sandbox-row-values.ts';
import { SANDBOX_ZONE } from './sandbox-stamp.ts';
import type { Store } from './sandbox-store.ts';

/** The list that holds every constituent. */
const EVERYBODY = 101;

/** GET Reporting/AuditLogs: a window of stamps, paged from 1. */
export function readAuditLogs(store: Store, { query }: Request, now: Millis): Reply {
  const [from, to] = [instant(query.get('auditStartTime')), instant(query.get('auditEndTime'))];
  if (Number.isNaN(from) || Number.isNaN(to))
    return refusal(400, 'The value is not a valid date.', 'auditStartTime');
  const [index, size] = [Number(query.get('pageIndex') ?? 1), Number(query.get('pageSize') ?? 100)];
  const found = auditEntries(store, query, { from: from ?? 0, to: to ?? now, now });
  const page = found.slice((index - 1) * size, index * size).map(auditJson);
  return ok({ AuditLogs: page, Total: found.length, PageIndex: index, PageSize: size });
}

interface Window {
  from: Millis;
  to: Millis;
  now: Millis;
}

/**
 * Of a table, an action, and ids of entities in it; ids are of that table, so without one an e-mail's and a
 * constituent's may be the same number. With sub-entities what hangs on those ids as its parent comes too.
 */
function auditEntries(store: Store, query: URLSearchParams, { from, to, now }: Window): AuditEntry[] {
  const [table, action] = [query.get('table')?.toUpperCase(), query.get('action')?.toLowerCase()];
  const ids = query.get('entityIds')?.split(',').map(Number);
  const withSubs = query.get('includeSubEntities')?.toLowerCase() === 'true';
  const entries = ids ? store.log.about(ids, now) : store.log.window(from, to, now);
  const inTable = ({ detail }: AuditEntry) => table === undefined || AUDIT_TABLES[detail.kind] === table;
  const isAsked = (entry: AuditEntry) => {
    const { detail } = entry;
    const own = inTable(entry) && (ids?.includes(detail.id) ?? true);
    const isSub = detail.kind !== 'Constituents' && ids?.includes(detail.constituentId) === true;
    return own || (withSubs && isSub && (inTable(entry) || table === AUDIT_TABLES.Constituents));
  };
  return entries.filter((entry) => {
    const meant = action === undefined || entry.detail.action.toLowerCase() === action;
    return meant && entry.at >= from && entry.at <= to && isAsked(entry);
  });
}

/** Without an offset it is the server's local time, and in the repeated hour its second pass: a trap worth having. */
export function instant(text: string | null): Millis | undefined {
  if (text === null) return undefined;
  if (/(Z|[+-]\d{2}:?\d{2})$/.test(text)) return Date.parse(text);
  const wall = Date.parse(`${text}Z`);
  if (Number.isNaN(wall)) return wall;
  return wall - offsetAt(SANDBOX_ZONE, wall + 5 * 3_600_000) * 60_000;
}

/** GET Reporting/Lists/{id}/Contents: always whole. */
export function readList(store: Store, { path }: Request): Reply {
  if (path[3]?.toLowerCase() !== 'contents') return notFound('Resource');
  if (Number(path[2]) !== EVERYBODY) return notFound('List');
  const ids: { ConstituentId: number }[] = [];
  for (let id = 1; id <= store.lastId(); id += 1) if (!isEnded(store, id)) ids.push({ ConstituentId: id });
  return ok(ids);
}

const ExecuteSchema = z.object({
  ProcedureName: z.string(),
  ParameterValues: z.array(z.object({ Name: z.string(), Value: z.string() })),
});

/** POST Custom/Execute: the first result set; null columns are absent. */
export function execute(store: Store, { body }: Request, now: Millis): Reply {
  const parsed = ExecuteSchema.safeParse(body);
  if (!parsed.success) return missingParameter;
  const values = new Map(parsed.data.ParameterValues.map(({ Name, Value }) => [Name, Value]));
  switch (parsed.data.ProcedureName) {
    case 'LP_INTERTIE_CHANGES':
      return ok(changeRows(store, values, now));
    case 'LP_INTERTIE_CONSTITUENTS':
      return ok(constituentRows(store, Number(values.get('@after') ?? 0), Number(values.get('@top') ?? 100)));
    default:
      return refusal(400, 'The procedure is not registered in TR_LOCAL_PROCEDURE.', 'ProcedureName');
  }
}

function changeRows(store: Store, values: ReadonlyMap<string, string>, now: Millis) {
  const [from, to] = [Date.parse(values.get('@since') ?? ''), Date.parse(values.get('@until') ?? '')];
  const after = values.get('@after') ?? '';
  return store.log
    .window(from, to, now)
    .flatMap((each) => feedRows(store, each))
    .filter((each) => each.change_id > after)
    .sort((a, b) => (a.change_id < b.change_id ? -1 : 1))
    .slice(0, Number(values.get('@top') ?? 100));
}

/**
 * What is in the tables. A merge names whom it deleted (the constituent) and whom it kept (the entity), an
 * affiliation rings both its ends; of a row that was deleted or purged nothing is left to tell.
 */
function feedRows(store: Store, { at, id, detail }: AuditEntry) {
  const { kind, constituentId } = detail;
  const named = (entity: string, entity_id: number, constituent_id: number) => ({
    change_id: `${String(at).padStart(15, '0')}-${id}-${entity}`,
    constituent_id,
    entity,
    entity_id,
  });
  const into =
    detail.action === 'Deleted' && kind === 'Constituents' ? store.endOf(detail.id)?.into : undefined;
  if (into !== undefined) return [named('merge', into, constituentId)];
  if (detail.action === 'Deleted') return [];
  const rows = [named(FEED_NAMES[kind], detail.id, constituentId)];
  const group = kind === 'Affiliations' ? idIn(store.child(kind, detail.id)?.row.GroupConstituent) : 0;
  return group === 0 ? rows : [...rows, named('household', detail.id, group)];
}

const FEED_NAMES: Readonly<Record<Audited, string>> = {
  Constituents: 'customer',
  Addresses: 'address',
  ElectronicAddresses: 'eaddress',
  PhoneNumbers: 'phone',
  Salutations: 'salutation',
  ContactPermissions: 'permission',
  WebLogins: 'login',
  Affiliations: 'affiliation',
  Memberships: 'membership',
  SubLineItems: 'ticket',
  Attendance: 'attendance',
};

function constituentRows(store: Store, after: number, top: number) {
  const rows: { constituent_id: number; merged_into?: number }[] = [];
  for (let id = after + 1; id <= store.lastId() && rows.length < top; id += 1) {
    const end = store.endOf(id);
    if (!end) rows.push({ constituent_id: id });
    else if (end.into !== undefined) rows.push({ constituent_id: id, merged_into: end.into });
  }
  return rows;
}

function isEnded(store: Store, id: number): boolean {
  return store.endOf(id) !== undefined;
}
