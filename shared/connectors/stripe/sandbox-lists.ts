import { missing } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';

type Range = { [edge in 'gt' | 'gte' | 'lt' | 'lte']?: number | undefined };

/** What every list may be asked for. */
export interface Paging {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  created?: number | Range | undefined;
}

/** Newest first, up to 100; `oldest` is in the order of creation. */
export function pageOf(url: string, oldest: readonly Json[], paging: Paging): Json {
  const rows = oldest.toReversed().filter(({ created }) => within(Number(created), paging.created));
  const limit = Math.min(100, Math.max(1, paging.limit ?? 10));
  const at = (id: string, param: string) => {
    const found = rows.findIndex((each) => each.id === id);
    if (found < 0) throw missing('object', id, param);
    return found;
  };
  if (paging.ending_before !== undefined) {
    const end = at(paging.ending_before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: rows.slice(start, end), has_more: start > 0, url };
  }
  const start = paging.starting_after === undefined ? 0 : at(paging.starting_after, 'starting_after') + 1;
  return {
    object: 'list',
    data: rows.slice(start, start + limit),
    has_more: start + limit < rows.length,
    url,
  };
}

function within(created: number, asked: Paging['created']): boolean {
  if (asked === undefined) return true;
  if (typeof asked === 'number') return created === asked;
  const { gt, gte, lt, lte } = asked;
  const least = Math.max(gte ?? Number.NEGATIVE_INFINITY, (gt ?? Number.NEGATIVE_INFINITY) + 1);
  const most = Math.min(lte ?? Number.POSITIVE_INFINITY, (lt ?? Number.POSITIVE_INFINITY) - 1);
  return least <= created && created <= most;
}
