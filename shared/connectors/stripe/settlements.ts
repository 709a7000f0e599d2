import type { Page } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import type { PaymentProvider, SettlementEntry } from '../payment-provider.ts';
import { read } from './client.ts';
import { changed } from './faults.ts';
import type { FormValue } from './form.ts';
import { fromStripe } from './money.ts';
import { type BalanceTransaction, BalanceTransactionSchema, listOf } from './schema.ts';
import { REFERENCE } from './shown.ts';

const PAGE = 100;
const OPERATION = 'balance_transactions.list';

/** What each type of balance transaction is to the hub; the rest are adjustments ("Balance transaction types"). */
const KINDS: Readonly<Record<string, SettlementEntry['kind']>> = {
  ...{ charge: 'charge', payment: 'charge' },
  ...{ refund: 'refund', payment_refund: 'refund', payment_reversal: 'refund' },
  ...{ refund_failure: 'refund-failed', payment_failure_refund: 'refund-failed' },
  ...{ stripe_fee: 'fee', stripe_fx_fee: 'fee', tax_fee: 'fee', application_fee: 'fee' },
  ...{ payout: 'payout', payout_cancel: 'payout', payout_failure: 'payout' },
  ...{
    reserve_transaction: 'reserve',
    reserved_funds: 'reserve',
    reserve_hold: 'reserve',
    reserve_release: 'reserve',
  },
  ...{ payout_minimum_balance_hold: 'reserve', payout_minimum_balance_release: 'reserve' },
  ...{ payment_network_reserve_hold: 'reserve', payment_network_reserve_release: 'reserve' },
};

/**
 * Every movement of the balance that was made in the window (`to` left out), in the currency the account settles in,
 * which need not be the payment's. Which payout a movement went into is told by `payoutEntries` alone.
 */
export async function settlements(
  session: Session,
  { from, to, page }: Parameters<PaymentProvider['settlements']>[1],
): Promise<Page<SettlementEntry>> {
  const created = { gte: Math.ceil(from / 1_000), lt: Math.ceil(to / 1_000) };
  return await entries(session, { created, starting_after: page }, undefined);
}

/** What one automatic payout is made of, its own movement included; the sum of the others is its amount. */
export async function payoutEntries(
  session: Session,
  { payout, page }: { payout: string; page?: string },
): Promise<Page<SettlementEntry>> {
  return await entries(session, { payout, starting_after: page }, payout);
}

async function entries(
  session: Session,
  query: Readonly<Record<string, FormValue>>,
  payout: string | undefined,
): Promise<Page<SettlementEntry>> {
  const call = {
    operation: OPERATION,
    path: '/v1/balance_transactions',
    query: { ...query, limit: PAGE, expand: ['data.source'] },
  };
  const { data, has_more } = await read(session, call, listOf(BalanceTransactionSchema));
  const next = data.at(-1)?.id;
  return {
    items: data.map((each) => entryOf(each, payout)),
    ...(has_more && next !== undefined && { next }),
  };
}

function entryOf(movement: BalanceTransaction, payout: string | undefined): SettlementEntry {
  const { id, currency } = movement;
  const gross = fromStripe(movement.amount, currency);
  const fee = fromStripe(movement.fee, currency);
  const net = fromStripe(movement.net, currency);
  if (!gross || !fee || !net) throw changed(OPERATION, 'data[].amount', `it is not whole in ${currency}`);
  const about = aboutOf(movement);
  const reference = referenceOf(movement);
  const kind = kindOf(movement);
  const owner = payout ?? (kind === 'payout' ? idOf(movement.source) : undefined);
  return {
    ...{ id, kind, gross, fee, net, at: movement.created * 1_000 },
    ...(about !== undefined && { about }),
    ...(reference !== undefined && { reference }),
    ...(owner !== undefined && { payout: owner }),
  };
}

function kindOf({ type, reporting_category: category, source }: BalanceTransaction): SettlementEntry['kind'] {
  // A dispute takes and gives by adjustments.
  const disputed =
    category?.startsWith('dispute') || idOf(source)?.startsWith('dp_') || idOf(source)?.startsWith('du_');
  return type === 'adjustment' && disputed ? 'dispute' : (KINDS[type] ?? 'adjustment');
}

/** A charge or dispute is about its PaymentIntent, by which the hub knows it; a refund is about itself. */
function aboutOf({ source }: BalanceTransaction): string | undefined {
  if (typeof source !== 'object' || !source) return source ?? undefined;
  switch (source.object) {
    case 'charge':
    case 'dispute':
      return source.payment_intent ?? source.id;
    case 'payout':
      return undefined;
    default:
      return source.id;
  }
}

/** Tells two PaymentIntents for one attempt of ours; a refund carries none. */
function referenceOf({ source }: BalanceTransaction): string | undefined {
  return (typeof source === 'object' ? source?.metadata?.[REFERENCE] : undefined) || undefined;
}

function idOf(source: BalanceTransaction['source']): string | undefined {
  return (typeof source === 'object' ? source?.id : source) ?? undefined;
}
