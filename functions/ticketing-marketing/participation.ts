import type { Attendance, Ticket } from '../../shared/connectors/tessitura/schema.ts';
import type { MapContext, Mapped } from '../../shared/engine/flow.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { withoutContact } from './household-people.ts';
import { momentOf } from './moments.ts';
import type { Attending } from './participation-source.ts';
import { instant } from './performance.ts';
import { eventIdOf, isCancelled, overAt } from './performance-day.ts';
import { type Programme, usualProgramme } from './performance-programme.ts';
import { type Site, usualSite } from './site.ts';

/** How somebody stands towards an event, and since when. */
export const attendingFields = ['state', 'at'] as const;

const SECOND = 1_000;
/** Stands in for orders whose moment is not told: before any that is, and in the past for a season on sale. */
const LONG_BEFORE = 730 * 86_400_000;

interface Rules {
  site: Site;
  programme: Programme;
}

/**
 * What a patron has to do with an event: everything is worked out anew from the tickets and scans there are, so their
 * order and repetition mean nothing.
 */
export function mapAttending(
  attending: Attending,
  { now }: MapContext,
  rules: Rules = { site: usualSite, programme: usualProgramme },
): Mapped {
  const { patron, event } = attending;
  const because = withoutContact(patron);
  if (because !== undefined) return { kind: 'absent', because };
  const shows = attending.shows.filter((show) => eventIdOf(show, rules.programme) === event);
  if (shows.length === 0) return { kind: 'absent', because: 'not of a type that marketing is to know of' };
  const over = overAt(event, shows, rules.programme);
  if (over < now - rules.programme.listed.back * 86_400_000)
    return { kind: 'absent', because: 'too long ago' };
  const part = partOf({ ...attending, shows }, rules);
  if (part.state === undefined) return { kind: 'absent', because: 'no ticket has been paid' };
  const missed = part.state === 'registered' && now >= over;
  const fields = { state: missed ? 'no_show' : part.state, at: instant(part.at) };
  const present = { kind: 'present', fields } as const;
  return part.state === 'registered' && !missed ? { ...present, recheckAt: over } : present;
}

/** How the console names it; never logged. */
export function attendingLabel({ patron, event }: Attending): string {
  return `constituent ${patron.Id} at ${event}`;
}

type State = 'registered' | 'attended' | 'cancelled';

/**
 * HubSpot goes by the newest interaction, whatever it was told last. So each state has a moment later than those of
 * the states that it can follow, some by seconds, and none moves back when a scan comes late: who attended did so
 * when the performance began.
 */
function partOf(attending: Attending, { site, programme }: Rules): { state: State | undefined; at: Millis } {
  const { tickets, scans } = rowsOf(attending);
  const ordered = orderedAt(tickets, attending, programme);
  const playing = new Set(
    attending.shows.filter((show) => !isCancelled(show, programme)).map(({ Id }) => Id),
  );
  const isPlaying = ({ Performance: show }: Row) => show != null && playing.has(show.Id);
  const came = scans.filter(isPlaying);
  if (came.length > 0)
    return { state: 'attended', at: Math.max(ordered, begun(came, attending)) + 2 * SECOND };
  if (tickets.some((each) => isTicket(each, site) && isPlaying(each)))
    return { state: 'registered', at: ordered };
  const counted = tickets.some((each) => isTicket(each, site) || isReturned(each, site));
  if (scans.length > 0)
    return { state: 'cancelled', at: Math.max(ordered, begun(scans, attending)) + 3 * SECOND };
  return { state: counted ? 'cancelled' : undefined, at: ordered + SECOND };
}

type Row = Attendance | Ticket;

/** Tickets and good scans of the event that are the patron's own: one for another recipient is that one's evening. */
function rowsOf({ patron, shows }: Attending): { tickets: Ticket[]; scans: Attendance[] } {
  const ids = new Set(shows.map(({ Id }) => Id));
  const isMine = ({ Performance: show, Recipient }: Row) =>
    show != null && ids.has(show.Id) && (Recipient?.Id ?? patron.Id) === patron.Id;
  return {
    tickets: (patron.SubLineItems ?? []).filter(isMine),
    scans: (patron.AttendanceHistory ?? []).filter(isMine),
  };
}

/** When the last ticket was bought; one that takes the place of another in the same order is later by some seconds. */
function orderedAt(
  tickets: readonly Ticket[],
  { event, shows, patron }: Attending,
  programme: Programme,
): Millis {
  const untold = overAt(event, shows, programme) - LONG_BEFORE;
  const told = tickets.flatMap(({ OrderDate }) => momentOf(OrderDate, patron.timeZone) ?? []);
  return Math.max(untold, ...told) + tickets.length * 10 * SECOND;
}

/** When the last of the performances of these rows began. */
function begun(rows: readonly Row[], { shows }: Attending): Millis {
  const ids = new Set(rows.map((row) => row.Performance?.Id));
  return Math.max(...shows.filter(({ Id }) => ids.has(Id)).map((show) => show.startsAt));
}

function isTicket(ticket: Ticket, site: Site): boolean {
  return site.paidTicket.test(wordOf(ticket)) && !isReturned(ticket, site);
}

function isReturned(ticket: Ticket, site: Site): boolean {
  return site.returnedTicket.test(wordOf(ticket));
}

function wordOf({ SubLineItemStatus }: Ticket): string {
  return SubLineItemStatus.Description ?? '';
}
