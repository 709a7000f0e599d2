import * as z from 'zod';
import type { Millis } from '../../engine/ports.ts';
import { affiliates } from './sandbox-affiliations.ts';
import type { ChildKind } from './sandbox-children.ts';
import type { Row } from './sandbox-people.ts';
import { missingParameter, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import { instant } from './sandbox-reporting.ts';
import { idIn } from './sandbox-row-values.ts';
import { codeOf } from './sandbox-show-reads.ts';
import { billing, showStamp } from './sandbox-shows.ts';
import type { Store } from './sandbox-store.ts';

/** GET CRM/Memberships/Details. With affiliates a member's rows come with the household's, and the other way round. */
export function readMemberships(store: Store, { query }: Request): Reply {
  const rows = byConstituent(store, query, { kind: 'Memberships', withAffiliates: false });
  return rows ? ok(rows) : missingParameter;
}

/** GET TXN/SubLineItems: affiliates' tickets too unless one says no. */
export function readTickets(store: Store, { query }: Request): Reply {
  const rows = byConstituent(store, query, { kind: 'SubLineItems', withAffiliates: true });
  if (!rows) return missingParameter;
  const wanted = ticketFilter(query);
  return 'refused' in wanted
    ? wanted.refused
    : ok(rows.filter(wanted.fits).map((row) => ticketJson(store, row)));
}

/** GET CRM/AttendanceHistory: good scans only. */
export function readAttendance(store: Store, { query }: Request): Reply {
  const rows = byConstituent(store, query, { kind: 'Attendance', withAffiliates: false });
  return rows
    ? ok(rows.map((row) => ({ ...row, ...performanceJson(store, row, 'history') })))
    : missingParameter;
}

/** GET AccessControl/EventControl: all attempts whose row was written in the window, never paged. */
export function readDoors(store: Store, { query }: Request, now: Millis): Reply {
  const [from, to] = [instant(query.get('startDate')), instant(query.get('endDate'))];
  if (Number.isNaN(from) || Number.isNaN(to))
    return refusal(400, 'The value is not a valid date.', 'startDate');
  const StartDate = query.get('startDate') ?? undefined;
  return ok({ EventControlSet: store.doors.window(from ?? 0, Math.min(to ?? now, now)), StartDate });
}

/** The rows of one constituent; undefined when none is named. */
function byConstituent(
  store: Store,
  query: URLSearchParams,
  { kind, withAffiliates }: { kind: ChildKind; withAffiliates: boolean },
): Row[] | undefined {
  const id = query.get('constituentId');
  if (id === null) return undefined;
  const asked = query.get('includeAffiliations');
  const others = asked === null ? withAffiliates : asked.toLowerCase() === 'true';
  const ids = [Number(id), ...(others ? affiliates(store, Number(id)) : [])];
  return [...new Set(ids)].flatMap((each) => store.children(kind, each));
}

const WhenSchema = z.object({ PerformanceDateTime: z.string() });

/** By order, status, order date and performance date; a window of dates is closed on both sides. */
export function ticketFilter(query: URLSearchParams): { fits: (row: Row) => boolean } | { refused: Reply } {
  const bound = (name: string, open: Millis) => instant(query.get(name)) ?? open;
  const bounds = {
    ordered: [bound('orderStartDate', -Infinity), bound('orderEndDate', Infinity)],
    performed: [bound('performanceStartDate', -Infinity), bound('performanceEndDate', Infinity)],
  } as const;
  if ([...bounds.ordered, ...bounds.performed].some(Number.isNaN))
    return { refused: refusal(400, 'The value is not a valid date.', 'orderStartDate') };
  const statuses = query.get('subLineItemStatusIds')?.split(',').map(Number);
  const order = query.get('orderId');
  const within = ([from, to]: readonly [number, number], at: number) =>
    Number.isNaN(at) ? from === -Infinity && to === Infinity : at >= from && at <= to;
  return {
    fits: (row) => {
      const when = WhenSchema.safeParse(row.Performance).data?.PerformanceDateTime;
      return (
        within(bounds.ordered, Date.parse(String(row.OrderDate))) &&
        within(bounds.performed, Date.parse(String(when))) &&
        (statuses === undefined || statuses.includes(idIn(row.SubLineItemStatus))) &&
        (order === null || orderOf(row) === Number(order))
      );
    },
  };
}

/** Tickets bought alone are an order of their own. */
export function orderOf(row: Row): number {
  return typeof row.OrderId === 'number' ? row.OrderId : row.Id;
}

function ticketJson(store: Store, row: Row) {
  const { Id, Constituent: _of, UpdatedDateTime: _at, UpdatedBy: _by, CreatedDateTime: _on, ...rest } = row;
  const { CreatedBy: _who, CreateLocation: _where, ...columns } = rest;
  const ids = { SubLineItemId: Id, TicketNumber: Id, OrderId: orderOf(row) };
  return { ...ids, ...columns, OrderId: orderOf(row), ...performanceJson(store, row, 'ticket') };
}

/** As the performance is now: it may have been moved since. Two resources name its columns differently. */
function performanceJson(store: Store, { Performance }: Row, style: 'ticket' | 'history') {
  const show = store.shows.get(idIn(Performance));
  if (!show) return {};
  const shared = { Id: show.id, PerformanceDateTime: showStamp(show) };
  if (style === 'history')
    return { Performance: { ...shared, PerformanceCode: codeOf(show), Name: show.description } };
  const { Id: ProductionSeasonId } = billing(show);
  return {
    Performance: { ...shared, Code: codeOf(show), Description: show.description, ProductionSeasonId },
  };
}
