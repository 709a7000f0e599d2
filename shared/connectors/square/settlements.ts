import * as z from 'zod';
import type { Page } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import type { Amount, PaymentProvider, SettlementEntry } from '../payment-provider.ts';
import { read } from './client.ts';
import { changed } from './faults.ts';
import { rfc3339 } from './find.ts';
import { fromSquare } from './money.ts';
import {
  type Payout,
  PayoutEntriesPageSchema,
  type PayoutEntry,
  PayoutReplySchema,
  PayoutsPageSchema,
  SecretSchema,
  type SquareMoney,
} from './schema.ts';

const PAGE = 100;
const ENTRIES = 'payouts.entries';
/** What moved is paid out the next business day; chosen with room for a long weekend and for weekly payouts. */
export const PAID_OUT_WITHIN = 10 * 86_400_000;

/** What each activity type is to the hub; the rest are adjustments ("ActivityType"). */
const KINDS: Readonly<Record<string, SettlementEntry['kind']>> = {
  ...{ CHARGE: 'charge', REFUND: 'refund', DISPUTE: 'dispute', OPEN_DISPUTE: 'dispute' },
  ...{ FEE: 'fee', TAX_ON_FEE: 'fee', PROCESSING_FEE: 'fee', PROCESSING_FEE_REFUND: 'fee' },
  ...{ UNDO_PROCESSING_FEE_REFUND: 'fee', THIRD_PARTY_FEE: 'fee', THIRD_PARTY_FEE_REFUND: 'fee' },
  ...{
    PAID_SERVICE_FEE: 'fee',
    PAID_SERVICE_FEE_REFUND: 'fee',
    APP_FEE_REVENUE: 'fee',
    APP_FEE_REFUND: 'fee',
  },
  ...{
    DEPOSIT_FEE: 'fee',
    DEPOSIT_FEE_REVERSED: 'fee',
    SUBSCRIPTION_FEE: 'fee',
    SUBSCRIPTION_FEE_REFUND: 'fee',
  },
  ...{ SUBSCRIPTION_FEE_PAID_REFUND: 'fee', FREE_PROCESSING: 'fee', RELEASE_ADJUSTMENT: 'reserve' },
  ...{ RESERVE_HOLD: 'reserve', RESERVE_RELEASE: 'reserve', HOLD_ADJUSTMENT: 'reserve' },
  ...{ PAYOUT: 'payout', RETURNED_PAYOUT: 'payout' },
};

/** Where a reading of settlements goes on: inside a payout, or with the next one. */
const PlaceSchema = z.object({
  payouts: z.string().optional(),
  payout: z.string().optional(),
  entries: z.string().optional(),
});
type Place = z.infer<typeof PlaceSchema>;

/**
 * Every movement that took effect in the window (`to` left out) and was paid out by now: Square shows its ledger only
 * by payouts. So a window is complete some business days after its end; ask it again then.
 */
export async function settlements(
  session: Session,
  window: Parameters<PaymentProvider['settlements']>[1],
): Promise<Page<SettlementEntry>> {
  const place = placeOf(window.page);
  const { lines, next } = await linesAt(session, place, window);
  const items = lines.filter(({ at }) => window.from <= at && at < window.to);
  return { items, ...(next && { next: Buffer.from(JSON.stringify(next)).toString('base64url') }) };
}

async function linesAt(
  session: Session,
  place: Place,
  window: { from: number; to: number },
): Promise<{ lines: readonly SettlementEntry[]; next: Place | undefined }> {
  if (place.payout !== undefined) return await linesOf(session, place.payout, place, []);
  const { locationId } = await session.secret(SecretSchema);
  const query = {
    ...{ location_id: locationId, sort_order: 'ASC', limit: 1, cursor: place.payouts },
    ...{ begin_time: rfc3339(window.from), end_time: rfc3339(window.to + PAID_OUT_WITHIN) },
  };
  const call = { operation: 'payouts.list', path: '/v2/payouts', query };
  const { payouts, cursor } = await read(session, call, PayoutsPageSchema);
  const [payout] = payouts ?? [];
  const after = cursor ? { payouts: cursor } : {};
  if (!payout) return { lines: [], next: cursor ? after : undefined };
  return await linesOf(session, payout.id, after, [lineOf(payout)]);
}

