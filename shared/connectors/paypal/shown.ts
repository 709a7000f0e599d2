import type { Amount, Shown, ShownRefund, Standing } from '../payment-provider.ts';
import { linkOf } from './faults.ts';
import { declineOf } from './issues.ts';
import { APPROVAL } from './limits.ts';
import { fromPaypal } from './money.ts';
import type { Authorization, Capture, Order, PaypalMoney, Refund } from './schema.ts';

/** Captures whose money was taken, whatever was given back later. */
const TAKEN: ReadonlySet<string> = new Set(['COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED']);

/** All that PayPal keeps under an order. */
export interface Parts {
  authorizations: readonly Authorization[];
  captures: readonly Capture[];
  refunds: readonly Refund[];
}

/** The holds, captures and refunds of an order. */
export function partsOf({ purchase_units: [{ payments }] }: Order): Parts {
  return {
    authorizations: payments?.authorizations ?? [],
    captures: payments?.captures ?? [],
    refunds: payments?.refunds ?? [],
  };
}

/** The hold that counts: an order has one unless it was authorised again. */
export function holdOf(order: Order): Authorization | undefined {
  const { authorizations } = partsOf(order);
  return (
    authorizations.find(({ status }) => status === 'CREATED' || status === 'PENDING') ?? authorizations.at(-1)
  );
}

/** The capture that refunds go against. */
export function captureOf(order: Order): Capture | undefined {
  const { captures } = partsOf(order);
  return (
    captures.find(({ status }) => TAKEN.has(status)) ?? captures.find(({ status }) => status === 'PENDING')
  );
}

/** The payment as PayPal shows it; undefined when an amount in it makes no sense. Its id is the order's, for ever. */
export function shownOf(order: Order): Shown | undefined {
  const [unit] = order.purchase_units;
  const amount = fromPaypal(unit.amount);
  const { captures, refunds } = partsOf(order);
  const captured = sum(
    captures.filter(({ status }) => TAKEN.has(status)),
    unit.amount,
  );
  const refunded = sum(
    refunds.filter(({ status }) => status === 'COMPLETED'),
    unit.amount,
  );
  if (!amount || !captured || !refunded) return undefined;
  const standing = standingOf(order);
  const hold = holdOf(order);
  return {
    id: order.id,
    standing,
    amount,
    captured,
    refunded,
    ...(unit.custom_id && { reference: unit.custom_id }),
    ...(standing === 'needs-payer' && payerLink(order)),
    ...(standing === 'declined' && { decline: declineOf(hold?.processor_response, 'AUTHORIZATION_DENIED') }),
  };
}

function standingOf(order: Order): Standing {
  const { captures } = partsOf(order);
  if (captures.some(({ status }) => TAKEN.has(status))) return 'captured';
  if (captures.some(({ status }) => status === 'PENDING')) return 'pending';
  const hold = holdOf(order);
  return hold ? standingOfHold(hold) : standingWithoutHold(order);
}

function standingOfHold({ status }: Authorization): Standing {
  switch (status) {
    case 'CREATED':
      return 'held';
    case 'VOIDED':
      return 'voided';
    case 'DENIED':
      return 'declined';
    case 'EXPIRED':
      return 'expired';
    default:
      // Captured without a capture to show, in review, or a word that we do not know: PayPal is not finished.
      return 'pending';
  }
}

function standingWithoutHold({ status, intent }: Order): Standing {
  if (status === 'COMPLETED') return 'pending';
  if (status === 'VOIDED') return 'voided';
  // We never take money by capturing an order: this is how one of ours is retired, see `retire`.
  if (intent !== 'AUTHORIZE') return 'voided';
  return status === 'PAYER_ACTION_REQUIRED' ? 'needs-payer' : 'prepared';
}

function payerLink(order: Order): Pick<Shown, 'nextAction'> {
  const url = linkOf(order.links, 'payer-action') ?? linkOf(order.links, 'approve');
  const made = Date.parse(order.create_time ?? '');
  if (url === undefined) return {};
  return { nextAction: { type: 'redirect', url, ...(made > 0 && { expiresAt: made + APPROVAL }) } };
}

/** A refund as PayPal shows it; undefined when its amount makes no sense. */
export function shownRefundOf(refund: Refund, paymentId: string): ShownRefund | undefined {
  const amount = fromPaypal(refund.amount);
  if (!amount) return undefined;
  const reason = refund.status_details?.reason ?? refund.status;
  const base = { id: refund.id, paymentId, amount };
  switch (refund.status) {
    case 'COMPLETED':
      return { ...base, standing: 'succeeded' };
    case 'FAILED':
    case 'CANCELLED':
      return { ...base, standing: 'failed', failure: reason };
    default:
      return { ...base, standing: 'pending' };
  }
}

/** Does PayPal's amount equal ours? */
export function isAmount(money: PaypalMoney, wanted: Amount): boolean {
  const amount = fromPaypal(money);
  return amount?.minor === wanted.minor && amount.currency === wanted.currency;
}

/** What an order has that is not as we made it; undefined when all is right. */
export function difference(
  order: Order,
  ours: { id?: string | undefined; amount: Amount; reference: string },
): string | undefined {
  const [unit] = order.purchase_units;
  if (ours.id !== undefined && order.id !== ours.id) return 'id';
  if (order.intent !== 'AUTHORIZE') return 'intent';
  if (!isAmount(unit.amount, ours.amount)) return 'amount';
  if (unit.custom_id !== ours.reference) return 'custom_id';
  const wrong = partsOf(order).authorizations.some((each) => !isAmount(each.amount, ours.amount));
  return wrong ? 'authorizations.amount' : undefined;
}

function sum(
  parts: readonly { amount: PaypalMoney }[],
  { currency_code: currency }: PaypalMoney,
): Amount | undefined {
  let minor = 0;
  for (const part of parts) {
    const amount = fromPaypal(part.amount);
    if (amount?.currency !== currency) return undefined;
    minor += amount.minor;
  }
  return { minor, currency };
}
