import * as z from 'zod';
import type { SandboxEdit } from '../sandbox.ts';
import { dayAt, type Show, showOf, slotOf } from './sandbox-calendar.ts';
import { type Desk, day, filledIn, found, id, mustExist } from './sandbox-desk-form.ts';
import { TICKET } from './sandbox-history.ts';
import { isHeld } from './sandbox-holdings.ts';
import { showStamp } from './sandbox-shows.ts';
import { netStamp } from './sandbox-stamp.ts';

const MINUTE = 60_000;

/** A sale: for an evening (tonight by default), a timed entry (`Slot` of a `Day`), or any performance by its id. */
const SaleSchema = z.strictObject({
  Constituent: id,
  Day: day.optional(),
  Slot: id.min(0).max(13).optional(),
  Performance: id.optional(),
  Amount: z.coerce.number().default(35),
  Recipient: id.optional(),
  /** Joins an order instead of opening one. */
  Order: id.optional(),
  /** Reserved, to be paid later. */
  Unpaid: z.boolean().optional(),
});
type Sale = z.infer<typeof SaleSchema>;
const PaymentSchema = z.strictObject({ Amount: z.coerce.number().optional() });

const ScanSchema = z.strictObject({
  Ticket: id,
  /** An offline scanner: read that long ago, told only now. */
  MinutesLate: z.coerce.number().default(0),
  /** The same, by the moment of the scan. */
  At: z.iso.datetime({ offset: true }).optional(),
  /** The row at the doors carries the moment of the scan although it is written only now. */
  Backdated: z.boolean().default(false),
  /** Turned away, with this text, whatever the ticket says. */
  Refuse: z.string().optional(),
});
type Scan = z.infer<typeof ScanSchema>;

export function scanForm(set: SandboxEdit['set']): Scan {
  return filledIn(ScanSchema, set);
}

/** Without an id a sale; with one the payment of a reservation, or with `remove` a return. */
export function editTicket(desk: Desk, { id: key, set, remove }: SandboxEdit): number {
  const ticket = Number(key);
  if (remove) return giveBack(desk, ticket);
  if (key === undefined) return buy(desk, filledIn(SaleSchema, set));
  const { Amount } = filledIn(PaymentSchema, set);
  const amount = Amount === undefined ? {} : { PaidAmountDecimal: Amount };
  const paid = { SubLineItemStatus: TICKET.printed, DueAmount: null, ...amount };
  return found('ticket', ticket, desk.store.setChild(desk.actor, 'SubLineItems', ticket, paid)).Id;
}

export function buy(desk: Desk, sale: Sale): number {
  const { store, actor } = desk;
  mustExist(store, sale.Constituent);
  const ticket = store.addChild(actor, 'SubLineItems', sale.Constituent, {
    OrderDate: netStamp(store.now(), 0),
    PaidAmountDecimal: sale.Unpaid ? 0 : sale.Amount,
    ...(sale.Unpaid ? { DueAmount: sale.Amount } : {}),
    Performance: showSold(desk, sale),
    Owner: { Id: sale.Constituent },
    ...(sale.Recipient === undefined ? {} : { Recipient: { Id: sale.Recipient } }),
    ...(sale.Order === undefined ? {} : { OrderId: sale.Order }),
    SubLineItemStatus: sale.Unpaid ? TICKET.reserved : TICKET.printed,
  });
  return ticket.Id;
}

function showSold({ store }: Desk, sale: Sale): Show {
  const Day = sale.Day ?? dayAt(store.now());
  if (sale.Performance === undefined) return sale.Slot === undefined ? showOf(Day) : slotOf(Day, sale.Slot);
  const show = found('performance', sale.Performance, store.shows.get(sale.Performance));
  return { Id: show.id, PerformanceDateTime: showStamp(show) };
}

export function giveBack({ store, actor }: Desk, ticket: number): number {
  const values = { SubLineItemStatus: TICKET.returned };
  return found('ticket', ticket, store.setChild(actor, 'SubLineItems', ticket, values)).Id;
}

/** A ticket that was given back is refused; a good one counts as attendance at its performance. */
export function scanAtDoor({ store, actor }: Desk, scan: Scan): number {
  const { Ticket, MinutesLate, At, Backdated, Refuse } = scan;
  const { parent, row } = found('ticket', Ticket, store.child('SubLineItems', Ticket));
  const show = ShowSchema.safeParse(row.Performance).data;
  const at = At === undefined ? store.now() - MinutesLate * MINUTE : Date.parse(At);
  const ok = isHeld(row) && Refuse === undefined;
  if (ok)
    store.addChild(actor, 'Attendance', parent, {
      TicketId: Ticket,
      OrderId: row.OrderId ?? Ticket,
      AttendDateTime: netStamp(at, Ticket),
      ScanSource: 'N-Scan',
      Performance: show,
      ...(row.Recipient === undefined ? {} : { Recipient: row.Recipient }),
    });
  const why = ok ? undefined : (Refuse ?? 'Ticket is not valid');
  const written = Backdated ? at : store.now();
  return store.doors.add({ at: written, ticket: Ticket, constituent: parent, show, why });
}

const ShowSchema = z.object({ Id: z.int(), PerformanceDateTime: z.string() });
