import { type Collection, defineFlow, type Flow } from '../../shared/engine/flow.ts';
import { moment } from './child.ts';

/** Moments by id, in the order in which they came. */
type Times = Map<string, number[]>;

/** A flow as it is, with notes of when something happened. */
export interface WatchedFlow {
  flow: Flow;
  /** When a webhook with an urgent change had come in, by the target's id. */
  told: Times;
  /** When the source had answered a write, by the source's id. */
  written: Times;
}

export function watchedFlow(flow: Flow): WatchedFlow {
  const [told, written]: [Times, Times] = [new Map(), new Map()];
  const webhooks = Object.entries(flow.webhooks).map(([name, endpoint]): [string, typeof endpoint] => [
    name,
    {
      ...endpoint,
      async read(session, request) {
        const verdict = await endpoint.read(session, request);
        if (verdict.kind === 'accepted')
          for (const { id, urgent } of verdict.changes) if (urgent) note(told, id, request.receivedAt);
        return verdict;
      },
    },
  ]);
  const [first, ...others] = flow.collections;
  const collections = [withNotes(first, written), ...others] as const;
  return {
    flow: defineFlow({ ...flow, collections, webhooks: Object.fromEntries(webhooks) }),
    told,
    written,
  };
}

function withNotes(collection: Collection, written: Times): Collection {
  const { back } = collection;
  if (!back) return collection;
  const write: typeof back.writer.write = async (session, edits) => {
    const results = await back.writer.write(session, edits);
    for (const [id, { ok }] of results) if (ok) note(written, id, moment());
    return results;
  };
  return { ...collection, back: { ...back, writer: { ...back.writer, write } } };
}

function note(times: Times, id: string, at: number): void {
  times.set(id, [...(times.get(id) ?? []), at]);
}
