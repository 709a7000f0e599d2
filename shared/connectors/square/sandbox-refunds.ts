import * as z from 'zod';
import { AskedMoneySchema, askedAs, KeySchema } from './sandbox-asked.ts';
import { sourceOf } from './sandbox-cards.ts';
import { paymentChanged, refundChanged } from './sandbox-changes.ts';
import { bookRefund, bookRefundFailure } from './sandbox-ledger.ts';
import { refundObject } from './sandbox-objects.ts';
import { missing, problemOf, Refusal } from './sandbox-replies.ts';
import type { Json, Payment, Refund } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const NewSchema = z.strictObject({
  idempotency_key: KeySchema,
  payment_id: z.string().min(1),
  amount_money: AskedMoneySchema,
  reason: z.string().max(192).optional(),
  payment_version_token: z.string().optional(),
});

/** RefundPayment: pending for a minute, and counted by the payment from the start. */
export function createRefund(world: World, { body }: Call): Json {
  const asked = askedAs(body, NewSchema);
  const payment = world.payments.get(asked.payment_id);
  if (!payment) throw missing('payment', asked.payment_id, 'payment_id');
  refuseImpossible(payment, asked.amount_money);
  const at = world.now();
  const { amount, currency } = asked.amount_money;
  const refund: Refund = {
    ...{ id: `${payment.id}_${world.draw(29)}`, payment: payment.id, created: at, updated: at },
    ...{ amount, currency, reason: asked.reason, status: 'PENDING' },
  };
  world.refunds.set(refund.id, refund);
  payment.refunded += amount;
  payment.refunds.push(refund.id);
  world.count('refunds');
  bookRefund(world, refund);
  refundChanged(world, refund, true);
  paymentChanged(world, payment);
  const fails = sourceOf(payment.source)?.refund === 'fails' || world.on.has('refunds-fail');
  world.later(fails ? HOUR : MINUTE, () => (fails ? failRefund(world, refund) : complete(world, refund)));
  return { refund: refundObject(world, refund) };
}

function refuseImpossible(
  payment: Payment,
  { amount, currency }: { amount: number; currency: string },
): void {
  const refuse = (code: string, detail: string, field?: string) =>
    new Refusal(400, problemOf('REFUND_ERROR', code, detail, field), { stored: true });
  if (payment.status === 'APPROVED' || payment.status === 'PENDING')
    throw refuse('REFUND_ERROR_PAYMENT_NEEDS_COMPLETION', 'The payment has to be completed first');
  if (payment.status !== 'COMPLETED')
    throw refuse('PAYMENT_NOT_REFUNDABLE', 'The payment cannot be refunded');
  if (payment.disputed)
    throw refuse('PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE', 'The payment is disputed and cannot be refunded');
  if (currency !== payment.currency)
    throw refuse('CURRENCY_MISMATCH', 'The currency is not that of the payment', 'amount_money.currency');
  if (amount < 1 || amount > payment.amount - payment.refunded)
    throw refuse(
      'REFUND_AMOUNT_INVALID',
      'The requested refund amount exceeds the amount available to refund.',
      'amount_money.amount',
    );
}

function complete(world: World, refund: Refund): void {
  if (refund.status !== 'PENDING') return;
  refund.status = 'COMPLETED';
  refundChanged(world, refund);
}

/** The bank sends the money back: the refund never was. */
export function failRefund(world: World, refund: Refund): void {
  if (refund.status === 'FAILED' || refund.status === 'REJECTED') return;
  refund.status = 'FAILED';
  bookRefundFailure(world, refund);
  refundChanged(world, refund);
  const payment = world.payments.get(refund.payment);
  if (!payment) return;
  payment.refunded -= refund.amount;
  paymentChanged(world, payment);
}

/** GetPaymentRefund. */
export function getRefund(world: World, { id }: Call): Json {
  const refund = world.refunds.get(id);
  if (!refund) throw missing('refund', id);
  return { refund: refundObject(world, refund) };
}
