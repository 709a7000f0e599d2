import type { Millis, Page } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import type { SettlementEntry } from '../payment-provider.ts';
import { read } from './client.ts';
import { fromPaypal } from './money.ts';
import { changed } from './refunds.ts';
import { type Transaction, TransactionsSchema } from './schema.ts';

/** The list may show a transaction this late (Transaction Search). */
export const REPORT_LAG: Millis = 3 * 3_600_000;

/** The widest window that one question may have (Transaction Search). */
const WIDEST = 31 * 86_400_000;
const PAGE_SIZE = 500;

/** A window, and how far it has been read: `<start of the part>.<page>`. */
export interface Window {
  from: Millis;
  to: Millis;
  page?: string;
}

/** What the list shows of a window; windows wider than 31 days are asked in parts. */
export async function transactions(session: Session, { from, to, page }: Window): Promise<Page<Transaction>> {
  const [, start = String(from), number = '1'] = /^(\d+)\.(\d+)$/.exec(page ?? '') ?? [];
  const begin = Number(start);
  const end = Math.min(to, begin + WIDEST);
  const query = new URLSearchParams({
    start_date: new Date(begin).toISOString(),
    end_date: new Date(end).toISOString(),
    fields: 'transaction_info',
    // Holds do not touch the balance, and are looked for all the same.
    balance_affecting_records_only: 'N',
    page_size: String(PAGE_SIZE),
    page: number,
  });
  const path = `/v1/reporting/transactions?${query}`;
  const reply = await read(session, { operation: 'transactions.list', path }, TransactionsSchema);
  const items = (reply?.transaction_details ?? []).map((each) => each.transaction_info);
  const more = Number(number) < (reply?.total_pages ?? 0);
  if (more) return { items, next: `${begin}.${Number(number) + 1}` };
  return end < to ? { items, next: `${end}.1` } : { items };
}

/** Money that moved; what is pending, denied or only held is left out. Runs up to three hours behind. */
export async function settlements(session: Session, window: Window): Promise<Page<SettlementEntry>> {
  const { items, next } = await transactions(session, window);
  const entries = items.filter(isMoved).map(entryOf);
  return { items: entries, ...(next !== undefined && { next }) };
}

function isMoved({ transaction_status: status, transaction_event_code: code }: Transaction): boolean {
  // S: completed. V: reversed later, which has an entry of its own.
  return (status === 'S' || status === 'V') && !code.startsWith('T13');
}

function entryOf(transaction: Transaction): SettlementEntry {
  const gross = fromPaypal(transaction.transaction_amount);
  const { currency_code: currency } = transaction.transaction_amount;
  // PayPal writes a fee as what it does to the balance: -0.59.
  const charged = fromPaypal(transaction.fee_amount ?? { currency_code: currency, value: '0' });
  const at = Date.parse(transaction.transaction_initiation_date);
  if (!gross || charged?.currency !== currency || Number.isNaN(at))
    throw changed('transactions.list', 'transaction_info');
  const kind = kindOf(transaction.transaction_event_code);
  return {
    id: transaction.transaction_id,
    ...aboutOf(transaction, kind),
    kind,
    gross,
    fee: { minor: -charged.minor || 0, currency },
    net: { minor: gross.minor + charged.minor, currency },
    at,
  };
}

/** The list names the order of a payment only where its reference is one (`ODR`); our own reference is always there. */
function aboutOf(
  {
    transaction_id: id,
    paypal_reference_id: related,
    paypal_reference_id_type: type,
    custom_field,
  }: Transaction,
  kind: SettlementEntry['kind'],
): { about?: string; reference?: string } {
  const reference = custom_field ? { reference: custom_field } : {};
  if (kind === 'refund') return { about: id, ...reference };
  return type === 'ODR' && related ? { about: related, ...reference } : reference;
}

/** By the first digits of the event code ("Transaction event codes"). */
function kindOf(code: string): SettlementEntry['kind'] {
  if (code === 'T1107') return 'refund';
  const group = code.slice(0, 3);
  switch (group) {
    case 'T00':
      return 'charge';
    case 'T01':
      return 'fee';
    case 'T04':
      return 'payout';
    case 'T21':
      return 'reserve';
    case 'T11':
    case 'T12':
      return 'dispute';
    default:
      return 'adjustment';
  }
}
