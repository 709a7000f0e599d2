import * as z from 'zod';
import { askedAs, PAGING } from './sandbox-asked.ts';
import { disputeObject, entryObject, payoutObject } from './sandbox-objects.ts';
import { invalid, missing } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

const BEHIND = 5_000;

/** ListPayments: by the time of creation, as the payments were some seconds ago. */
export function listPayments(world: World, { query }: Call): Json {
  const asked = askedAs(query, z.strictObject({ ...PAGING, total: z.string().optional() }));
  return pageOf('payments', earlier(world, world.payments.keys()), asked);
}

/** ListPaymentRefunds: the same, of all locations. */
export function listRefunds(world: World, { query }: Call): Json {
  const asked = askedAs(query, z.strictObject({ ...PAGING, status: z.string().optional() }));
  const rows = earlier(world, world.refunds.keys());
  return pageOf(
    'refunds',
    rows.filter(({ status }) => (asked.status ?? status) === status),
    asked,
  );
}

/** ListPayouts. */
export function listPayouts(world: World, { query }: Call): Json {
  const asked = askedAs(query, z.strictObject({ ...PAGING, status: z.string().optional() }));
  const rows = [...world.payouts.values()].filter(({ status }) => (asked.status ?? status) === status);
  return pageOf(
    'payouts',
    rows.map((each) => payoutObject(world, each)),
    asked,
  );
}

/** ListPayoutEntries. */
export function listEntries(world: World, { id, query }: Call): Json {
  const { sort_order, cursor, limit } = PAGING;
  const asked = askedAs(query, z.strictObject({ sort_order, cursor, limit }));
  if (!world.payouts.has(id)) throw missing('payout', id);
  const rows = [...world.entries.values()].filter(({ payout }) => payout === id);
  return pageOf('payout_entries', rows.map(entryObject), asked);
}

/** ListDisputes: oldest first, fifty at a time in truth and all of them here. */
export function listDisputes(world: World, { query }: Call): Json {
  const schema = z.strictObject({
    cursor: z.string().optional(),
    states: z.string().optional(),
    location_id: z.string().optional(),
  });
  const { states, cursor } = askedAs(query, schema);
  const wanted = states?.split(',');
  const rows = [...world.disputes.values()].filter(({ state }) => wanted?.includes(state) ?? true);
  return pageOf(
    'disputes',
    rows.map((each) => disputeObject(world, each)),
    { cursor, sort_order: 'ASC' },
  );
}

/** What a list that is behind shows: each object in its last version of that time. */
function earlier(world: World, ids: Iterable<string>): Json[] {
  const then = world.now() - (world.on.has('lists-behind') ? 60_000 : BEHIND);
  return [...ids].flatMap((id) => {
    const version = world.versions.get(id)?.findLast(({ at }) => at <= then);
    return version ? [version.object] : [];
  });
}

interface Paging {
  begin_time?: number | undefined;
  end_time?: number | undefined;
  sort_order: 'ASC' | 'DESC';
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** Up to a hundred; an empty list is left out, and so is the cursor of the last page. */
function pageOf(name: string, oldest: readonly Json[], asked: Paging): Json {
  const { begin_time: from = Number.NEGATIVE_INFINITY, end_time: to = Number.POSITIVE_INFINITY } = asked;
  const within = oldest.filter(({ created_at }) => {
    if (created_at === undefined) return true;
    const at = Date.parse(String(created_at));
    return from <= at && at < to;
  });
  const rows = asked.sort_order === 'ASC' ? within : within.toReversed();
  const start = asked.cursor === undefined ? 0 : startOf(rows, asked.cursor);
  const limit = asked.limit !== undefined && asked.limit >= 1 && asked.limit <= 100 ? asked.limit : 100;
  const page = rows.slice(start, start + limit);
  const more = start + limit < rows.length;
  return {
    ...(page.length > 0 && { [name]: page }),
    ...(more && { cursor: Buffer.from(String(page.at(-1)?.id)).toString('base64url') }),
  };
}

function startOf(rows: readonly Json[], cursor: string): number {
  const after = Buffer.from(cursor, 'base64url').toString();
  const found = rows.findIndex(({ id }) => id === after);
  if (found < 0) throw invalid('INVALID_CURSOR', 'The pagination cursor is invalid.', 'cursor');
  return found + 1;
}
