import * as z from 'zod';
import type { Millis } from '../../engine/ports.ts';
import { dateStamp } from './sandbox-calendar.ts';
import { type Billing, billingById, billingsBetween, SHOW_STATUS, SHOW_TYPES } from './sandbox-playbill.ts';
import { missingParameter, notFound, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import { instant } from './sandbox-reporting.ts';
import { billing, type Performance, type ShowAudit, showStamp } from './sandbox-shows.ts';
import { netStamp } from './sandbox-stamp.ts';
import type { Store } from './sandbox-store.ts';

const text = z.string().nullish();
const SearchSchema = z.object({
  PerformanceStartDate: text,
  PerformanceEndDate: text,
  SeasonIds: text,
  ProductionSeasonIds: text,
  PerformanceTypeIds: text,
});
const EVER = { from: Date.UTC(2_020, 0, 1), to: Date.UTC(2_032, 0, 1) };
const FACILITY = { Id: 1, Description: 'Main House' };

/** TXN/Performances: by ids, by season, one alone, POST Search, and Audit (what was changed, and when). */
export function readShows(store: Store, request: Request, now: Millis): Reply {
  const { method, path, query } = request;
  const key = path[2]?.toLowerCase();
  if (method === 'POST' && key === 'search') return search(store, request);
  if (method !== 'GET') return notFound('Resource');
  if (key === 'audit') return readAudit(store, query, now);
  if (key !== undefined) {
    const show = store.shows.get(Number(key));
    return show ? ok(showJson(show)) : notFound('Performance');
  }
  const ids = query.get('performanceIds');
  if (ids !== null) return ok(ids.split(',').flatMap((id) => some(store.shows.get(Number(id)))));
  const [seasons, production] = [query.get('seasonIds'), query.get('productionSeasonId')];
  if (seasons === null && production === null) return missingParameter;
  const all = store.shows.between(EVER.from, EVER.to);
  return ok(all.filter(inSeasons(seasons)).filter(inProductions(production)).map(showJson));
}

/** Of a window of starts; never paged, and timed entries are many. */
function search(store: Store, { body }: Request): Reply {
  const wanted = SearchSchema.safeParse(body ?? {}).data;
  if (!wanted) return refusal(400, 'The request body is not valid.');
  const from = instant(wanted.PerformanceStartDate ?? null) ?? EVER.from;
  const to = instant(wanted.PerformanceEndDate ?? null) ?? EVER.to;
  if (Number.isNaN(from) || Number.isNaN(to))
    return refusal(400, 'The value is not a valid date.', 'PerformanceStartDate');
  const types = idsIn(wanted.PerformanceTypeIds);
  const found = store.shows
    .between(from, to)
    .filter((show) => types === undefined || types.has(typeOf(show).Id))
    .filter(inSeasons(wanted.SeasonIds))
    .filter(inProductions(wanted.ProductionSeasonIds));
  return ok(found.map(foundJson));
}

function readAudit(store: Store, query: URLSearchParams, now: Millis): Reply {
  const [from, to] = [instant(query.get('startDateTime')) ?? 0, instant(query.get('endDateTime')) ?? now];
  if (Number.isNaN(from) || Number.isNaN(to))
    return refusal(400, 'The value is not a valid date.', 'startDateTime');
  const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('pageSize') ?? 100)];
  const ids = idsIn(query.get('performanceIds'));
  const all = store.shows
    .audit(from, to, Number(query.get('greaterThanId') ?? 0))
    .filter((each) => ids === undefined || ids.has(each.performance));
  const Items = all.slice((page - 1) * size, page * size).map(auditJson);
  return ok({ TotalCount: all.length, Page: page, PageSize: size, Items });
}

