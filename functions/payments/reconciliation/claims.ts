import * as z from 'zod';
import { attemptReference } from '../keys.ts';
import type { Attempt, Operation, Payment } from '../payment.ts';
import { statusOf } from '../status.ts';
import { taking } from '../view.ts';

/** When it happened at the provider: not before it was sent, not after we were told. */
const Span = { from: z.number().int(), until: z.number().int() };

const RefundClaimSchema = z.strictObject({
  /** Ours, and the provider's. */
  refund: z.string(),
  id: z.string().optional(),
  minor: z.number().int(),
  /** `no` = it did not happen as far as the hub knows; `open` = it may yet. */
  done: z.enum(['yes', 'open', 'no']),
  ...Span,
  /** It had succeeded and came back. */
  returnedAt: z.number().int().optional(),
});
/** What the hub says of one refund. */
export type RefundClaim = z.infer<typeof RefundClaimSchema>;

/** What the hub says of one attempt at one provider: what was taken there and what was given back. */
export const ClaimSchema = z.strictObject({
  payment: z.string(),
  version: z.number().int(),
  merchant: z.string(),
  /** The provider's id, and our reference there. */
  id: z.string().optional(),
  reference: z.string(),
  currency: z.string(),
  taken: z.strictObject({ minor: z.number().int(), ...Span }).optional(),
  /** If nothing was taken by this attempt: by another one, by none yet, or by none at all. */
  otherwise: z.enum(['elsewhere', 'open', 'ended']),
  refunds: z.array(RefundClaimSchema),
});
/** What the hub says of one attempt at one provider. */
export type Claim = z.infer<typeof ClaimSchema>;

/** The hub's books on one payment, as far as this provider is concerned: a claim for each attempt there. */
export function claimsOf(payment: Payment, vendor: string): Claim[] {
  return payment.attempts
    .filter(({ provider }) => provider === vendor)
    .map((attempt) => claimOf(payment, attempt));
}

function claimOf(payment: Payment, { n, id }: Attempt): Claim {
  const took = taking(payment);
  const mine = took?.attempt === n ? took : undefined;
  const refunds = payment.operations.filter((each) => each.attempt === n && each.kind === 'refund');
  return {
    payment: payment.id,
    version: payment.version,
    merchant: payment.merchant,
    ...(id !== undefined && { id }),
    reference: attemptReference(payment.id, n),
    currency: payment.currency,
    ...(mine && { taken: { minor: mine.amount, ...spanOf(payment, mine) } }),
    otherwise: took ? 'elsewhere' : isOver(payment) ? 'ended' : 'open',
    refunds: refunds.map((each) => refundClaim(payment, each)),
  };
}

/** Nothing was taken, and the hub has given up: money that moved all the same is nobody's. */
function isOver(payment: Payment): boolean {
  return payment.ended !== undefined && statusOf(payment) === payment.ended.as;
}

function refundClaim(payment: Payment, operation: Operation): RefundClaim {
  const { amount, state, refund, seq } = operation;
  const isOver = state === 'declined' || state === 'rejected' || state === 'not-executed';
  return {
    refund: refund?.id ?? String(seq),
    ...(refund?.at !== undefined && { id: refund.at }),
    minor: amount,
    done: state === 'succeeded' ? 'yes' : isOver ? 'no' : 'open',
    ...spanOf(payment, operation),
    ...(refund?.returnedAt !== undefined && { returnedAt: refund.returnedAt }),
  };
}

function spanOf(payment: Payment, { attempt, seq, kind, firstSentAt }: Operation) {
  const line = `${attempt}.${seq} ${kind} succeeded`;
  const told = payment.timeline.findLast(({ what }) => what === line)?.at;
  const from = firstSentAt ?? told ?? payment.createdAt;
  return { from, until: Math.max(from, told ?? from) };
}
