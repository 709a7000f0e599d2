import * as z from 'zod';
import type { Page } from '../../engine/ports.ts';
import type { Source } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { batchRows, type Part, query } from './client.ts';
import { LISTED_DAYS, OVERLAP, READ_LAG, RECORDS_PER_READ, SHOWS_PER_LIST } from './limits.ts';
import { type Participation, readParticipation, readParticipations } from './participation-read.ts';
import { scanParticipations } from './participation-scan.ts';
import { listPerformances, type PerformanceFilter } from './performance-read.ts';

export interface ParticipationsOptions {
  account: AccountRef;
  /** Ids of performance types whose participations are listed; all where it is absent. */
  types?: readonly number[];
  /** Days of the past and the future whose performances are listed; 400 and 730 unless said. */
  listed?: { back: number; ahead: number };
}

const TicketHistorySchema = z.array(z.object({ ConstituentId: z.int() }));

/**
 * Who has tickets for what, and who came; ids are `<performance>-<constituent>`. Somebody whose tickets were all
 * returned still takes part, with their status; somebody without any is `gone`.
 */
export function participations(options: ParticipationsOptions): Source<Participation> {
  const filter: PerformanceFilter = {
    days: options.listed ?? LISTED_DAYS,
    ...(options.types ? { types: options.types } : {}),
  };
  return {
    account: options.account,
    title: 'Tessitura participations',
    batchSize: RECORDS_PER_READ,
    readLag: READ_LAG,
    overlap: OVERLAP,
    callsPerRead: 1,
    read: readParticipations,
    readOne: readParticipation,
    scan: scanParticipations,
    list: (session, page) => list(session, page, filter),
  };
}

/** Page tokens: the token of a page of performances, and how many of them are done. */
async function list(
  session: Session,
  page: string | undefined,
  filter: PerformanceFilter,
): Promise<Page<string>> {
  const [days = '', done = '0'] = page?.split('+') ?? [];
  const shows = await listPerformances(session, filter, days === '' ? undefined : days);
  const from = Number(done);
  const some = shows.items.slice(from, from + SHOWS_PER_LIST);
  const rows = await batchRows(session, some.map(buyersPart), TicketHistorySchema);
  const ids = some.flatMap((show, index) => rows[index]?.map((row) => `${show}-${row.ConstituentId}`) ?? []);
  const items = [...new Set(ids)];
  if (from + SHOWS_PER_LIST < shows.items.length) return { items, next: `${days}+${from + SHOWS_PER_LIST}` };
  return shows.next === undefined ? { items } : { items, next: `${shows.next}+0` };
}

/** Who holds tickets; returned ones are not in it. */
function buyersPart(performanceId: string): Part {
  const path = `CRM/TicketHistory${query({ performanceId, includeAffiliations: false })}`;
  return { operation: 'ticket-history.read', resource: 'CRM/TicketHistory', path };
}
