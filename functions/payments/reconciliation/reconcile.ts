import type { Claim, RefundClaim } from './claims.ts';
import type { Entry } from './entry.ts';
import { type Bench, rowOf } from './judge.ts';
import { type Pair, pairUp } from './pair.ts';
import { isFinding, type PayoutCheck, ROW_KINDS, type Row, type Totals } from './report.ts';
import { payoutChecks, totalsOf, unbalanced } from './totals.ts';

/** The hub's books and a provider's, side by side. */
export interface Books extends Bench {
  /** Whose report it is; claims of others explain entries of a shared account, and are shown to nobody. */
  merchant: string;
  /** A payout has only its own entries, so nothing can be missing there. */
  scope: { kind: 'day'; from: number; to: number } | { kind: 'payout'; payout: string };
  /** For a day also those of the days around it. */
  entries: readonly Entry[];
  claims: readonly Claim[];
  /** Closing balance of the report before, by currency. */
  opening: ReadonlyMap<string, number>;
}

/** What came of the comparison. */
export interface Outcome {
  /** Findings first, then by time. */
  rows: Row[];
  counts: Partial<Record<Row['kind'], number>>;
  findings: number;
  totals: Totals[];
  payouts: PayoutCheck[];
  unbalanced: string[];
}

/** Every entry of the scope has one row, and so has whatever the hub has and the provider does not show. Pure. */
export function reconcile(books: Books): Outcome {
  const { scope, entries, merchant, opening } = books;
  const pairs = pairUp(entries, books.claims);
  const inScope = entries.filter((entry) => scope.kind === 'payout' || isIn(entry.at, scope));
  const shown = new Set(inScope);
  const mine = pairs.filter(
    ({ entry, claim }) => shown.has(entry) && (claim?.merchant ?? merchant) === merchant,
  );
  const rows = [...mine.map((pair) => rowOf(pair, books)), ...missing(books, pairs)].sort(byImportance);
  return {
    rows,
    counts: countsOf(rows),
    findings: rows.filter(({ kind }) => isFinding(kind)).length,
    totals: totalsOf(rows, opening),
    payouts: scope.kind === 'payout' ? payoutChecks(scope.payout, entries) : [],
    unbalanced: unbalanced(mine.map(({ entry }) => entry)),
  };
}

/** What the hub has of this time and no entry shows. */
function missing({ claims, merchant, scope }: Books, pairs: readonly Pair[]): Row[] {
  if (scope.kind !== 'day') return [];
  const charges = pairs.filter(({ entry, again }) => entry.kind === 'charge' && !again);
  const charged = new Set(charges.map(({ claim }) => claim));
  const seen = { refund: new Set<RefundClaim>(), 'refund-failed': new Set<RefundClaim>() };
  for (const { entry, refund } of pairs)
    if (refund && (entry.kind === 'refund' || entry.kind === 'refund-failed')) seen[entry.kind].add(refund);
  return claims
    .filter((claim) => claim.merchant === merchant)
    .flatMap((claim) => [
      ...(claim.taken && isIn(claim.taken.until, scope) && !charged.has(claim) ? [lost(claim)] : []),
      ...claim.refunds
        .filter((each) => each.done === 'yes' && isIn(each.until, scope) && !seen.refund.has(each))
        .map((each) => lostRefund(claim, each, 'refund')),
      ...claim.refunds
        .filter((each) => isIn(each.returnedAt ?? Number.NaN, scope) && !seen['refund-failed'].has(each))
        .map((each) => lostRefund(claim, each, 'refund-failed')),
    ]);
}

function lost({ taken, ...claim }: Claim): Row {
  return {
    ...{ kind: 'missing-at-provider', of: 'charge', at: taken?.until ?? 0, currency: claim.currency },
    ...{ payment: claim.payment, reference: claim.reference, expected: taken?.minor ?? 0 },
    ...(claim.id !== undefined && { about: claim.id }),
    says: `the hub took it with payment ${claim.payment}, and the provider shows no money`,
  };
}

function lostRefund(claim: Claim, refund: RefundClaim, of: 'refund' | 'refund-failed'): Row {
  const back = of === 'refund-failed';
  return {
    ...{ kind: 'missing-at-provider', of, at: back ? (refund.returnedAt ?? 0) : refund.until },
    ...{ currency: claim.currency, payment: claim.payment, reference: claim.reference },
    ...{ refund: refund.refund, expected: back ? refund.minor : -refund.minor },
    ...(refund.id !== undefined && { about: refund.id }),
    says: `the hub has refund ${refund.refund}${back ? ' as come back' : ''}, and the provider does not show it`,
  };
}

function isIn(at: number, { from, to }: { from: number; to: number }): boolean {
  return at >= from && at < to;
}

function byImportance(a: Row, b: Row): number {
  const place = ({ payment = '', of, entry = '' }: Row) => `${payment} ${of} ${entry}`;
  return (
    ROW_KINDS.indexOf(a.kind) - ROW_KINDS.indexOf(b.kind) || a.at - b.at || (place(a) < place(b) ? -1 : 1)
  );
}

function countsOf(rows: readonly Row[]): Outcome['counts'] {
  const counts: Outcome['counts'] = {};
  for (const { kind } of rows) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
