import type { Entry } from './entry.ts';
import type { PayoutCheck, Row, Totals } from './report.ts';

const MOVED = ['charge', 'refund', 'refund-failed'];

/** Sums per currency, from the rows of a report; `opening` is the closing of the report before. */
export function totalsOf(rows: readonly Row[], opening: ReadonlyMap<string, number>): Totals[] {
  const currencies = new Set([...opening.keys(), ...rows.map(({ currency }) => currency)]);
  return [...currencies].sort().map((currency) => totalOf(currency, rows, opening.get(currency) ?? 0));
}

function totalOf(currency: string, all: readonly Row[], opening: number): Totals {
  const rows = all.filter((row) => row.currency === currency);
  const gross = (...kinds: readonly Row['of'][]) =>
    sum(rows.filter((row) => kinds.includes(row.of)).map((row) => row.gross ?? 0));
  const net = sum(rows.map((row) => row.net ?? 0));
  const moved = rows.filter((row) => MOVED.includes(row.of));
  const expected = sum(moved.map((row) => row.expected ?? 0));
  return {
    currency,
    entries: rows.filter(({ entry }) => entry !== undefined).length,
    charges: gross('charge'),
    refunds: gross('refund'),
    returned: gross('refund-failed'),
    disputes: gross('dispute'),
    // Some fees are part of an entry, others are entries of their own.
    fees: sum([-sum(rows.map((row) => row.fee ?? 0)), gross('fee')]),
    reserves: gross('reserve'),
    adjustments: gross('adjustment'),
    payouts: gross('payout'),
    net,
    expected,
    opening,
    closing: sum([opening, net]),
    difference: sum([sum(moved.map((row) => row.gross ?? 0)), -expected]),
  };
}

/** Each payout against its entries: what arrives at the bank is the sum of what it is made of. */
export function payoutChecks(payout: string, entries: readonly Entry[]): PayoutCheck[] {
  const currencies = [...new Set(entries.map(({ net }) => net.currency))].sort();
  return currencies.map((currency) => {
    const ours = entries.filter(({ net }) => net.currency === currency);
    const parts = ours.filter(({ kind }) => kind !== 'payout');
    const amount = -sum(ours.filter(({ kind }) => kind === 'payout').map(({ net }) => net.minor)) || 0;
    const total = sum(parts.map(({ net }) => net.minor));
    return { payout, currency, amount, entries: parts.length, sum: total, holds: amount === total };
  });
}

/** Entries that do not add up in themselves. */
export function unbalanced(entries: readonly Entry[]): string[] {
  return entries
    .filter(({ gross, fee, net }) => net.minor !== gross.minor - fee.minor || !sameCurrency(gross, fee, net))
    .map(({ id }) => id);
}

function sameCurrency(...amounts: readonly { currency: string }[]): boolean {
  return new Set(amounts.map(({ currency }) => currency)).size === 1;
}

/** Exact, or an error: a report with a rounded sum would be worse than none. */
function sum(values: readonly number[]): number {
  const total = values.reduce((all, each) => all + each, 0);
  if (!Number.isSafeInteger(total))
    throw new Error(`a sum of ${values.length} amounts is not exact: ${total}; take a shorter window`);
  return total || 0;
}
