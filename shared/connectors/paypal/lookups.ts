import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { Look, Shown } from '../payment-provider.ts';
import { read } from './client.ts';
import { VENDOR } from './faults.ts';
import { readOrder } from './holds.ts';
import { changed } from './refunds.ts';
import { AuthorizationSchema, CaptureSchema, type Order, type Transaction } from './schema.ts';
import { REPORT_LAG, transactions } from './settlements.ts';
import { shownOf } from './shown.ts';

/** By the order's id. */
export async function readPayment(session: Session, id: string): Promise<Look<Shown>> {
  const order = await readOrder(session, id);
  return order ? { kind: 'found', shown: shownOrThrow(order) } : { kind: 'absent' };
}

/**
 * By our reference, in the transaction list: the only one there is, and up to three hours late. So `absent` is said of
 * windows that ended before that only; a younger one is a fault `waiting`. Orders that were never authorised are in no
 * list, and move no money.
 */
export async function findPayment(
  session: Session,
  { reference, from, to }: { reference: string; from: number; to: number },
): Promise<Look<Shown>> {
  let page: string | undefined;
  do {
    const part = await transactions(session, { from, to, ...(page !== undefined && { page }) });
    const hit = part.items.find((each) => each.custom_field === reference && isPayment(each));
    const order = hit && (await orderOf(session, hit));
    if (order) return { kind: 'found', shown: shownOrThrow(order) };
    page = part.next;
  } while (page !== undefined);
  if (session.now() >= to + REPORT_LAG) return { kind: 'absent' };
  throw new Fault('waiting', {
    vendor: VENDOR,
    operation: 'transactions.list',
    message: "PayPal's list of transactions may be three hours late; it does not show this payment yet",
  });
}

/** Codes T00xx are payments, T13xx holds ("Transaction event codes"). */
function isPayment({ transaction_event_code: code }: Transaction): boolean {
  return code.startsWith('T00') || code.startsWith('T13');
}

/** The list names an order only sometimes; the capture or the hold always knows its own. */
async function orderOf(session: Session, transaction: Transaction): Promise<Order | undefined> {
  const { transaction_id: id, paypal_reference_id: related, paypal_reference_id_type: type } = transaction;
  if (type === 'ODR' && related) return await readOrder(session, related);
  const hold = transaction.transaction_event_code.startsWith('T13');
  const path = `/v2/payments/${hold ? 'authorizations' : 'captures'}/${encodeURIComponent(id)}`;
  const reading = { operation: hold ? 'authorizations.get' : 'captures.get', path };
  const found = await read(session, reading, hold ? AuthorizationSchema : CaptureSchema);
  const order = found?.supplementary_data?.related_ids?.order_id;
  return order ? await readOrder(session, order) : undefined;
}

function shownOrThrow(order: Order): Shown {
  const shown = shownOf(order);
  if (!shown) throw changed('orders.get', 'purchase_units.amount');
  return shown;
}
