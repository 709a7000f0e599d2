import type { Claim } from './claims.ts';
import type { Entry } from './entry.ts';
import { type FeeSchedule, feeBy } from './fees.ts';
import type { Pair } from './pair.ts';
import type { Row, RowKind } from './report.ts';

/** What an entry is judged by, besides the hub's books. */
export interface Bench {
  now: number;
  /** Payouts that entries went into, by the entry's id, as far as they were told. */
  payoutOf: ReadonlyMap<string, string>;
  /** After this a charge should have been paid out; undefined = the provider tells no payouts. */
  paidOutWithin?: number | undefined;
  fees?: FeeSchedule | undefined;
  /** Whether a dispute about that payment (the provider's id) is open. */
  openDisputes: ReadonlyMap<string, boolean>;
}

interface Verdict {
  kind: RowKind;
  /** Signed minor units of the hub. */
  expected?: number;
  says?: string;
}

/** The row of one entry. */
export function rowOf(pair: Pair, bench: Bench): Row {
  const { entry, claim, refund, by } = pair;
  const { about, payout = bench.payoutOf.get(entry.id) } = entry;
  const reference = claim?.reference ?? entry.reference;
  return {
    ...verdictOf(pair, bench),
    ...{ of: entry.kind, at: entry.at, currency: entry.gross.currency, entry: entry.id },
    ...{ gross: entry.gross.minor, fee: entry.fee.minor, net: entry.net.minor },
    ...(by !== undefined && { by }),
    ...(about !== undefined && { about }),
    ...(reference !== undefined && { reference }),
    ...(claim && { payment: claim.payment }),
    ...(refund && { refund: refund.refund }),
    ...(payout !== undefined && { payout }),
  };
}

function verdictOf(pair: Pair, bench: Bench): Verdict {
  const { kind, gross } = pair.entry;
  switch (kind) {
    case 'charge':
      return chargeVerdict(pair, bench);
    case 'refund':
    case 'refund-failed':
      return refundVerdict(pair);
    case 'dispute':
      return disputeVerdict(pair, bench);
    case 'fee':
    case 'reserve':
    case 'payout':
    case 'adjustment':
      return { kind, expected: gross.minor };
  }
}

function chargeVerdict({ entry, claim, again }: Pair, bench: Bench): Verdict {
  if (!claim)
    return { kind: 'orphan-at-provider', says: 'the provider took money for a payment that the hub has not' };
  if (again) return { kind: 'duplicate-capture', says: `payment ${claim.payment} was taken more than once` };
  if (!claim.taken) return notTaken(claim);
  const { minor } = claim.taken;
  const { gross } = entry;
  if (gross.currency !== claim.currency)
    return {
      kind: 'currency-mismatch',
      says: `the hub took ${claim.currency}, the provider shows ${gross.currency}`,
    };
  if (gross.minor !== minor)
    return { kind: 'amount-mismatch', expected: minor, says: `the hub took ${minor}, in minor units` };
  return { expected: minor, ...settledVerdict(entry, bench) };
}

function notTaken({ payment, otherwise }: Claim): Verdict {
  switch (otherwise) {
    case 'elsewhere':
      return { kind: 'duplicate-capture', says: `payment ${payment} was taken by another attempt as well` };
    case 'ended':
      return { kind: 'orphan-at-provider', says: `payment ${payment} has ended without taking money` };
    case 'open':
      return { kind: 'status-mismatch', says: `the hub does not know yet that payment ${payment} was taken` };
  }
}

/** The charge itself is right: is its fee, and was it paid out? */
function settledVerdict(entry: Entry, bench: Bench): Verdict {
  const { fees, payoutOf, paidOutWithin, now } = bench;
  const fee = fees && feeBy(fees, entry.gross);
  if (fee && Math.abs(fee.minor - entry.fee.minor) > fee.tolerance)
    return { kind: 'fee-variance', says: `by the price list the fee is ${fee.minor}, in minor units` };
  const isPaidOut = entry.payout !== undefined || payoutOf.has(entry.id);
  if (!isPaidOut && paidOutWithin !== undefined && now > entry.at + paidOutWithin)
    return { kind: 'unsettled-late', says: 'no payout holds it yet' };
  return { kind: 'matched' };
}

function refundVerdict({ entry, refund, again }: Pair): Verdict {
  if (!refund || again)
    return { kind: 'refund-unmatched', says: 'the provider shows a refund that the hub did not make' };
  const back = entry.kind === 'refund-failed';
  const expected = back ? refund.minor : -refund.minor;
  const problem = back ? cameBackProblem(refund) : refundProblem(refund);
  if (problem !== undefined) return { kind: 'status-mismatch', says: problem };
  if (entry.gross.minor !== expected)
    return { kind: 'amount-mismatch', expected, says: `the hub has ${expected}, in minor units` };
  return { kind: 'matched', expected };
}

function refundProblem({ refund, done }: NonNullable<Pair['refund']>): string | undefined {
  if (done === 'open') return `the hub does not know yet that refund ${refund} was made`;
  return done === 'no' ? `for the hub refund ${refund} was never made` : undefined;
}

function cameBackProblem({ refund, done, returnedAt }: NonNullable<Pair['refund']>): string | undefined {
  const isKnown = returnedAt !== undefined || done === 'failed';
  return isKnown ? undefined : `the hub does not know yet that refund ${refund} came back`;
}

function disputeVerdict({ entry, claim }: Pair, { openDisputes }: Bench): Verdict {
  const expected = entry.gross.minor;
  const isOpen = openDisputes.get(claim?.id ?? entry.about ?? '') ?? true;
  if (!isOpen) return { kind: 'dispute-closed', expected };
  const whose = claim ? `payment ${claim.payment} is disputed` : 'a payment is disputed';
  return { kind: 'dispute-open', expected, says: whose };
}
