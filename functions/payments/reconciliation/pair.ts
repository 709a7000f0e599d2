import type { Claim, RefundClaim } from './claims.ts';
import type { Entry } from './entry.ts';

/** Our clock and the provider's day may differ by this much. */
const DAY = 86_400_000;

/** How an entry and the hub's books were brought together. */
export type By = 'id' | 'reference' | 'amount';

/** Whose entry it is. `again` = the claim has its entry already, or this one cannot be it. */
export interface Pair {
  entry: Entry;
  claim?: Claim;
  refund?: RefundClaim;
  by?: By;
  again?: boolean;
}

/** Finds claims by the ids that entries carry. */
class Register {
  readonly #ids: ReadonlyMap<string, Claim>;
  readonly #references: ReadonlyMap<string, Claim>;
  readonly #refunds: ReadonlyMap<string, { claim: Claim; refund: RefundClaim }>;

  constructor(claims: readonly Claim[]) {
    this.#ids = new Map(claims.flatMap((claim) => (claim.id === undefined ? [] : [[claim.id, claim]])));
    this.#references = new Map(claims.map((claim) => [claim.reference, claim]));
    this.#refunds = new Map(
      claims.flatMap((claim) =>
        claim.refunds.flatMap((refund) => (refund.id === undefined ? [] : [[refund.id, { claim, refund }]])),
      ),
    );
  }

  payment({ about = '', reference = '' }: Entry): { claim?: Claim; by?: By } {
    const byId = this.#ids.get(about);
    if (byId) return { claim: byId, by: 'id' };
    const claim = this.#references.get(reference);
    return claim ? { claim, by: 'reference' } : {};
  }

  refund({ about = '' }: Entry): { claim: Claim; refund: RefundClaim } | undefined {
    return this.#refunds.get(about);
  }
}

/** Brings every entry together with what the hub has: by the provider's id, then our reference, then the amount. */
export function pairUp(entries: readonly Entry[], claims: readonly Claim[]): Pair[] {
  const register = new Register(claims);
  const charges = entries.filter(({ kind }) => kind === 'charge');
  const known = pairCharges(charges, register);
  return [
    ...byAmount(known, claims),
    ...pairRefunds(entries, register),
    ...entries
      .filter(({ kind }) => !['charge', 'refund', 'refund-failed'].includes(kind))
      .map((entry) => ({ entry, ...(entry.kind === 'dispute' && register.payment(entry)) })),
  ];
}

function pairCharges(charges: readonly Entry[], register: Register): Pair[] {
  const taken = new Set<Claim>();
  return charges
    .map((entry): Pair => ({ entry, ...register.payment(entry) }))
    .sort((a, b) => likeness(b) - likeness(a) || a.entry.at - b.entry.at || byText(a.entry.id, b.entry.id))
    .map((pair) => {
      if (!pair.claim?.taken) return pair;
      if (taken.has(pair.claim) || !mayBe(pair.entry, pair.claim)) return { ...pair, again: true };
      taken.add(pair.claim);
      return pair;
    });
}

/** Of two entries for one payment, the likelier one is its own: by its id, then by the amount. */
function likeness({ entry, claim, by }: Pair): number {
  const isAmount = claim?.taken?.minor === entry.gross.minor && claim.currency === entry.gross.currency;
  return (by === 'id' ? 2 : 0) + (isAmount ? 1 : 0);
}

/** Is it the entry of what the hub took? One of another payment with our reference, or of another week, is not. */
function mayBe(entry: Entry, { id, taken }: Claim): boolean {
  const isOther = id !== undefined && entry.about !== undefined && entry.about !== id;
  return !isOther && taken !== undefined && isAbout(entry.at, taken);
}

function isAbout(at: number, { from, until }: { from: number; until: number }): boolean {
  return at >= from - DAY && at <= until + DAY;
}

/** Entries that name nothing at all, where only one payment without an entry can be meant and it can mean only one. */
function byAmount(pairs: readonly Pair[], claims: readonly Claim[]): Pair[] {
  const covered = new Set(pairs.flatMap(({ claim, again }) => (claim && !again ? [claim] : [])));
  const open = claims.filter((claim) => claim.taken && !covered.has(claim));
  const nameless = pairs.filter(
    ({ entry }) => entry.about === undefined && (entry.reference === undefined || entry.reference === ''),
  );
  const fits = ({ entry }: Pair, { taken, currency }: Claim) =>
    taken?.minor === entry.gross.minor && currency === entry.gross.currency && isAbout(entry.at, taken);
  return pairs.map((pair) => {
    if (!nameless.includes(pair)) return pair;
    const [claim, ...others] = open.filter((each) => fits(pair, each));
    if (!claim || others.length > 0) return pair;
    return nameless.filter((each) => fits(each, claim)).length > 1 ? pair : { ...pair, claim, by: 'amount' };
  });
}

function pairRefunds(entries: readonly Entry[], register: Register): Pair[] {
  const used = new Set<string>();
  const once = (pair: Pair): Pair => {
    const name = pair.refund && `${pair.entry.kind} ${pair.claim?.reference} ${pair.refund.refund}`;
    if (name === undefined) return pair;
    if (used.has(name)) return { ...pair, again: true };
    used.add(name);
    return pair;
  };
  const named = (entry: Entry): Pair => {
    const found = register.refund(entry);
    return found ? once({ entry, ...found, by: 'id' }) : { entry };
  };
  // Those with an id first, so that none of them is taken away by one that only has a reference.
  const pairs = inOrder(entries.filter(({ kind }) => kind === 'refund' || kind === 'refund-failed')).map(
    named,
  );
  return pairs.map((pair) => (pair.refund ? pair : once(byReference(pair, register, used))));
}

function byReference({ entry }: Pair, register: Register, used: ReadonlySet<string>): Pair {
  const { claim } = register.payment(entry);
  if (!claim) return { entry };
  const refund = claim.refunds.find(
    ({ id, minor, refund: name }) =>
      id === undefined &&
      minor === Math.abs(entry.gross.minor) &&
      !used.has(`${entry.kind} ${claim.reference} ${name}`),
  );
  return { entry, claim, by: 'reference', ...(refund && { refund }) };
}

function inOrder(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => a.at - b.at || byText(a.id, b.id));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
