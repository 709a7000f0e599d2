import type { Attempt, Operation, Payment } from '../payment.ts';
import { statusOf } from '../status.ts';
import { amountsOf, isHeld, newest, opening, taking, wantedAttempts } from '../view.ts';
import type { PaymentShape, RefundShape } from './shapes.ts';

/** A payment as its merchant sees it: no instrument, no key of ours. */
export function representation(payment: Payment): PaymentShape {
  const { id, version, reference, amount, currency, capture, description, ended } = payment;
  const status = statusOf(payment);
  const { authorised, captured, refunded, reserved } = amountsOf(payment);
  const nextAction = status === 'requires-action' ? nextActionOf(payment) : undefined;
  const review = payment.operations.filter(({ state }) => state === 'needs-review');
  return {
    ...{ id, version, reference, amount, currency, status, capture },
    amounts: { authorised, captured, refunded, refundable: captured - reserved },
    ...(description !== undefined && { description }),
    failover: failoverOf(payment),
    ...(nextAction && { nextAction }),
    attempts: payment.attempts.map((attempt) => attemptOf(payment, attempt)),
    refunds: payment.operations.flatMap((operation) => refundOf(payment, operation) ?? []),
    ...(review.length > 0 && { review: review.map((operation) => reviewOf(payment, operation)) }),
    ...(ended && { ended: { at: time(ended.at), why: ended.why } }),
    createdAt: time(payment.createdAt),
    processBefore: time(payment.processBefore),
  };
}

/** A refund of a payment; undefined for any other operation. */
export function refundOf(payment: Payment, operation: Operation): RefundShape | undefined {
  const { refund, amount, code } = operation;
  if (!refund) return undefined;
  const status = refundStatus(operation);
  return {
    id: refund.id,
    payment: payment.id,
    provider: providerOf(payment, operation),
    amount,
    currency: payment.currency,
    status,
    ...(refund.reason !== undefined && { reason: refund.reason }),
    ...(status === 'failed' && code !== undefined && { code }),
  };
}

/** As the API writes moments. */
export function time(moment: number): string {
  return new Date(moment).toISOString();
}

function refundStatus({ state, refund }: Operation): RefundShape['status'] {
  switch (state) {
    case 'created':
    case 'sent':
      return 'processing';
    case 'pending':
    case 'needs-payer':
      return 'pending';
    case 'unknown':
    case 'needs-review':
      return state;
    case 'succeeded':
      return refund?.returnedAt === undefined ? 'succeeded' : 'returned';
    case 'declined':
    case 'rejected':
    case 'not-executed':
    case 'retired':
      return 'failed';
  }
}

function providerOf({ attempts }: Payment, { attempt }: Operation): string {
  return attempts.find(({ n }) => n === attempt)?.provider ?? '';
}

function reviewOf(payment: Payment, operation: Operation): NonNullable<PaymentShape['review']>[number] {
  const { seq, kind, amount } = operation;
  return { operation: seq, kind, provider: providerOf(payment, operation), amount };
}

function failoverOf({ routing, instruments }: Payment): PaymentShape['failover'] {
  if (routing.failover === 'never') return 'never';
  return routing.order.filter((provider) => instruments[provider]).length > 1 ? 'available' : 'no-instrument';
}

/** Past `processBefore` an attempt is abandoned, whatever its provider allows. */
function nextActionOf(payment: Payment): PaymentShape['nextAction'] {
  const attempt = wantedAttempts(payment).find(({ nextAction }) => nextAction);
  if (!attempt?.nextAction) return undefined;
  const { type, url, clientSecret, expiresAt = payment.processBefore } = attempt.nextAction;
  return {
    type,
    provider: attempt.provider,
    ...(url !== undefined && { url }),
    ...(clientSecret !== undefined && { clientSecret }),
    expiresAt: time(Math.min(expiresAt, payment.processBefore)),
  };
}

type AttemptShape = PaymentShape['attempts'][number];

function attemptOf(payment: Payment, attempt: Attempt): AttemptShape {
  const { n, provider, how, openedAt, id, closed } = attempt;
  const code = closed?.code;
  return {
    ...{ number: n, provider, how, outcome: outcomeOf(payment, attempt), openedAt: time(openedAt) },
    ...(id !== undefined && { providerId: id }),
    ...(code !== undefined && { code }),
  };
}

function outcomeOf(payment: Payment, attempt: Attempt): AttemptShape['outcome'] {
  const { n, closed, abandoned, seen } = attempt;
  if (closed) return closed.how;
  if (taking(payment)?.attempt === n) return 'captured';
  const taken = newest(payment, n, 'capture')?.state;
  if (taken === 'unknown' || taken === 'needs-review') return taken;
  if (abandoned) return 'releasing';
  if (isHeld(payment, attempt)) return 'held';
  const state = opening(payment, n)?.state;
  if (state === 'unknown' || state === 'needs-review' || state === 'pending') return state;
  return state === 'needs-payer' || seen?.standing === 'needs-payer' ? 'needs-payer' : 'processing';
}
