import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Page } from '../../../shared/engine/ports.ts';
import { paymentOf } from '../hints.ts';
import { dayList, OPEN_LIST, readPayment } from '../store.ts';
import { type Claim, claimsOf } from './claims.ts';

const DAY = 86_400_000;
const PAGE = 100;

/** The n-th list of payments that changed at or after `from`; undefined after the last. */
export function ledgerList(n: number, { from, now }: { from: number; now: number }): string | undefined {
  if (n === 0) return OPEN_LIST;
  const first = Math.floor(from / DAY) * DAY;
  const day = first + (n - 1) * DAY;
  return day > now ? undefined : dayList(day);
}

/** What the hub says of a page of payments. */
export async function claimsIn(
  documents: FiledDocuments,
  of: { list: string; vendor: string; after?: string | undefined },
): Promise<Page<Claim>> {
  const { items, next } = await documents.listed(of.list, PAGE, of.after);
  const claims = await Promise.all(items.map((key) => claimsAt(documents, idIn(key), of.vendor)));
  return { items: claims.flat(), ...(next !== undefined && { next }) };
}

/** Of entries with a reference of ours, the claims that no list showed: the payment may have changed its list just then. */
export async function claimsBehind(
  documents: FiledDocuments,
  references: readonly (string | undefined)[],
  of: { vendor: string; known: readonly Claim[] },
): Promise<Claim[]> {
  const known = new Set(of.known.map(({ reference }) => reference));
  const strangers = references.filter((each) => each !== undefined && !known.has(each));
  const payments = new Set(strangers.flatMap((each) => paymentOf(each ?? '') ?? []));
  return (await Promise.all([...payments].map((id) => claimsAt(documents, id, of.vendor)))).flat();
}

/** What the hub says of one payment at one provider. */
export async function claimsAt(documents: FiledDocuments, id: string, vendor: string): Promise<Claim[]> {
  const payment = (await readPayment(documents, id))?.payment;
  return payment ? claimsOf(payment, vendor) : [];
}

/** Each attempt once, as the newest reading of its payment had it. */
export function newestClaims(claims: readonly Claim[]): Claim[] {
  const newest = new Map<string, Claim>();
  for (const claim of claims) {
    const known = newest.get(claim.reference);
    if (!known || known.version <= claim.version) newest.set(claim.reference, claim);
  }
  return [...newest.values()];
}

function idIn(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}
