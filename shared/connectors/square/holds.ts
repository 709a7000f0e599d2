import type { Session } from '../../engine/session.ts';
import type { PaymentProvider, Sent, Shown } from '../payment-provider.ts';
import { beforeSending, type Write } from './client.ts';
import { readPayment, readRow, shownOrChanged } from './find.ts';
import { perform, refusedHere } from './outcome.ts';
import { pathOf } from './payments.ts';
import type { Payment } from './schema.ts';
import { asItStands, judged, paymentAs } from './shown.ts';

/**
 * Takes the held money, all of it: Square knows no part, so one is refused here. CompletePayment says no amount, which
 * is why the payment is read first; its version token binds the call to what was read.
 */
export async function capture(
  session: Session,
  { id, amount }: Parameters<PaymentProvider['capture']>[1],
): Promise<Sent<Shown>> {
  const began = session.now();
  const held = await heldOr(session, id);
  if ('kind' in held) return held;
  const { payment, shown } = held;
  if (shown.amount.currency !== amount.currency)
    return refusedHere('INVALID_CURRENCY', `the payment is in ${shown.amount.currency}`, 'amount');
  if (shown.amount.minor !== amount.minor) return refusedHere('PARTIAL_CAPTURE', NO_PART, 'amount');
  const body = payment.version_token ? { version_token: payment.version_token } : {};
  const call = { operation: 'payments.complete', path: pathOf(id, '/complete'), body, began };
  return await onHold(session, id, { call, captured: amount });
}

const NO_PART =
  'Square captures a hold as a whole: capture all of it and refund the rest, or void it and charge less';

/** Releases the hold. */
export async function cancel(
  session: Session,
  { id }: Parameters<PaymentProvider['void']>[1],
): Promise<Sent<Shown>> {
  const began = session.now();
  const held = await heldOr(session, id);
  if ('kind' in held) return held;
  const call = { operation: 'payments.cancel', path: pathOf(id, '/cancel'), body: {}, began };
  return await onHold(session, id, { call });
}

/** The payment while it is held or may yet be; otherwise the answer, for nothing is left to do. */
async function heldOr(
  session: Session,
  id: string,
): Promise<{ payment: Payment; shown: Shown } | Sent<Shown>> {
  const payment = await beforeSending(() => readRow(session, id));
  if (payment === undefined) return refusedHere('NOT_FOUND', 'Square knows no such payment', 'id');
  if ('kind' in payment) return payment;
  const shown = shownOrChanged(payment, 'payments.get');
  const isOver = shown.standing !== 'held' && shown.standing !== 'pending';
  return isOver ? asItStands(shown) : { payment, shown };
}

/**
 * Neither call has an idempotency key. A refusal may mean that the payment was changed since it was read, even by an
 * earlier call of ours: it is read again, and what it is now is the answer.
 */
async function onHold(
  session: Session,
  id: string,
  { call, captured }: { call: Write; captured?: Shown['amount'] },
): Promise<Sent<Shown>> {
  const expected = captured === undefined ? { id } : { id, captured };
  const sent = judged(await perform(session, call, paymentAs(expected)));
  if (sent.kind !== 'refused' || !sent.permanent) return sent;
  const now = await beforeSending(() => readPayment(session, id));
  if (now.kind === 'found' && now.shown.standing !== 'held') return asItStands(now.shown);
  return now.kind === 'unsent' ? { kind: 'unknown', message: now.message } : sent;
}
