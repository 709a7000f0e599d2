import type * as z from 'zod';
import type { Documents, Filing } from '../../shared/engine/filing.ts';
import { eventsBetween } from './events/happened.ts';
import { type Payment, PaymentSchema } from './payment.ts';
import { isAtRest } from './status.ts';

/** A payment and what a write of it must name. */
export interface Stored {
  payment: Payment;
  revision: string;
}

/** Undefined when there is none. Throws on one that this code cannot read. */
export async function readPayment(documents: Documents, id: string): Promise<Stored | undefined> {
  const stored = await documents.get(paymentKey(id));
  return stored && { payment: parse(id, PaymentSchema, stored.value), revision: stored.revision };
}

/**
 * One conditional write of the whole payment. It knows its own success by `writer`: a write that was carried out, and
 * whose answer was lost on the way, counts. Resolves with what is stored now; undefined when somebody else was faster.
 */
export async function writePayment(
  documents: Documents,
  before: Stored,
  payment: Payment,
  writer: string,
): Promise<Payment | undefined> {
  const events = [...payment.events, ...eventsBetween(before.payment, payment)];
  const value: Payment = { ...payment, events, version: before.payment.version + 1, writer };
  try {
    if (await documents.put(paymentKey(payment.id), value, before.revision, filingOf(value))) return value;
  } catch (thrown) {
    if (await isMine(documents, payment.id, writer)) return value;
    throw thrown;
  }
  return (await isMine(documents, payment.id, writer)) ? value : undefined;
}

async function isMine(documents: Documents, id: string, writer: string): Promise<boolean> {
  return (await readPayment(documents, id))?.payment.writer === writer;
}

/** Payments that are not at rest, or of which something is still to be announced. */
export const OPEN_LIST = 'payments/open';

/** Payments at rest, by the day (UTC, `YYYY-MM-DD`) of their last change. */
export function dayList(moment: number): string {
  return `payments/day/${new Date(moment).toISOString().slice(0, 10)}`;
}

/** Where a payment is found again. */
export function filingOf(payment: Payment): Filing {
  if (!isAtRest(payment) || payment.announced < payment.events.length)
    return { list: OPEN_LIST, at: payment.createdAt };
  const changedAt = payment.timeline.at(-1)?.at ?? payment.createdAt;
  return { list: dayList(changedAt), at: changedAt };
}

/** The document of a payment. */
export function paymentKey(id: string): string {
  return `payment/${id}`;
}

/** A stored value, or an error that names the field. */
export function parse<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Error(
    `payment document "${name}" has an unreadable field "${field}": it was written by a newer version; deploy that version again`,
  );
}
