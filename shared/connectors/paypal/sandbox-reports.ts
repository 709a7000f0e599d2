import * as z from 'zod';
import { type Asked, bodyOf, type Show, shown } from './sandbox-asked.ts';
import { closeDispute } from './sandbox-books.ts';
import { shownMoney } from './sandbox-money.ts';
import { invalid, type Json, notFound } from './sandbox-replies.ts';
import type { Dispute, Line } from './sandbox-rows.ts';
import { disputeBody } from './sandbox-shown.ts';
import type { World } from './sandbox-world.ts';

/** PayPal may be this late; the sandbox always is. */
const LAG = 3 * 3_600_000;
const WIDEST = 31 * 86_400_000;

/** `GET /v1/reporting/transactions`. */
export function listTransactions(world: World, { query }: Asked): Show {
  const from = instant(query, 'start_date');
  const to = instant(query, 'end_date');
  if (to - from > WIDEST || to < from) throw invalid('INVALID_PARAMETER_VALUE', 'end_date');
  const size = whole(query, 'page_size', 100, 500);
  const page = whole(query, 'page', 1, 2_147_483_647);
  const all = query.get('balance_affecting_records_only') === 'N';
  const wanted = query.get('transaction_id');
  const visible = world.now() - LAG;
  const lines = world.lines.filter(
    (each) =>
      each.at >= from &&
      each.at <= to &&
      each.at <= visible &&
      (all || !each.code.startsWith('T13')) &&
      (wanted === null || each.id === wanted),
  );
  return shown({
    transaction_details: lines.slice((page - 1) * size, page * size).map(lineBody),
    account_number: 'SANDBOXMERCHA',
    start_date: new Date(from).toISOString(),
    end_date: new Date(to).toISOString(),
    last_refreshed_datetime: new Date(visible).toISOString(),
    page,
    total_items: lines.length,
    total_pages: Math.ceil(lines.length / size),
    links: [],
  });
}

function lineBody({ id, at, code, amount, fee, related, customId, status }: Line): Json {
  const isOrder = code === 'T1300';
  return {
    transaction_info: {
      transaction_id: id,
      ...(related !== undefined && {
        paypal_reference_id: related,
        paypal_reference_id_type: isOrder ? 'ODR' : 'TXN',
      }),
      transaction_event_code: code,
      transaction_initiation_date: new Date(at).toISOString().replace('.000Z', '+0000'),
      transaction_updated_date: new Date(at).toISOString().replace('.000Z', '+0000'),
      transaction_amount: shownMoney(amount),
      ...(fee && { fee_amount: shownMoney(fee) }),
      transaction_status: status,
      ...(customId !== undefined && { custom_field: customId }),
      protection_eligibility: '02',
    },
  };
}

/** Seconds are required, an offset too. */
function instant(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  const fits = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(text);
  if (!fits) throw invalid('INVALID_PARAMETER_SYNTAX', name);
  return Date.parse(text);
}

function whole(query: URLSearchParams, name: string, otherwise: number, most: number): number {
  const value = Number(query.get(name) ?? otherwise);
  if (!Number.isInteger(value) || value < 1 || value > most) throw invalid('INVALID_PARAMETER_VALUE', name);
  return value;
}

export function listDisputes(world: World, { query }: Asked): Show {
  const disputed = query.get('disputed_transaction_id');
  const all = [...world.disputes.values()].filter(
    (each) => disputed === null || each.capture.id === disputed,
  );
  return shown({ items: all.toReversed().map((each) => disputeBody(world, each)), links: [] });
}

export function getDispute(world: World, { params }: Asked): Show {
  return shown(disputeBody(world, disputeAt(world, params.id)));
}

/** The merchant gives in. */
export function acceptClaim(world: World, asked: Asked): Show {
  const dispute = disputeAt(world, asked.params.id);
  bodyOf(asked, z.object({ note: z.string().max(2_000) }));
  closeDispute(world, dispute, false);
  return shown({ links: [] });
}

function disputeAt(world: World, id: string | undefined): Dispute {
  const dispute = world.disputes.get(id ?? '');
  if (!dispute) throw notFound();
  return dispute;
}
