import type { PaymentProvider } from '../../../shared/connectors/payment-provider.ts';
import type { ServicePorts, ServiceWork } from '../../../shared/engine/service.ts';
import type { Session } from '../../../shared/engine/session.ts';
import type { FeeSchedule } from './fees.ts';
import { type Gathered, gather, type Run } from './gather.ts';
import { payoutIn, placeName, reportId, windowOf } from './places.ts';
import { openingOf, payoutsOf, withOwners } from './prepare.ts';
import { type Books, type Outcome, reconcile } from './reconcile.ts';
import { isStray, type Row, type Summary } from './report.ts';
import { readSummary, storeReport } from './reports.ts';
import { noteStrays } from './stray.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Providers show a movement up to three hours late, unless they say otherwise; a day is compared an hour after that. */
export const SHOWN_AFTER = 4 * HOUR;
/** Automatic payouts come within a week, or two where banks are slow: later than this somebody should ask. */
const PAID_OUT_WITHIN = 14 * DAY;
/** The errands of this room. */
export const COLLECTION = 'reconciliation';

/** Whose books are compared with whose. */
export interface Side {
  merchant: string;
  provider: PaymentProvider;
  session: Session;
  /** The account's price list; without it fees are not judged. */
  fees?: FeeSchedule;
}

/** `done` with the report; or an errand has been posted for the rest, or another worker is at it. */
export type Progress =
  | { done: false }
  | { done: true; summary: Summary; orphans: number; duplicates: number };

/** Compares one day (UTC, `2026-11-24`), once the provider can have shown all of it. May be run again for the same day. */
export async function reconcileDay(
  ports: ServicePorts,
  { day, ...side }: Side & { day: string },
  work: ServiceWork,
): Promise<Progress> {
  return await report(ports, side, { name: day, work });
}

/** Compares what one payout is made of with the hub's books, and with the payout itself. */
export async function reconcilePayout(
  ports: ServicePorts,
  { payout, ...side }: Side & { payout: string },
  work: ServiceWork,
): Promise<Progress> {
  return await report(ports, side, { name: `payout-${payout}`, work });
}

async function report(
  ports: ServicePorts,
  side: Side,
  { name, work }: { name: string; work: ServiceWork },
): Promise<Progress> {
  const place = { merchant: side.merchant, provider: side.provider.vendor, name };
  const run: Run = { place, provider: side.provider, session: side.session };
  const errand = { collection: COLLECTION, id: placeName(place) };
  const window = windowOf(place);
  const now = ports.clock.now();
  const shownAt = window ? window.to + (side.provider.settledAfter ?? SHOWN_AFTER) : now;
  if (now < shownAt) {
    await ports.post(errand, shownAt);
    return { done: false };
  }
  const gathered = await gather(ports, run, work);
  if (gathered === 'later') await ports.post(errand, now);
  if (typeof gathered === 'string') return { done: false };
  const books = await booksOf(ports, side, run, gathered);
  const outcome = reconcile(books);
  const { orphans, duplicates } = await noteFound(ports, side, outcome.rows);
  await askForPayouts(ports, run, outcome.rows);
  const summary = await storeReport(ports.documents, place, summaryOf(books, run, outcome), outcome.rows);
  return { done: true, summary, orphans, duplicates };
}

async function booksOf(ports: ServicePorts, side: Side, run: Run, gathered: Gathered): Promise<Books> {
  const window = windowOf(run.place);
  const { entries } = gathered;
  const { claims, openDisputes } = await withOwners(ports.documents, run, gathered);
  return {
    ...{ entries, claims, openDisputes, merchant: side.merchant, fees: side.fees, now: gathered.startedAt },
    scope: window ? { kind: 'day', ...window } : { kind: 'payout', payout: payoutIn(run.place) ?? '' },
    opening: await openingOf(ports.documents, run.place),
    payoutOf: await payoutsOf(ports.documents, run),
    paidOutWithin: run.provider.payoutEntries && PAID_OUT_WITHIN,
  };
}

function summaryOf(books: Books, { place }: Run, outcome: Outcome): Omit<Summary, 'version'> {
  const times = books.entries.map(({ at }) => at);
  const { from, to } = windowOf(place) ?? {
    from: Math.min(books.now, ...times),
    to: times.length === 0 ? books.now : Math.max(...times),
  };
  const { rows, ...sums } = outcome;
  return {
    ...{ schema: 1, id: reportId(place), merchant: place.merchant, provider: place.provider },
    ...{ scope: books.scope.kind, from, to, madeAt: books.now, rows: rows.length },
    ...sums,
  };
}

async function noteFound(
  ports: ServicePorts,
  { merchant, provider }: Side,
  rows: readonly Row[],
): Promise<{ orphans: number; duplicates: number }> {
  const notedAt = ports.clock.now();
  const found = rows.flatMap(({ kind, about, entry, reference, payment, by, ...row }) =>
    isStray(kind)
      ? [
          {
            ...{ kind, provider: provider.vendor, merchant, minor: row.gross ?? 0, currency: row.currency },
            ...{ at: row.at, notedAt, says: row.says ?? '' },
            ...(payment !== undefined && { payment }),
            ...(reference !== undefined && { reference }),
            ...(entry !== undefined && { entry }),
            // The id of a payment of ours names the payment, not the money that should not be there.
            ...(about !== undefined && by !== 'id' && { id: about }),
          },
        ]
      : [],
  );
  await noteStrays(ports.documents, found);
  const duplicates = found.filter(({ kind }) => kind === 'duplicate-capture').length;
  return { orphans: found.length - duplicates, duplicates };
}

/** A payout of the day whose hint did not come is compared too. */
async function askForPayouts(ports: ServicePorts, run: Run, rows: readonly Row[]): Promise<void> {
  if (!run.provider.payoutEntries || !windowOf(run.place)) return;
  const payouts = new Set(rows.flatMap(({ of, payout }) => (of === 'payout' && payout ? [payout] : [])));
  for (const payout of payouts) {
    const place = { ...run.place, name: `payout-${payout}` };
    if (await readSummary(ports.documents, place)) continue;
    await ports.post({ collection: COLLECTION, id: placeName(place) }, ports.clock.now());
  }
}
