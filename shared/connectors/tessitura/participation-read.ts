import * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { parseInstant } from '../../values/instant.ts';
import { batch, type Part, parsed, partFault, query, secretOf } from './client.ts';
import { type Call, unreadable } from './faults.ts';
import { PerformanceRow, PerformanceSchema, withMoments } from './performance-schema.ts';
import { AttendanceSchema, TicketSchema } from './schema.ts';

const ParticipationSchema = z.object({
  /** `<performance>-<constituent>`. */
  id: z.string(),
  constituentId: z.string(),
  /** The performance. */
  show: PerformanceSchema,
  /** All of them, returned ones too: the status says which. */
  tickets: z.array(TicketSchema),
  /** The first good scan of each ticket, oldest first; milliseconds since 1970. */
  scans: z.array(z.object({ ticketId: z.int().optional(), at: z.number() })),
  timeZone: z.string(),
});
/** One constituent and one performance: tickets and good scans. */
export type Participation = z.infer<typeof ParticipationSchema>;

const READ: Call = {
  operation: 'participations.read',
  method: 'GET',
  resource: 'TXN/SubLineItems',
  effect: 'read',
};
const Tickets = z.array(TicketSchema);
const Scans = z.array(AttendanceSchema);

/** The two ids in a participation's. */
function idsIn(id: string): { show: string; constituent: string } | undefined {
  const found = /^(\d+)-(\d+)$/.exec(id);
  return found ? { show: found[1] ?? '', constituent: found[2] ?? '' } : undefined;
}

/** One call for a hundred: tickets and scans of each constituent once, and all performances together. */
export async function readParticipations(
  session: Session,
  ids: readonly string[],
): Promise<Map<string, Read<Participation>>> {
  const all = await look(session, ids);
  return new Map([...all].filter(([, read]) => read.state !== 'gone'));
}

/** Without any ticket and scan nobody takes part; whether the constituent exists does not matter for that. */
export async function readParticipation(session: Session, id: string): Promise<Read<Participation>> {
  if (!idsIn(id)) return { state: 'gone' };
  const read = (await look(session, [id])).get(id);
  if (read) return read;
  const message = 'Tessitura failed to give out tickets, scans or the performance of one participation';
  throw new Fault('unavailable', { vendor: 'tessitura', operation: READ.operation, message });
}

/** What the service failed to answer for is left out; an answer is a 200, because an empty list may mean gone. */
async function look(session: Session, ids: readonly string[]): Promise<Map<string, Read<Participation>>> {
  const reads = new Map<string, Read<Participation>>();
  const pairs = ids.flatMap((id) => ({ id, ...idsIn(id) }));
  const constituents = distinct(pairs.map(({ constituent }) => constituent));
  const shows = distinct(pairs.map(({ show }) => show));
  if (shows.length === 0) return reads;
  const parts = [performancesPart(shows), ...constituents.flatMap((id) => [ticketsPart(id), scansPart(id)])];
  const [performances, ...rest] = await batch(session, parts);
  if (performances?.status !== 200)
    throw partFault({ ...performancesPart([]), method: 'GET' }, performances ?? NO_ANSWER, 'read');
  const { timeZone } = await secretOf(session);
  const known = new Map(parsed(READ, RowsSchema, performances.value).map((row) => [String(row.Id), row]));
  for (const { id, show = '', constituent = '' } of pairs) {
    const at = 2 * constituents.indexOf(constituent);
    const [tickets, scans] = [rest[at], rest[at + 1]];
    if (at < 0 || tickets?.status !== 200 || scans?.status !== 200) continue;
    const row = known.get(show);
    const answers = { row, tickets: tickets.value, scans: scans.value, timeZone };
    reads.set(id, row ? readOf(id, answers) : { state: 'gone' });
  }
  return reads;
}

const NO_ANSWER = { status: 500, errors: '' };
const RowsSchema = z.array(z.looseObject({ Id: z.int() }));

interface Answers {
  row: unknown;
  tickets: unknown;
  scans: unknown;
  timeZone: string;
}

function readOf(id: string, { row, timeZone, ...answers }: Answers): Read<Participation> {
  const show = PerformanceRow.safeParse(row);
  if (!show.success) return { state: 'unreadable', fault: unreadable(READ, show.error) };
  const [tickets, scans] = [Tickets.safeParse(answers.tickets), Scans.safeParse(answers.scans)];
  if (!tickets.success) return { state: 'unreadable', fault: unreadable(READ, tickets.error) };
  if (!scans.success) return { state: 'unreadable', fault: unreadable(READ, scans.error) };
  const constituentId = idsIn(id)?.constituent ?? '';
  const isMine = (each: {
    Performance?: { Id: number } | null | undefined;
    Recipient?: { Id: number } | null | undefined;
  }) =>
    each.Performance?.Id === show.data.Id &&
    (each.Recipient?.Id ?? Number(constituentId)) === Number(constituentId);
  const held = tickets.data.filter(isMine).sort((a, b) => a.SubLineItemId - b.SubLineItemId);
  const admitted = firstScans(scans.data.filter(isMine), timeZone);
  if (held.length === 0 && admitted.length === 0) return { state: 'gone' };
  const record = { id, constituentId, show: withMoments(show.data, timeZone), timeZone };
  return { state: 'present', record: { ...record, tickets: held, scans: admitted } };
}

/** Who goes out and comes back is scanned again; scanners that were offline tell their scans late and in any order. */
function firstScans(rows: z.infer<typeof Scans>, timeZone: string): Participation['scans'] {
  const byTicket = new Map<string, Participation['scans'][number]>();
  for (const { Id, TicketId, AttendDateTime } of rows) {
    const at = AttendDateTime == null ? undefined : parseInstant(AttendDateTime, timeZone);
    if (!at?.ok) continue;
    const key = TicketId == null ? `scan ${Id}` : String(TicketId);
    const known = byTicket.get(key);
    if (known && known.at <= at.value.epoch) continue;
    byTicket.set(key, { ...(TicketId == null ? {} : { ticketId: TicketId }), at: at.value.epoch });
  }
  return [...byTicket.values()].sort((a, b) => a.at - b.at || (a.ticketId ?? 0) - (b.ticketId ?? 0));
}

function performancesPart(ids: readonly string[]): Part {
  const path = `TXN/Performances${query({ performanceIds: ids.join(',') })}`;
  return { operation: 'performances.read', resource: 'TXN/Performances', path };
}

/** Of one constituent; affiliates' are theirs. */
export function ticketsPart(constituentId: string, orderId?: string): Part {
  const path = `TXN/SubLineItems${query({ constituentId, orderId, includeAffiliations: false })}`;
  return { operation: 'tickets.read', resource: 'TXN/SubLineItems', path };
}

function scansPart(constituentId: string): Part {
  const path = `CRM/AttendanceHistory${query({ constituentId, includeAffiliations: false })}`;
  return { operation: 'attendance.read', resource: 'CRM/AttendanceHistory', path };
}

function distinct(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.flatMap((id) => id ?? []))];
}
