import type { Amount, Sent, Shown, ShownRefund, Standing } from '../payment-provider.ts';
import { declineOf, safeCode } from './declines.ts';
import { fromSquare } from './money.ts';
import type { Reading } from './outcome.ts';
import { type Payment, PaymentReplySchema, type Refund, RefundReplySchema } from './schema.ts';

/** What an answer must agree with before it is believed. */
export interface Expected {
  id?: string | undefined;
  reference?: string;
  /** What was asked to be charged. */
  amount?: Amount;
  /** What was asked to be captured. */
  captured?: Amount;
}

/** A Payment as the hub sees it, or the field that is not the one expected. */
export function paymentAs(expected: Expected): Reading<{ payment: Payment }, Shown> {
  return {
    schema: PaymentReplySchema,
    shown: ({ payment }) => {
      const shown = shownOf(payment);
      return typeof shown === 'string' ? shown : (disagreement(shown, payment, expected) ?? shown);
    },
  };
}

/** A Payment as the hub sees it; a sentence where an amount makes no sense. */
export function shownOf(payment: Payment): Shown | string {
  const { id, amount_money, total_money, refunded_money, reference_id: reference } = payment;
  const none = { amount: 0, currency: amount_money.currency };
  const standing = standingOf(payment);
  const amount = fromSquare(amount_money);
  const captured = fromSquare(standing === 'captured' ? (total_money ?? amount_money) : none);
  const refunded = fromSquare(refunded_money ?? none);
  if (!amount || !captured || !refunded) return `Square's amount is not whole in ${amount_money.currency}`;
  return {
    ...{ id, standing, amount, captured, refunded },
    ...(reference && { reference }),
    ...(standing === 'declined' && { decline: declineOf(payment.card_details?.errors?.[0]) }),
  };
}

/** Square cancels a hold by itself when its time is over: then the last change is not before that. */
function standingOf({ status, delayed_until, updated_at }: Payment): Standing {
  switch (status) {
    case 'PENDING':
      return 'pending';
    case 'APPROVED':
      return 'held';
    case 'COMPLETED':
      return 'captured';
    case 'CANCELED':
      return Date.parse(updated_at ?? '') >= Date.parse(delayed_until ?? '') ? 'expired' : 'voided';
    case 'FAILED':
      return 'declined';
  }
}

/** The integrity check: a sentence that names the first field that is not ours. */
function disagreement(shown: Shown, payment: Payment, expected: Expected): string | undefined {
  const { id, reference, amount, captured } = expected;
  const says = (field: string) =>
    `Square's answer is about another ${field} than was asked; nothing of it is believed`;
  const approved = payment.approved_money && fromSquare(payment.approved_money);
  if (id !== undefined && shown.id !== id) return says('payment');
  if (reference !== undefined && shown.reference !== reference) return says('reference');
  if (amount && !equal(amount, shown.amount)) return says('amount');
  // A gift card may be approved for less; we never allow that.
  if (amount && shown.standing === 'held' && approved && !equal(amount, approved))
    return says('approved amount');
  if (captured && shown.standing === 'captured' && !equal(captured, shown.captured))
    return says('captured amount');
  // It would take the money by itself after some days, where we only ask to hold it.
  return payment.delay_action === 'COMPLETE' ? says('delay action') : undefined;
}

function equal(a: Amount, b: Amount): boolean {
  return a.minor === b.minor && a.currency === b.currency;
}

/** A failed payment is a decline, and a decline whose payment did not fail is nothing to believe. */
export function judged(sent: Sent<Shown>): Sent<Shown> {
  if (sent.kind === 'declined' && sent.shown && sent.shown.standing !== 'declined')
    return {
      kind: 'unknown',
      message: 'Square says declined and shows a payment that did not fail: read it',
    };
  return sent.kind === 'answered' ? asItStands(sent.shown) : sent;
}

/** What a payment is now, as the answer to a call. */
export function asItStands(shown: Shown): Sent<Shown> {
  if (shown.standing !== 'declined') return { kind: 'answered', shown };
  return { kind: 'declined', ...(shown.decline ?? declineOf(undefined)), shown };
}

interface ExpectedRefund {
  id?: string;
  paymentId?: string;
  amount?: Amount;
}

/** A PaymentRefund as the hub sees it, or the field that is not the one expected. */
export function refundAs(expected: ExpectedRefund): Reading<{ refund: Refund }, ShownRefund> {
  return { schema: RefundReplySchema, shown: ({ refund }) => refundShown(refund, expected) };
}

function refundShown(refund: Refund, expected: ExpectedRefund): ShownRefund | string {
  const { id, payment_id: paymentId, status } = refund;
  const amount = fromSquare(refund.amount_money);
  if (!amount) return `Square's amount is not whole in ${refund.amount_money.currency}`;
  if (!paymentId) return 'Square names no payment for this refund';
  const same =
    (expected.id ?? id) === id &&
    (expected.paymentId ?? paymentId) === paymentId &&
    equal(expected.amount ?? amount, amount);
  if (!same) return "Square's answer is about another refund than was asked; nothing of it is believed";
  const standing = refundStanding(status);
  return {
    ...{ id, paymentId, standing, amount },
    ...(standing === 'failed' && { failure: safeCode(status) ?? 'FAILED' }),
  };
}

/** A word that we do not know: Square is not finished. */
function refundStanding(status: Refund['status']): ShownRefund['standing'] {
  switch (status) {
    case 'COMPLETED':
      return 'succeeded';
    case 'REJECTED':
    case 'FAILED':
      return 'failed';
    default:
      return 'pending';
  }
}
