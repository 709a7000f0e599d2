import type { Millis, Page } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import { call } from './client.ts';
import { LIST_PAGE } from './limits.ts';
import { ListContentsSchema } from './wire.ts';

/** A list is only given out whole, so one fetch serves the pages that are asked for soon after it. */
const KEEP: Millis = 10 * 60_000;

type ListPage = Page<string> & { total: number };

/** Pages over the contents of one Tessitura list, ascending by id; the page token is the last id. */
export function listContents(): (
  session: Session,
  listId: number,
  page: string | undefined,
) => Promise<ListPage> {
  const kept = new Map<string, { ids: Int32Array; fetchedAt: Millis }>();

  return async (session, listId, page) => {
    const key = `${session.account}/${listId}`;
    let contents = kept.get(key);
    if (page === undefined || !contents || session.now() - contents.fetchedAt > KEEP) {
      contents = { ids: await fetchIds(session, listId), fetchedAt: session.now() };
      kept.set(key, contents);
    }
    const from = page === undefined ? 0 : firstAfter(contents.ids, Number(page));
    const slice = contents.ids.subarray(from, from + LIST_PAGE);
    const items = Array.from(slice, String);
    const total = contents.ids.length;
    if (from + LIST_PAGE < total) return { items, total, next: String(slice.at(-1)) };
    kept.delete(key);
    return { items, total };
  };
}

async function fetchIds(session: Session, listId: number): Promise<Int32Array> {
  const request = {
    operation: 'lists.read',
    method: 'GET',
    resource: 'Reporting/Lists',
    effect: 'read',
    path: `Reporting/Lists/${listId}/Contents`,
  } as const;
  const rows = await call(session, request, ListContentsSchema);
  return Int32Array.from(new Set(rows.map((row) => row.ConstituentId))).sort();
}

/** Index of the first id above `last` in a sorted array. */
function firstAfter(ids: Int32Array, last: number): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? 0) <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}
