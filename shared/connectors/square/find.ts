import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { Look, PaymentProvider, Shown, Standing } from '../payment-provider.ts';
import { look, read } from './client.ts';
import { changed, VENDOR } from './faults.ts';
import { pathOf } from './payments.ts';
import { type Payment, PaymentReplySchema, PaymentsPageSchema, SecretSchema } from './schema.ts';
import { paymentAs, shownOf } from './shown.ts';

const PAGE = 100;
/** After so many pages the window is too wide for a look at one payment. */
const MOST_PAGES = 50;

/** Square's payment, undefined when there is none of that id. */
export async function readRow(session: Session, id: string): Promise<Payment | undefined> {
  const call = { operation: 'payments.get', path: pathOf(id) };
  return (await look(session, call, PaymentReplySchema))?.payment;
}

/** The payment as it is now. */
export async function readPayment(session: Session, id: string): Promise<Look<Shown>> {
  const payment = await readRow(session, id);
  if (!payment) return { kind: 'absent' };
  const shown = paymentAs({ id }).shown({ payment });
  if (typeof shown === 'string') throw changed('payments.get', 'the payment', shown);
  return { kind: 'found', shown };
}

/**
 * By listing a window of creation times; of several with our reference the one that is furthest on. The list may be
 * several seconds behind ("ListPayments"), in what it lacks and in what it shows: the payment is read again by its id,
 * and `lateness` covers what is not listed yet.
 */
export async function find(
  session: Session,
  { reference, from, to }: Parameters<PaymentProvider['find']>[1],
): Promise<Look<Shown>> {
  const operation = 'payments.list';
  const { locationId } = await session.secret(SecretSchema);
  const window = { begin_time: rfc3339(from), end_time: rfc3339(to + 1_000) };
  const matches: Payment[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = { ...window, location_id: locationId, sort_order: 'ASC', limit: PAGE, cursor };
    const page = await read(session, { operation, path: '/v2/payments', query }, PaymentsPageSchema);
    matches.push(...(page.payments ?? []).filter(({ reference_id }) => reference_id === reference));
    if (!page.cursor) return await furthest(session, matches);
    cursor = page.cursor;
  }
  const message = `more than ${MOST_PAGES * PAGE} payments between these times; look in a narrower window`;
  throw new Fault('rejected', { vendor: VENDOR, operation, message, field: 'from' });
}

const ORDER: readonly Standing[] = ['captured', 'held', 'pending', 'declined', 'voided', 'expired'];

async function furthest(session: Session, matches: readonly Payment[]): Promise<Look<Shown>> {
  const looks = [];
  for (const { id } of matches) looks.push(await readPayment(session, id));
  const shown = looks.flatMap((each) => (each.kind === 'found' ? [each.shown] : []));
  const [first] = shown.toSorted((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing));
  return first ? { kind: 'found', shown: first } : { kind: 'absent' };
}

/** Square's form of a time. */
export function rfc3339(at: number): string {
  return new Date(at).toISOString();
}

/** For a payment that was read; throws where its amounts make no sense. */
export function shownOrChanged(payment: Payment, operation: string): Shown {
  const shown = shownOf(payment);
  if (typeof shown === 'string') throw changed(operation, 'the payment', shown);
  return shown;
}
