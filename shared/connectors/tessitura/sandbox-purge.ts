import * as z from 'zod';
import { type Holding, holdingsOf } from './sandbox-holdings.ts';
import { snapshotOf } from './sandbox-reads.ts';
import { notFound, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import type { Actor, Store } from './sandbox-store.ts';

const ScheduleSchema = z.object({ IgnoreWarnings: z.boolean().nullish() });

/**
 * POST CRM/Constituents/{id}/Purge/Schedule and /Unschedule: only a mark; the nightly job does the purge. What
 * is still open (an unpaid ticket, one for a performance to come) is a warning that one may ignore.
 */
export function purge(store: Store, { path, body }: Request): Reply {
  const id = Number(path[2]);
  const columns = store.columns(id);
  if (!columns) return notFound('Constituent');
  switch (path[4]?.toLowerCase()) {
    case 'schedule': {
      const { data } = ScheduleSchema.safeParse(body ?? {});
      if (!data) return refusal(400, 'The value of IgnoreWarnings is not true or false.', 'IgnoreWarnings');
      const warning = data.IgnoreWarnings === true ? undefined : warningAbout(holdingsOf(store, id));
      if (warning !== undefined) return refusal(400, warning, 'IgnoreWarnings');
      store.markPurge(id, true);
      return ok(snapshotOf(store, columns));
    }
    case 'unschedule':
      store.markPurge(id, false);
      return ok(snapshotOf(store, columns));
    default:
      return notFound('Resource');
  }
}

function warningAbout(holdings: readonly Holding[]): string | undefined {
  if (holdings.includes('unpaid')) return 'The constituent has open transactions.';
  return holdings.includes('to come') ? 'The constituent has an order for a future performance.' : undefined;
}

/** The job of the night: everybody marked is gone. Returns how many. */
export function runPurges(store: Store, actor: Actor): number {
  const marked = [...store.purges];
  for (const id of marked) store.end(actor, id, undefined);
  return marked.length;
}
