import * as z from 'zod';
import type { Link, Links, Page } from '../../engine/ports.ts';
import { LINK_COLUMNS, LinkRow, toLink } from './link-rows.ts';
import type { Store } from './store.ts';

/** Counting stops here, so that no count can hold up the thread. */
export const MOST_COUNTED = 100_000;

const PAGE = `SELECT ${LINK_COLUMNS} FROM links
  WHERE flow = ? AND collection = ? AND id > ? ORDER BY id LIMIT ?`;
const PARKED = `SELECT ${LINK_COLUMNS}, parked_since FROM links
  WHERE flow = ? AND parked_since IS NOT NULL AND (parked_since, seq) > (?, ?)
  ORDER BY parked_since, seq LIMIT ?`;
const DUE = `SELECT ${LINK_COLUMNS} FROM links
  WHERE flow = ? AND recheck_at IS NOT NULL AND recheck_at <= ? ORDER BY recheck_at LIMIT ?`;
const COUNT_PARKED = `SELECT count(*) AS count, min(parked_since) AS oldest FROM (
  SELECT parked_since FROM links WHERE flow = ? AND parked_since IS NOT NULL
  ORDER BY parked_since LIMIT ${MOST_COUNTED})`;

const ParkedRow = LinkRow.extend({ parked_since: z.number() });
const ParkedCount = z.object({ count: z.number(), oldest: z.number().nullable() });

/** The walks over links; each page is one short read along an index. */
export function linkLists(store: Store): Pick<Links, 'page' | 'parked' | 'due' | 'parkedCount'> {
  return {
    page: async ({ flow, collection }, limit, after = '') => {
      const rows = store.all(PAGE, LinkRow, [flow, collection, after, limit + 1]);
      return pageOf(rows, limit, (last) => last.id);
    },
    parked: async (flow, limit, after = '0:0') => {
      const [since = 0, seq = 0] = after.split(':').map(Number);
      const rows = store.all(PARKED, ParkedRow, [flow, since, seq, limit + 1]);
      return pageOf(rows, limit, (last) => `${last.parked_since}:${last.seq}`);
    },
    due: async (flow, now, limit) => store.all(DUE, LinkRow, [flow, now, limit]).map(toLink),
    parkedCount: async (flow) => {
      const row = store.one(COUNT_PARKED, ParkedCount, [flow]);
      return row && row.oldest !== null ? { count: row.count, oldestSince: row.oldest } : { count: 0 };
    },
  };
}

/** The rows hold one more than the limit when there is a next page. */
function pageOf<R extends LinkRow>(
  rows: readonly R[],
  limit: number,
  place: (last: R) => string,
): Page<Link> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const page: Page<Link> = { items: shown.map(toLink) };
  if (last && rows.length > limit) page.next = place(last);
  return page;
}