/** TXN/ProductionSeasons: by ids or season, one alone, POST Search by a window of performances. */
export function readProductionSeasons(_store: Store, { method, path, query, body }: Request): Reply {
  const key = path[2]?.toLowerCase();
  if (method === 'POST' && key === 'search') {
    const wanted = SearchSchema.safeParse(body ?? {}).data;
    const from = instant(wanted?.PerformanceStartDate ?? null) ?? EVER.from;
    const to = instant(wanted?.PerformanceEndDate ?? null) ?? EVER.to;
    if (Number.isNaN(from) || Number.isNaN(to))
      return refusal(400, 'The value is not a valid date.', 'PerformanceStartDate');
    return ok(billingsBetween(dayNumber(from), dayNumber(to)).map(foundBillingJson));
  }
  if (method !== 'GET') return notFound('Resource');
  if (key !== undefined) {
    const one = billingById(Number(key));
    return one ? ok(billingJson(one)) : notFound('ProductionSeason');
  }
  const [ids, seasons] = [query.get('ids'), idsIn(query.get('seasonIds'))];
  if (ids !== null)
    return ok(
      ids
        .split(',')
        .flatMap((id) => billingById(Number(id)) ?? [])
        .map(billingJson),
    );
  if (seasons === undefined) return missingParameter;
  const all = billingsBetween(dayNumber(EVER.from), dayNumber(EVER.to));
  return ok(all.filter((each) => seasons.has(each.Season.Id)).map(billingJson));
}

function dayNumber(at: Millis): number {
  return Math.floor(at / 86_400_000);
}

function some(show: Performance | undefined) {
  return show ? [showJson(show)] : [];
}

function idsIn(list: string | null | undefined): ReadonlySet<number> | undefined {
  return list == null || list === '' ? undefined : new Set(list.split(',').map(Number));
}

function inSeasons(list: string | null | undefined) {
  const ids = idsIn(list);
  return (show: Performance) => ids === undefined || ids.has(billing(show).Season.Id);
}

function inProductions(list: string | null | undefined) {
  const ids = idsIn(list);
  return (show: Performance) => ids === undefined || ids.has(billing(show).Id);
}

function typeOf({ timed }: Performance) {
  return timed ? SHOW_TYPES.timed : SHOW_TYPES.evening;
}

function statusOf({ cancelled }: Performance) {
  return cancelled ? SHOW_STATUS.cancelled : SHOW_STATUS.open;
}

function showJson(show: Performance) {
  const { Id, Description, Production, Season } = billing(show);
  return {
    Id: show.id,
    Code: codeOf(show),
    Description: show.description,
    Date: showStamp(show),
    Duration: show.timed ? 30 : 150,
    Status: statusOf(show),
    Type: { ...typeOf(show), Inactive: false },
    ProductionSeason: { Id, Description, Production, Season },
    Season,
    Facility: FACILITY,
    UpdatedDateTime: show.updated,
    UpdatedBy: show.updatedBy,
  };
}

/** Search names the same things differently. */
function foundJson(show: Performance) {
  const { Id, Description, Season } = billing(show);
  return {
    PerformanceId: show.id,
    PerformanceCode: codeOf(show),
    PerformanceDate: showStamp(show),
    PerformanceDescription: show.description,
    Duration: show.timed ? 30 : 150,
    Facility: FACILITY,
    FacilityDescription: FACILITY.Description,
    ProductionSeason: { Id, Description },
    Season,
    PerformanceType: { ...typeOf(show), Inactive: false },
    PerformanceStatus: statusOf(show),
    PerformanceStatusDescription: statusOf(show).Description,
  };
}

export function codeOf({ id, timed }: Pick<Performance, 'id' | 'timed'>): string {
  return `${timed ? 'EX' : 'PF'}${id}`;
}

function billingJson(each: Billing) {
  const { Id, Description, Production, Season, firstDay, days } = each;
  return {
    Id,
    Description,
    Production,
    Season,
    FirstPerformanceDate: dateStamp(firstDay),
    LastPerformanceDate: dateStamp(firstDay + days - 1),
  };
}

function foundBillingJson(each: Billing) {
  const { Id, Description, ...rest } = billingJson(each);
  return { ProductionSeasonId: Id, ProductionSeasonDescription: Description, ...rest };
}

function auditJson(each: ShowAudit) {
  return {
    Id: each.id,
    Action: each.action,
    Table: 'T_PERF',
    Column: each.column,
    PerformanceId: each.performance,
    ...(each.old === undefined ? {} : { OldValue: each.old }),
    NewValue: each.new,
    CreatedDateTime: netStamp(each.at, each.id),
    CreatedBy: each.user,
    CreateLocation: each.location,
  };
}
