import type { EventType, Operation, Payment, PaymentEvent } from '../payment.ts';
import { type Status, statusOf } from '../status.ts';
import { amountsOf } from '../view.ts';

/** What a merchant is told when a payment comes to a status; of the two missing ones the other events tell enough. */
const ENTERED: Readonly<Record<Exclude<Status, 'created' | 'processing'>, EventType>> = {
  queued: 'payment.queued',
  unknown: 'payment.unknown',
  'requires-action': 'payment.requires_action',
  'needs-review': 'payment.needs_review',
  authorised: 'payment.authorised',
  captured: 'payment.captured',
  declined: 'payment.declined',
  rejected: 'payment.rejected',
  voided: 'payment.voided',
  expired: 'payment.expired',
};

/** A payment comes and goes between these during an outage: each is told once. */
const ONCE: readonly EventType[] = ['payment.queued', 'payment.unknown'];

/** A refund that ends without money given back. */
const FAILED: readonly Operation['state'][] = ['declined', 'rejected', 'not-executed'];

/**
 * What one write made happen, in its order, numbered on from the events there are. A pure function of both sides, so
 * that it is stored in that write or not at all. A draft has no events: it may come to nothing.
 */
export function eventsBetween(before: Payment, after: Payment): PaymentEvent[] {
  if (after.draft || (before.draft && after.ended)) return [];
  const at = after.timeline.at(-1)?.at ?? after.createdAt;
  const status = statusOf(after);
  const { captured, refunded } = amountsOf(after);
  const types = [
    ...(before.draft ? [{ type: 'payment.created' as const }] : []),
    ...paymentNews(before, after),
  ];
  return [...types, ...after.operations.flatMap((each) => refundNews(before, each))].map((news, index) => ({
    ...news,
    version: after.events.length + index + 1,
    at,
    status,
    captured,
    refunded,
  }));
}

type News = Pick<PaymentEvent, 'type' | 'refund'>;

function paymentNews(before: Payment, after: Payment): News[] {
  const status = statusOf(after);
  if (status === statusOf(before) || status === 'created' || status === 'processing') return [];
  const type = ENTERED[status];
  const isTold = ONCE.includes(type) && after.events.some((event) => event.type === type);
  return isTold ? [] : [{ type }];
}

function refundNews(before: Payment, operation: Operation): News[] {
  const { kind, seq, state, amount, refund } = operation;
  if (kind !== 'refund' || !refund) return [];
  const old = before.operations.find((each) => each.seq === seq);
  const types: EventType[] = old ? [] : ['refund.created'];
  if (state !== old?.state) {
    if (state === 'succeeded') types.push('refund.succeeded');
    if (state === 'needs-review') types.push('refund.needs_review');
    if (FAILED.includes(state)) types.push('refund.failed');
  }
  if (refund.returnedAt !== undefined && old?.refund?.returnedAt === undefined) types.push('refund.returned');
  return types.map((type) => ({ type, refund: { id: refund.id, amount } }));
}
