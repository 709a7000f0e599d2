import type { Millis } from '../../engine/ports.ts';
import type { ChildKind } from './sandbox-children.ts';
import type { Row } from './sandbox-people.ts';
import { affiliates } from './sandbox-reads.ts';
import { missingParameter, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import { instant } from './sandbox-reporting.ts';
import type { Store } from './sandbox-store.ts';

/** GET CRM/Memberships/Details. With affiliates a member's rows come with the household's, and the other way round. */
export function readMemberships(store: Store, { query }: Request): Reply {
  return byConstituent(store, query, { kind: 'Memberships', withAffiliates: false });
}

/** GET TXN/SubLineItems: affiliates' tickets too unless one says no. */
export function readTickets(store: Store, { query }: Request): Reply {
  const reply = byConstituent(store, query, { kind: 'SubLineItems', withAffiliates: true });
  return reply.status === 200 && Array.isArray(reply.body) ? ok(reply.body.map(ticketJson)) : reply;
}

/** GET CRM/AttendanceHistory: good scans only. */
export function readAttendance(store: Store, { query }: Request): Reply {
  return byConstituent(store, query, { kind: 'Attendance', withAffiliates: false });
}

/** GET AccessControl/EventControl: all attempts whose row was written in the window, never paged. */
export function readDoors(store: Store, { query }: Request, now: Millis): Reply {
  const [from, to] = [instant(query.get('startDate')), instant(query.get('endDate'))];
  if (Number.isNaN(from) || Number.isNaN(to))
    return refusal(400, 'The value is not a valid date.', 'startDate');
  const StartDate = query.get('startDate') ?? undefined;
  return ok({ EventControlSet: store.doors.window(from ?? 0, Math.min(to ?? now, now)), StartDate });
}

function byConstituent(
  store: Store,
  query: URLSearchParams,
  { kind, withAffiliates }: { kind: ChildKind; withAffiliates: boolean },
): Reply {
  const id = query.get('constituentId');
  if (id === null) return missingParameter;
  const asked = query.get('includeAffiliations');
  const others = asked === null ? withAffiliates : asked.toLowerCase() === 'true';
  const ids = [Number(id), ...(others ? affiliates(store, Number(id)) : [])];
  return ok([...new Set(ids)].flatMap((each) => store.children(kind, each)));
}

function ticketJson(row: Row) {
  const { Id, Constituent: _of, UpdatedDateTime: _at, UpdatedBy: _by, CreatedDateTime: _on, ...rest } = row;
  return { SubLineItemId: Id, TicketNumber: Id, OrderId: Id, ...rest };
}
