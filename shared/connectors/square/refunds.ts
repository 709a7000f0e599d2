import type { Session } from '../../engine/session.ts';
import type { Look, PaymentProvider, Sent, ShownRefund } from '../payment-provider.ts';
import { look } from './client.ts';
import { changed } from './faults.ts';
import { readRow } from './find.ts';
import { toSquare } from './money.ts';
import { perform, refusedHere } from './outcome.ts';
import { type Refund, RefundReplySchema } from './schema.ts';
import { refundAs } from './shown.ts';

/** The longest `reason` ("RefundPayment"). */
const LONGEST = 192;

/**
 * Gives captured money back. A refund has no reference and does not show its key, so that the key closes the reason:
 * the only field by which it is found again.
 */
export async function refund(
  session: Session,
  { id, key, amount, reason }: Parameters<PaymentProvider['refund']>[1],
): Promise<Sent<ShownRefund>> {
  const money = toSquare(amount);
  if (typeof money === 'string') return refusedHere('INVALID_AMOUNT', money, 'amount');
  const body = {
    ...{ idempotency_key: key, payment_id: id, amount_money: money },
    reason: reasonWith(key, reason),
  };
  const call = { operation: 'refunds.create', path: '/v2/refunds', body, began: session.now() };
  return await perform(session, call, refundAs({ paymentId: id, amount }));
}

function reasonWith(key: string, reason: string | undefined): string {
  const mark = markOf(key);
  return reason ? `${reason.slice(0, LONGEST - mark.length - 1)} ${mark}` : mark;
}

function markOf(key: string): string {
  return `(${key})`;
}

/** The refund as it is now. */
export async function readRefund(session: Session, id: string): Promise<Look<ShownRefund>> {
  const found = await readRefundRow(session, id);
  return found ? { kind: 'found', shown: shownOrChanged(found, { id }) } : { kind: 'absent' };
}

/**
 * Among the refunds that the payment itself names, each read by its id: unlike the list of refunds that is not behind.
 */
export async function findRefund(
  session: Session,
  { paymentId, key }: { paymentId: string; key: string },
): Promise<Look<ShownRefund>> {
  const payment = await readRow(session, paymentId);
  for (const id of payment?.refund_ids ?? []) {
    const found = await readRefundRow(session, id);
    if (found?.reason?.endsWith(markOf(key)))
      return { kind: 'found', shown: shownOrChanged(found, { id, paymentId }) };
  }
  return { kind: 'absent' };
}

async function readRefundRow(session: Session, id: string): Promise<Refund | undefined> {
  const call = { operation: 'refunds.get', path: `/v2/refunds/${encodeURIComponent(id)}` };
  return (await look(session, call, RefundReplySchema))?.refund;
}

function shownOrChanged(refund: Refund, expected: { id: string; paymentId?: string }): ShownRefund {
  const shown = refundAs(expected).shown({ refund });
  if (typeof shown === 'string') throw changed('refunds.get', 'the refund', shown);
  return shown;
}
