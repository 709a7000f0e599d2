import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import { openDisputes } from '../disputed.ts';
import { paymentOf } from '../hints.ts';
import type { Claim } from './claims.ts';
import type { Entry } from './entry.ts';
import type { Gathered, Run } from './gather.ts';
import { claimsAt, claimsBehind, newestClaims } from './ledger.ts';
import { dayOf, type Place, windowOf } from './places.ts';
import { getReconciliation, listReconciliations, momentOf, readSummary } from './reports.ts';

const DAY = 86_400_000;
const PAGE = 50;

/** The claims that were gathered, and those of payments that no list showed but an entry names. */
export async function withOwners(
  documents: FiledDocuments,
  run: Run,
  { entries, claims: gathered }: Gathered,
): Promise<{ claims: Claim[]; openDisputes: Map<string, boolean> }> {
  const { vendor } = run.provider;
  const references = entries.map(({ reference }) => reference);
  const named = await claimsBehind(documents, references, { vendor, known: gathered });
  const disputes = entries.filter(({ kind }) => kind === 'dispute');
  const disputed = await claimsOfDisputed(documents, run, { disputes, known: [...gathered, ...named] });
  const claims = newestClaims([...gathered, ...named, ...disputed]);
  const byReference = new Map(claims.map((claim) => [claim.reference, claim.id]));
  const ids = disputes.flatMap(({ about, reference = '' }) => about ?? byReference.get(reference) ?? []);
  return { claims, openDisputes: await openDisputes(documents, vendor, ids) };
}

/** Payments are disputed months later, when no list of these days has them: the provider says whose they are. */
async function claimsOfDisputed(
  documents: FiledDocuments,
  { provider, session }: Run,
  { disputes, known }: { disputes: readonly Entry[]; known: readonly Claim[] },
): Promise<Claim[]> {
  const ids = new Set(known.map(({ id }) => id));
  const strangers = new Set(disputes.flatMap(({ about }) => (ids.has(about) ? [] : (about ?? []))));
  const claims: Claim[] = [];
  for (const id of strangers) {
    const look = await provider.read(session, id);
    const payment = look.kind === 'found' ? paymentOf(look.shown.reference ?? '') : undefined;
    if (payment !== undefined) claims.push(...(await claimsAt(documents, payment, provider.vendor)));
  }
  return claims;
}

/** What the report of the day before closed with; nothing where there is none, and for a payout. */
export async function openingOf(documents: FiledDocuments, place: Place): Promise<Map<string, number>> {
  const window = windowOf(place);
  if (!window) return new Map();
  const before = await readSummary(documents, { ...place, name: dayOf(window.from - DAY) });
  return new Map(before?.totals.map(({ currency, closing }) => [currency, closing]));
}

/** Which payout each entry went into, by the reports of payouts made since this day began. */
export async function payoutsOf(
  documents: FiledDocuments,
  { place, provider }: Run,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const window = windowOf(place);
  if (!window || !provider.payoutEntries) return found;
  let after: string | undefined;
  do {
    const cut = { limit: PAGE, ...(after !== undefined && { after }) };
    const page = await listReconciliations(documents, place.merchant, cut);
    const recent = page.items.filter((each) => momentOf(each) >= window.from);
    for (const { id, scope, provider: vendor } of recent) {
      if (scope !== 'payout' || vendor !== provider.vendor) continue;
      const report = await getReconciliation(documents, place.merchant, id);
      for (const { entry, payout } of report?.lines ?? []) if (entry && payout) found.set(entry, payout);
    }
    after = recent.length < page.items.length ? undefined : page.next;
  } while (after !== undefined);
  return found;
}
