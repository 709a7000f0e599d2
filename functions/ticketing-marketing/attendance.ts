import type { Attendance, Constituent, Ticket } from '../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { anniversary, dayOf, EMPTY, momentOf, type Timeline } from './moments.ts';
import type { Site } from './site.ts';

/** Contact properties counted from tickets and scans, each time anew; left alone where they are not read. */
export const attendanceFields = [
  'tessitura_last_attended',
  'tessitura_visits_12m',
  'tessitura_next_performance',
  'tessitura_lifetime_tickets',
] as const;

/** What a patron's tickets and scans amount to as time goes by. */
export function attendanceOf(patron: Constituent, site: Site): Timeline {
  if (!patron.SubLineItems || !patron.AttendanceHistory) return EMPTY;
  const { timeZone } = patron;
  const visits = visitsOf(patron);
  const last = visits.length > 0 ? dayOf(Math.max(...visits), timeZone) : null;
  const leaving = visits.map((moment) => anniversary(moment, timeZone));
  const evenings = upcoming(patron, site).sort((a, b) => a - b);
  const amount = amountOf(patron, site);
  const at = (now: Millis): Fields => {
    const next = evenings.find((moment) => moment > now);
    return {
      tessitura_last_attended: last,
      tessitura_visits_12m: String(leaving.filter((moment) => now < moment).length),
      tessitura_next_performance: next === undefined ? null : dayOf(next, timeZone),
      tessitura_lifetime_tickets: amount,
    };
  };
  return { at, moments: [...evenings, ...leaving] };
}

/**
 * When the performances began that the patron went to, each once: re-entries, further tickets and scans that
 * arrive late are all one visit.
 */
function visitsOf({ AttendanceHistory = [], Id, timeZone }: Constituent): Millis[] {
  const byId = new Map<number, Millis>();
  for (const scan of AttendanceHistory.filter((each) => goes(each, Id))) {
    const moment = momentOf(scan.Performance?.PerformanceDateTime, timeZone);
    if (!scan.Performance || moment === undefined) continue;
    byId.set(scan.Performance.Id, Math.min(moment, byId.get(scan.Performance.Id) ?? moment));
  }
  return [...byId.values()];
}

/** When the performances begin for which the patron holds a ticket that counts, past ones included. */
function upcoming({ SubLineItems = [], Id, timeZone }: Constituent, site: Site): Millis[] {
  return SubLineItems.filter((ticket) => counts(ticket, site) && goes(ticket, Id)).flatMap(
    (ticket) => momentOf(ticket.Performance?.PerformanceDateTime, timeZone) ?? [],
  );
}

/** In cents, so that the sum does not depend on the order; what somebody else bought for the patron is not theirs. */
function amountOf({ SubLineItems = [], Id }: Constituent, site: Site): string {
  const bought = SubLineItems.filter((ticket) => counts(ticket, site) && (ticket.Owner?.Id ?? Id) === Id);
  const cents = bought.reduce((sum, ticket) => sum + Math.round((ticket.PaidAmountDecimal ?? 0) * 100), 0);
  return (Math.max(0, cents) / 100).toFixed(2);
}

function counts({ SubLineItemStatus }: Ticket, site: Site): boolean {
  const word = SubLineItemStatus.Description ?? '';
  return site.paidTicket.test(word) && !site.returnedTicket.test(word);
}

/** A ticket that names another recipient is that one's evening. */
function goes(row: Pick<Attendance | Ticket, 'Recipient'>, patronId: number): boolean {
  return (row.Recipient?.Id ?? patronId) === patronId;
}
