import * as z from 'zod';
import type { SandboxEdit } from '../sandbox.ts';
import { curtainUp, dateStamp, dayAt, isCancelled, showOf } from './sandbox-calendar.ts';
import { LEVELS, MEMBER, TICKET, termFrom } from './sandbox-history.ts';
import type { Row } from './sandbox-people.ts';
import { netStamp } from './sandbox-stamp.ts';
import type { Actor, Store } from './sandbox-store.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const id = z.coerce.number().int();
const day = z.iso.date().transform((text) => Date.parse(text) / DAY);

/** A sale: for an evening, tonight by default. */
const SaleSchema = z.strictObject({
  Constituent: id,
  Day: day.optional(),
  Amount: z.coerce.number().default(35),
  Recipient: id.optional(),
});
const ScanSchema = z.strictObject({
  Ticket: id,
  /** An offline scanner: read that long ago, told only now. */
  MinutesLate: z.coerce.number().default(0),
});
/** New: whose, and which level. */
const MembershipSchema = z.strictObject({
  Constituent: id,
  Level: z.enum(LEVELS.map((level) => level.Description)).default('Friend'),
  From: day.optional(),
});
/** An existing one is renewed, or given another last day. */
const TermSchema = z.strictObject({ Expires: day.optional() });

/** Sales, returns, scans at the doors and memberships, as the staff do them. */
export function sandboxBoxOffice(store: Store, actor: () => Actor) {
  return {
    /** Undefined for a record that is not the box office's. */
    edit({ record, id: key, set, remove }: SandboxEdit): string | undefined {
      const desk = { store, actor: actor() };
      const number = Number(key);
      switch (record) {
        case 'ticket':
          return String(remove ? giveBack(desk, number) : buy(desk, form(SaleSchema, set)));
        case 'scan':
          return String(scanAtDoor(desk, form(ScanSchema, set)));
        case 'membership':
          if (key === undefined) return String(join(desk, form(MembershipSchema, set)));
          return String(remove ? cancel(desk, number) : change(desk, number, form(TermSchema, set)));
        default:
          return undefined;
      }
    },
    /** One piece of business with somebody; each leaves an entry in the audit log, a scan one at the doors. */
    act(constituent: number, what: number): void {
      const desk = { store, actor: actor() };
      const held = store.children('SubLineItems', constituent).filter(isHeld);
      const ticket = held[what % Math.max(1, held.length)];
      const membership = store.children('Memberships', constituent)[0];
      const business = what % 4;
      if (business === 0 && ticket) giveBack(desk, ticket.Id);
      else if (business === 1 && ticket) scanAtDoor(desk, { Ticket: ticket.Id, MinutesLate: 0 });
      else if (business === 2 && membership) renew(desk, membership.Id);
      else
        buy(desk, { Constituent: constituent, Day: openDay(store, today(desk) + (what % 60)), Amount: 35 });
    },
  };
}

interface Desk {
  store: Store;
  actor: Actor;
}

function today({ store }: Desk): number {
  return dayAt(store.now());
}

function buy(desk: Desk, sale: z.infer<typeof SaleSchema>): number {
  const { store, actor } = desk;
  mustExist(store, sale.Constituent);
  const ticket = store.addChild(actor, 'SubLineItems', sale.Constituent, {
    OrderDate: netStamp(store.now(), 0),
    PaidAmountDecimal: sale.Amount,
    Performance: showOf(sale.Day ?? today(desk)),
    Owner: { Id: sale.Constituent },
    ...(sale.Recipient === undefined ? {} : { Recipient: { Id: sale.Recipient } }),
    SubLineItemStatus: TICKET.printed,
  });
  return ticket.Id;
}

function giveBack({ store, actor }: Desk, ticket: number): number {
  const values = { SubLineItemStatus: TICKET.returned };
  return found('ticket', ticket, store.setChild(actor, 'SubLineItems', ticket, values)).Id;
}

function join(desk: Desk, { Constituent, Level, From }: z.infer<typeof MembershipSchema>): number {
  mustExist(desk.store, Constituent);
  const began = From ?? today(desk);
  const values = {
    Constituent: { Id: Constituent },
    MembershipLevel: LEVELS.find((level) => level.Description === Level),
    CurrentStatus: MEMBER.active,
    IsCurrent: true,
    IsDefault: true,
    ...termFrom(began),
    InceptionDate: dateStamp(began),
  };
  return desk.store.addChild(desk.actor, 'Memberships', Constituent, values).Id;
}

/** A renewal is a row of its own, which begins the day after the last one ends, or today. */
function renew(desk: Desk, membership: number): number {
  const { parent, row } = found('membership', membership, desk.store.child('Memberships', membership));
  const { Id: _id, ExpirationDate, ...values } = row;
  const next = typeof ExpirationDate === 'string' ? dayAt(Date.parse(ExpirationDate)) + 1 : today(desk);
  const term = termFrom(Math.max(next, today(desk)));
  return desk.store.addChild(desk.actor, 'Memberships', parent, { ...values, ...term }).Id;
}

function change(desk: Desk, membership: number, { Expires }: z.infer<typeof TermSchema>): number {
  if (Expires === undefined) return renew(desk, membership);
  const values = {
    ExpirationDate: dateStamp(Expires),
    LapseDate: dateStamp(Expires + 45),
    RenewalDate: null,
  };
  return found('membership', membership, desk.store.setChild(desk.actor, 'Memberships', membership, values))
    .Id;
}

function cancel({ store, actor }: Desk, membership: number): number {
  const values = { CurrentStatus: MEMBER.cancelled };
  return found('membership', membership, store.setChild(actor, 'Memberships', membership, values)).Id;
}

/** A ticket that was given back is refused; a good one counts as attendance at its performance. */
function scanAtDoor({ store, actor }: Desk, { Ticket, MinutesLate }: z.infer<typeof ScanSchema>): number {
  const { parent, row } = found('ticket', Ticket, store.child('SubLineItems', Ticket));
  const show = ShowSchema.safeParse(row.Performance).data;
  const ok = isHeld(row);
  if (ok)
    store.addChild(actor, 'Attendance', parent, {
      TicketId: Ticket,
      OrderId: Ticket,
      AttendDateTime: netStamp(store.now() - MinutesLate * MINUTE, Ticket),
      ScanSource: 'N-Scan',
      Performance: show,
      ...(row.Recipient === undefined ? {} : { Recipient: row.Recipient }),
    });
  return store.doors.add({ at: store.now(), ticket: Ticket, constituent: parent, show, ok });
}

const ShowSchema = z.object({ Id: z.int(), PerformanceDateTime: z.string() });

function isHeld({ SubLineItemStatus }: Row): boolean {
  const word = z.object({ Description: z.string() }).safeParse(SubLineItemStatus).data?.Description;
  return word === TICKET.printed.Description || word === TICKET.paid.Description;
}

function openDay(store: Store, from: number): number {
  const past = curtainUp(from) <= store.now();
  return past || isCancelled(store.layout.seed, from) ? openDay(store, from + 1) : from;
}

function found<T>(what: string, id: number, row: T | undefined): T {
  if (row === undefined) throw new Error(`there is no ${what} ${id}`);
  return row;
}

function mustExist(store: Store, constituent: number): void {
  if (!store.columns(constituent)) throw new Error(`there is no constituent ${constituent}`);
}

function form<T>(schema: z.ZodType<T>, set: SandboxEdit['set']): T {
  const parsed = schema.safeParse(set ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