async function linesOf(
  session: Session,
  payout: string,
  place: Place,
  first: readonly SettlementEntry[],
): Promise<{ lines: readonly SettlementEntry[]; next: Place | undefined }> {
  const { items, next } = await entries(session, payout, place.entries);
  const later = place.payouts === undefined ? {} : { payouts: place.payouts };
  const lines = [...first, ...items];
  if (next !== undefined) return { lines, next: { ...later, payout, entries: next } };
  return { lines, next: place.payouts === undefined ? undefined : later };
}

/** What one payout is made of, its own line first; the sum of the others is its amount. */
export async function payoutEntries(
  session: Session,
  { payout: id, page }: { payout: string; page?: string },
): Promise<Page<SettlementEntry>> {
  const { items, next } = await entries(session, id, page);
  if (page !== undefined) return { items, ...(next !== undefined && { next }) };
  const call = { operation: 'payouts.get', path: `/v2/payouts/${encodeURIComponent(id)}` };
  const { payout } = await read(session, call, PayoutReplySchema);
  return { items: [lineOf(payout), ...items], ...(next !== undefined && { next }) };
}

async function entries(
  session: Session,
  payout: string,
  cursor: string | undefined,
): Promise<Page<SettlementEntry>> {
  const path = `/v2/payouts/${encodeURIComponent(payout)}/payout-entries`;
  const call = { operation: ENTRIES, path, query: { sort_order: 'ASC', limit: PAGE, cursor } };
  const page = await read(session, call, PayoutEntriesPageSchema);
  const items = (page.payout_entries ?? []).map(entryOf);
  return { items, ...(page.cursor && { next: page.cursor }) };
}

/** The money that left for the bank, which is no entry of its own. */
function lineOf({ id, created_at, amount_money: { amount, currency } }: Payout): SettlementEntry {
  const net = amountOf({ amount: -amount, currency }, 'payouts.list');
  const fee = { minor: 0, currency: net.currency };
  return { id, kind: 'payout', gross: net, fee, net, at: timeOf(created_at, 'payouts.list'), payout: id };
}

function entryOf(entry: PayoutEntry): SettlementEntry {
  const gross = amountOf(entry.gross_amount_money, ENTRIES);
  const net = amountOf(entry.net_amount_money, ENTRIES);
  const about = aboutOf(entry);
  return {
    ...{ id: entry.id, kind: KINDS[entry.type] ?? 'adjustment', gross, net, payout: entry.payout_id },
    // Square's own figure has no stated sign.
    fee: { minor: gross.minor - net.minor, currency: gross.currency },
    at: timeOf(entry.effective_at, ENTRIES),
    ...(about && { about }),
  };
}

function aboutOf(entry: PayoutEntry): string | undefined {
  const dispute = entry.type_dispute_details ?? entry.type_open_dispute_details;
  const refund = entry.type_refund_details;
  return (
    entry.type_charge_details?.payment_id ??
    refund?.refund_id ??
    refund?.payment_id ??
    dispute?.payment_id ??
    undefined
  );
}

function amountOf(money: SquareMoney, operation: string): Amount {
  const amount = fromSquare(money);
  if (amount) return amount;
  throw changed(operation, 'amount_money.currency', 'is no currency');
}

function timeOf(text: string, operation: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw changed(operation, 'created_at or effective_at', 'is no time');
  return at;
}

function placeOf(page: string | undefined): Place {
  if (page === undefined) return {};
  return PlaceSchema.parse(JSON.parse(Buffer.from(page, 'base64url').toString()));
}
