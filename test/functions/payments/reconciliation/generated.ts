import * as fc from 'fast-check';
import type { Claim, RefundClaim } from '../../../../functions/payments/reconciliation/claims.ts';
import type { Entry } from '../../../../functions/payments/reconciliation/entry.ts';
import type { FeeSchedule } from '../../../../functions/payments/reconciliation/fees.ts';
import type { Books } from '../../../../functions/payments/reconciliation/reconcile.ts';

export const FROM = Date.parse('2026-11-23T00:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const TO = FROM + DAY;
const fees: FeeSchedule = { basisPoints: 290, fixed: { USD: 30, EUR: 30 }, tolerance: 0 };

/** One payment of a world in which hub and provider agree. */
interface Plan {
  at: number;
  /** How much later the hub was told. */
  late: number;
  minor: number;
  currency: string;
  /** In hundredths of the amount; at most 100 together. */
  refunds: readonly { share: number; returned: boolean; by: 'id' | 'reference' }[];
  taken: boolean;
  by: 'id' | 'reference';
}

const plan: fc.Arbitrary<Plan> = fc.record({
  at: fc.integer({ min: FROM - DAY, max: TO + DAY - 1 }),
  late: fc.integer({ min: 0, max: 20 * HOUR }),
  minor: fc.integer({ min: 100, max: 1_000_000_000 }),
  currency: fc.constantFrom('USD', 'EUR'),
  refunds: fc.array(
    fc.record({
      share: fc.integer({ min: 1, max: 30 }),
      returned: fc.boolean(),
      by: fc.constantFrom('id' as const, 'reference' as const),
    }),
    { maxLength: 3 },
  ),
  taken: fc.boolean(),
  by: fc.constantFrom('id' as const, 'reference' as const),
});

export function amount(minor: number, currency: string) {
  return { minor, currency };
}

function feeOn(minor: number): number {
  return Math.floor((minor * 290 + 5_000) / 10_000) + 30;
}

export function entryOf(
  id: string,
  kind: Entry['kind'],
  minor: number,
  more: Partial<Entry> & { currency?: string; feeOf?: number } = {},
): Entry {
  const { currency = 'USD', feeOf = 0, ...rest } = more;
  return {
    ...{ id, kind, gross: amount(minor, currency), fee: amount(feeOf, currency) },
    ...{ net: amount(minor - feeOf, currency), at: FROM + HOUR, ...rest },
  };
}

function build(plans: readonly Plan[]): { claims: Claim[]; entries: Entry[] } {
  const entries: Entry[] = [];
  const claims = plans.map((each, n): Claim => {
    const { at, late, minor, currency, taken, by } = each;
    const claim = { payment: `pay${n}`, version: 3, merchant: 'club', id: `pi_${n}`, reference: `pay${n}.1` };
    const told = (moved: number) => ({ from: moved - 1_000, until: moved + late });
    if (!taken) return { ...claim, currency, otherwise: 'open', refunds: [] };
    const names = by === 'id' ? { about: claim.id } : { reference: claim.reference };
    entries.push(entryOf(`c${n}`, 'charge', minor, { currency, feeOf: feeOn(minor), at, ...names }));
    const refunds = each.refunds.map((wanted, r): RefundClaim => {
      // A unit of its own each, so that none is mistaken for another by its amount.
      const part = Math.max(1, Math.floor((minor * wanted.share) / 100)) + r;
      const id = `re_${n}_${r}`;
      const refundNames = wanted.by === 'id' ? { about: id } : { reference: claim.reference };
      const put = (suffix: string, kind: Entry['kind'], signed: number, more: Partial<Entry>) =>
        entries.push(entryOf(`${suffix}${n}_${r}`, kind, signed, { currency, at: at + r, ...more }));
      put('r', 'refund', -part, refundNames);
      if (wanted.returned) put('f', 'refund-failed', part, refundNames);
      return {
        ...{ refund: `ref${n}_${r}`, minor: part, done: 'yes', ...told(at + r) },
        ...(wanted.by === 'id' && { id }),
        ...(wanted.returned && { returnedAt: at + r + late }),
      };
    });
    return { ...claim, currency, taken: { minor, ...told(at) }, otherwise: 'open', refunds };
  });
  return { claims, entries };
}

/** Of the day itself, told within it; without refunds, so that one change makes one finding. */
const plain = plan.map((each): Plan => {
  const at = FROM + (Math.abs(each.at - FROM) % (DAY - 2 * HOUR));
  return { ...each, at, late: each.late % HOUR, taken: true, refunds: [] };
});

/** With a refund that came back, known by its id. */
const returned = plain.map((each): Plan => {
  return { ...each, refunds: [{ share: 10, returned: true, by: 'id' }] };
});

/** Books of one day in which hub and provider agree on everything; entries in any order. */
export const agreeing: fc.Arbitrary<Books> = fc
  .tuple(plain, returned, fc.array(plan, { maxLength: 10 }))
  .map(([first, second, more]) => build([first, second, ...more]))
  .chain(({ claims, entries }) =>
    fc
      .shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length })
      .map((shuffled) => booksOf({ claims, entries: shuffled })),
  );

export function booksOf(books: Partial<Books>): Books {
  return {
    merchant: 'club',
    scope: { kind: 'day', from: FROM, to: TO },
    entries: [],
    claims: [],
    opening: new Map(),
    now: TO + 4 * HOUR,
    payoutOf: new Map(),
    paidOutWithin: 10 * DAY,
    openDisputes: new Map(),
    fees,
    ...books,
  };
}
