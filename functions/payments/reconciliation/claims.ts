import * as z from 'zod';
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
  /** `failed`: the provider had it and it came to nothing; `open`: it may yet happen; `no`: it never was. */
  done: z.enum(['yes', 'pending', 'open', 'failed', 'no']),
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

function claimOf(payment: Payment, { n, id, reference, orphan }: Attempt): Claim {
  const took = taking(payment);
  const mine = took?.attempt === n ? took : undefined;
  const refunds = payment.operations.filter((each) => each.attempt === n && each.kind === 'refund');
  return {
    payment: payment.id,
    version: payment.version,
    merchant: payment.merchant,
    ...(id !== undefined && { id }),
    reference,
    currency: payment.currency,
    ...(mine && { taken: { minor: mine.amount, ...spanOf(payment, mine) } }),
    otherwise: took ? 'elsewhere' : orphan !== undefined || isOver(payment) ? 'ended' : 'open',
    refunds: refunds.map((each) => refundClaim(payment, each)),
  };
}

/** Nothing was taken, and the hub has given up: money that moved all the same is nobody's. */
function isOver(payment: Payment): boolean {
  return payment.ended !== undefined && statusOf(payment) === payment.ended.as;
}

function refundClaim(payment: Payment, operation: Operation): RefundClaim {
  const { amount, refund, seq } = operation;
  return {
    refund: refund?.id ?? String(seq),
    ...(refund?.at !== undefined && { id: refund.at }),
    minor: amount,
    done: doneOf(operation),
    ...spanOf(payment, operation),
    ...(refund?.returnedAt !== undefined && { returnedAt: refund.returnedAt }),
  };
}

function doneOf({ state, refund }: Operation): RefundClaim['done'] {
  switch (state) {
    case 'succeeded':
      return 'yes';
    case 'pending':
      return 'pending';
    case 'declined':
      return refund?.at === undefined ? 'no' : 'failed';
    case 'rejected':
    case 'not-executed':
    case 'retired':
      return 'no';
    case 'created':
    case 'sent':
    case 'unknown':
    case 'needs-payer':
    case 'needs-review':
      return 'open';
  }
}

function spanOf(payment: Payment, { attempt, seq, kind, firstSentAt }: Operation) {
  const line = `${attempt}.${seq} ${kind} succeeded`;
  const told = payment.timeline.findLast(({ what }) => what === line)?.at;
  const from = firstSentAt ?? told ?? payment.createdAt;
  return { from, until: Math.max(from, told ?? from) };
}
