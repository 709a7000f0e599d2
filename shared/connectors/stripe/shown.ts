import type { Amount, Shown, ShownRefund, Standing } from '../payment-provider.ts';
import { declineOf } from './declines.ts';
import { fromStripe } from './money.ts';
import type { Reading } from './outcome.ts';
import { type Intent, IntentSchema, type Refund, RefundSchema } from './schema.ts';

/** The metadata of a PaymentIntent that carries our reference. */
export const REFERENCE = 'intertie_reference';

/** What an answer must agree with before it is believed. */
export interface Expected {
  id?: string | undefined;
  reference?: string;
  /** What was asked to be charged. */
  amount?: Amount;
  /** What was asked to be captured. */
  captured?: Amount;
}

/** A PaymentIntent as the hub sees it, or the field that is not the one expected. */
export function intentAs(expected: Expected): Reading<Intent, Shown> {
  return {
    schema: IntentSchema,
    shown: (intent) => {
      const shown = shownOf(intent);
      return typeof shown === 'string' ? shown : (disagreement(shown, intent, expected) ?? shown);
    },
  };
}

/** A PaymentIntent as the hub sees it; a sentence where an amount is no whole number of minor units. */
export function shownOf(intent: Intent): Shown | string {
  const { id, metadata, latest_charge: charge, currency } = intent;
  const amount = fromStripe(intent.amount, currency);
  const captured = fromStripe(intent.amount_received, currency);
  const refunded = fromStripe(refundedUnits(charge), currency);
  if (!amount || !captured || !refunded) return `Stripe's amount is not whole in ${currency}`;
  const reference = metadata?.[REFERENCE];
  const standing = standingOf(intent);
  return {
    ...{ id, standing, amount, captured, refunded },
    ...(reference !== undefined && { reference }),
    ...nextActionOf(intent, standing),
    ...(standing === 'declined' && { decline: declineOf(intent.last_payment_error ?? {}) }),
  };
}

/**
 * After a capture of a part, Stripe counts the rest, which was only released, as refunded too (seen in recorded
 * replies; not documented). What was really given back is above that.
 */
function refundedUnits(charge: Intent['latest_charge']): number {
  if (typeof charge !== 'object' || !charge) return 0;
  const released = charge.captured ? charge.amount - charge.amount_captured : 0;
  return charge.amount_refunded >= released ? charge.amount_refunded - released : charge.amount_refunded;
}

/** `canceled` is terminal: nothing can be charged any more. Without a charge yet it may also be an expired hold. */
function standingOf(intent: Intent): Standing {
  switch (intent.status) {
    case 'requires_payment_method':
      return intent.last_payment_error ? 'declined' : 'prepared';
    case 'requires_confirmation':
      return 'prepared';
    case 'requires_action':
      return 'needs-payer';
    case 'processing':
      return 'pending';
    case 'requires_capture':
      return 'held';
    case 'canceled':
      return ['automatic', 'expired'].includes(intent.cancellation_reason ?? '') ? 'expired' : 'voided';
    case 'succeeded':
      return 'captured';
  }
}

function nextActionOf(intent: Intent, standing: Standing): Pick<Shown, 'nextAction'> {
  if (standing !== 'needs-payer') return {};
  const url = intent.next_action?.redirect_to_url?.url ?? undefined;
  const clientSecret = intent.client_secret ?? undefined;
  return {
    nextAction: {
      type: url === undefined ? 'sdk' : 'redirect',
      ...(url !== undefined && { url }),
      ...(clientSecret !== undefined && { clientSecret }),
    },
  };
}

/** The integrity check: a sentence that names the first field that is not ours. */
function disagreement(shown: Shown, intent: Intent, expected: Expected): string | undefined {
  const { id, reference, amount, captured } = expected;
  const says = (field: string) =>
    `Stripe's answer is about another ${field} than was asked; nothing of it is believed`;
  if (id !== undefined && shown.id !== id) return says('payment');
  if (reference !== undefined && shown.reference !== reference) return says('reference');
  if (amount && amount.currency !== shown.amount.currency) return says('currency');
  if (amount && amount.minor !== shown.amount.minor) return says('amount');
  if (captured && captured.currency !== shown.captured.currency) return says('currency');
  if (captured && shown.standing === 'captured' && captured.minor !== shown.captured.minor)
    return says('captured amount');
  // One that captures by itself would take money where we only ask to hold it.
  return intent.capture_method === 'manual' ? undefined : says('capture method');
}

/** A Refund as the hub sees it, or the field that is not the one expected. */
export function refundAs(expected: {
  id?: string;
  paymentId?: string;
  amount?: Amount;
}): Reading<Refund, ShownRefund> {
  return { schema: RefundSchema, shown: (refund) => refundShown(refund, expected) };
}

function refundShown(
  refund: Refund,
  expected: { id?: string; paymentId?: string; amount?: Amount },
): ShownRefund | string {
  const amount = fromStripe(refund.amount, refund.currency);
  const paymentId = refund.payment_intent ?? undefined;
  if (!amount) return `Stripe's amount is not whole in ${refund.currency}`;
  if (paymentId === undefined) return 'Stripe names no payment for this refund';
  const same =
    (expected.id ?? refund.id) === refund.id &&
    (expected.paymentId ?? paymentId) === paymentId &&
    (expected.amount?.minor ?? amount.minor) === amount.minor &&
    (expected.amount?.currency ?? amount.currency) === amount.currency;
  if (!same) return "Stripe's answer is about another refund than was asked; nothing of it is believed";
  return {
    ...{ id: refund.id, paymentId, standing: refundStanding(refund), amount },
    ...(refund.failure_reason && { failure: refund.failure_reason }),
  };
}

function refundStanding({ status }: Refund): ShownRefund['standing'] {
  switch (status) {
    case 'pending':
    case 'requires_action':
      return 'pending';
    case 'succeeded':
      return 'succeeded';
    case 'failed':
    case 'canceled':
      return 'failed';
  }
}
