import { affiliates } from './sandbox-affiliations.ts';
import { orderOf, ticketFilter } from './sandbox-history-reads.ts';
import { isHeld } from './sandbox-holdings.ts';
import type { Row } from './sandbox-people.ts';
import { missingParameter, ok, type Reply, type Request } from './sandbox-reply.ts';
import { idIn } from './sandbox-row-values.ts';
import { codeOf } from './sandbox-show-reads.ts';
import { billing, showStamp } from './sandbox-shows.ts';
import type { Store } from './sandbox-store.ts';

/**
 * GET CRM/TicketHistory of a constituent or of a performance (that one of them is enough is not verified at a
 * real site): a row for each order and performance, with what is still held.
 */
export function readTicketHistory(store: Store, { query }: Request): Reply {
  const [constituent, performance] = [query.get('constituentId'), query.get('performanceId')];
  if (constituent === null && performance === null) return missingParameter;
  const wanted = ticketFilter(query);
  if ('refused' in wanted) return wanted.refused;
  const who =
    constituent === null ? store.buyersOf(Number(performance)) : peopleOf(store, Number(constituent), query);
  const rows = who.flatMap((id) => {
    const held = store.children('SubLineItems', id).filter((row) => isHeld(row) && wanted.fits(row));
    const orders = Map.groupBy(held, (row) => `${orderOf(row)}/${idIn(row.Performance)}`);
    return [...orders.values()].flatMap((tickets) => rowsJson(store, id, tickets));
  });
  const isAsked = (name: string, id: number) => query.get(name) === null || Number(query.get(name)) === id;
  return ok(
    rows.filter(
      (row) =>
        isAsked('performanceId', row.Performance.Id) &&
        isAsked('productionSeasonId', row.ProductionSeason.Id) &&
        isAsked('seasonId', row.Season.Id),
    ),
  );
}

function peopleOf(store: Store, id: number, query: URLSearchParams): number[] {
  const others = query.get('includeAffiliations')?.toLowerCase() === 'true';
  return others ? [...new Set([id, ...affiliates(store, id)])] : [id];
}

function rowsJson(store: Store, ConstituentId: number, rows: readonly Row[]) {
  const [first] = rows;
  const show = first && store.shows.get(idIn(first.Performance));
  if (!first || !show) return [];
  const { Id, Description, Production, Season } = billing(show);
  const row = {
    Id: first.Id,
    Season,
    Production,
    ProductionSeason: { Id, Description },
    Performance: {
      Id: show.id,
      PerformanceCode: codeOf(show),
      PerformanceDateTime: showStamp(show),
      Name: show.description,
    },
    Order: { Id: orderOf(first), OrderDateTime: first.OrderDate },
    ConstituentId,
    Role: 'Owner',
    Amount: rows.reduce((sum, row) => sum + Number(row.PaidAmountDecimal ?? 0), 0),
    NumberOfSeats: rows.length,
  };
  return [row];
}
