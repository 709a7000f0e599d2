import type { Attendance, Constituent, Ticket } from '../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { anniversary, dayOf, momentOf } from './moments.ts';
import type { Site } from './site.ts';

/** Contact properties counted from tickets and scans, each time anew; left alone where they are not read. */
export const attendanceFields = [
  'tessitura_last_attended',
  'tessitura_visits_12m',
  'tessitura_next_performance',
  'tessitura_lifetime_tickets',
] as const;

/** What a patron's tickets and scans amount to at a moment. */
export function attendanceAt(patron: Constituent, site: Site, now: Millis): Fields {
  if (!patron.SubLineItems || !patron.AttendanceHistory) return {};
  const { timeZone } = patron;
  const visits = visitsOf(patron);
  const next = upcoming(patron, site).filter((moment) => moment > now);
  const recent = visits.filter((moment) => now < anniversary(moment, timeZone));
  return {
    tessitura_last_attended: visits.length > 0 ? dayOf(Math.max(...visits), timeZone) : null,
    tessitura_visits_12m: String(recent.length),
    tessitura_next_performance: next.length > 0 ? dayOf(Math.min(...next), timeZone) : null,
    tessitura_lifetime_tickets: amountOf(patron, site),
  };
}

/** Every moment at which `attendanceAt` may come out different. */
export function attendanceMoments(patron: Constituent, site: Site): Millis[] {
  if (!patron.SubLineItems || !patron.AttendanceHistory) return [];
  const leaving = visitsOf(patron).map((moment) => anniversary(moment, patron.timeZone));
  return [...upcoming(patron, site), ...leaving];
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
