import * as z from 'zod';
import { aliasOf } from './alias.ts';
import type { Engine, Work } from './engine.ts';
import { vendorCall } from './fault.ts';
import type { Collection, Flow } from './flow.ts';
import { localName } from './link.ts';
import type { Millis, Page } from './ports.ts';
import type { Session } from './session.ts';
import { sessionOf, visit } from './visit.ts';

/** Which records of a flow: all of them, or those that changed on either side since a moment of our clock. */
export interface Listed {
  /** Only this one; all of the flow's without it. */
  collection?: string | undefined;
  since?: Millis | undefined;
  /** From the previous page. */
  page?: string | undefined;
}

/** One page of records (`collection/id`); the same one may be listed again by a later page. */
export interface Listing {
  records: string[];
  next?: string;
  /** In this collection, if the vendor tells. */
  total?: number;
  /** Records of the target that belong to none of the source's. */
  strangers: number;
}

const PlaceSchema = z.object({
  collection: z.string(),
  side: z.enum(['left', 'right']),
  /** The upper bound of the window, fixed by the first page. */
  to: z.number(),
  page: z.string().optional(),
});
type Place = z.infer<typeof PlaceSchema>;

/** Reads ids only: no cursor moves, nothing is held up and nothing is sent. Throws on a page that is none of ours. */
export async function listing(engine: Engine, flow: Flow, of: Listed, work: Work): Promise<Listing> {
  const collections = flow.collections.filter(({ name }) => (of.collection ?? name) === name);
  const [first] = collections;
  if (!first) throw new Error(`flow ${flow.name} has no collection "${of.collection}"`);
  const start: Place = { collection: first.name, side: 'left', to: engine.ports.clock.now() };
  const place = of.page === undefined ? start : PlaceSchema.parse(JSON.parse(of.page));
  const collection = collections.find(({ name }) => name === place.collection) ?? first;
  const { items, next, ...rest } = await onePage(engine, flow, { collection, place, since: of.since }, work);
  const after = following(collections, { collection, place, since: of.since }, next);
  const records = items.map((id) => localName({ flow: flow.name, collection: collection.name, id }));
  return { ...rest, records, ...(after && { next: JSON.stringify(after) }) };
}

interface Step {
  collection: Collection;
  place: Place;
  since: Millis | undefined;
}

/** The next page, the other side of the same collection, or the next collection. */
function following(
  collections: readonly Collection[],
  { collection, place, since }: Step,
  page: string | undefined,
): Place | undefined {
  const { page: _, ...here } = place;
  if (page !== undefined) return { ...here, page };
  const flowsBack = collection.back !== undefined && collection.target.scan !== undefined;
  if (since !== undefined && place.side === 'left' && flowsBack) return { ...here, side: 'right' };
  const next = collections[collections.indexOf(collection) + 1];
  return next && { collection: next.name, side: 'left', to: place.to };
}

type Found = Page<string> & { total?: number; strangers: number };

async function onePage(engine: Engine, flow: Flow, step: Step, work: Work): Promise<Found> {
  const { collection, place, since } = step;
  const { source, target } = collection;
  const account = place.side === 'left' ? source.account : target.account;
  return visit(engine, { accounts: [account], lane: 'bulk', work }, async (sessions) => {
    const session = sessionOf(sessions, account);
    if (place.side === 'right') return changedAtTarget(engine, flow, step, session);
    if (since === undefined) {
      const page = await vendorCall(`list ${source.title}`, () => source.list(session, place.page));
      return { ...page, strangers: 0 };
    }
    const window = windowOf(place, since - source.overlap);
    const page = await vendorCall(`scan ${source.title}`, () => source.scan(session, window));
    return { ...page, items: [...new Set(page.items.map(({ id }) => id))], strangers: 0 };
  });
}

async function changedAtTarget(engine: Engine, flow: Flow, step: Step, session: Session): Promise<Found> {
  const { collection, place, since = place.to } = step;
  const { target } = collection;
  const window = windowOf(place, since - (target.overlap ?? 0));
  const page = await vendorCall(
    `scan ${target.title}`,
    async (): Promise<Page<{ id: string }>> => (await target.scan?.(session, window)) ?? { items: [] },
  );
  const targetIds = [...new Set(page.items.map(({ id }) => id))];
  const known = await Promise.all(
    targetIds.map((id) => aliasOf(engine.ports, { flow: flow.name, collection: collection.name }, id)),
  );
  const unknown = targetIds.filter((_, at) => known[at] === undefined);
  const refs = await references(session, collection, unknown);
  const items = [...new Set([...known.flatMap((id) => id ?? []), ...refs])];
  const strangers = unknown.length - refs.length;
  return page.next === undefined ? { items, strangers } : { items, next: page.next, strangers };
}

async function references(
  session: Session,
  { target }: Collection,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const reads = await vendorCall(
    `identify ${target.title}`,
    async () => (await target.identify?.(session, ids)) ?? new Map(),
  );
  return [...reads.values()].flatMap((read) => (read.state === 'present' ? (read.record.ref ?? []) : []));
}

function windowOf({ to, page }: Place, from: Millis): { from: Millis; to: Millis; page?: string } {
  return page === undefined ? { from, to } : { from, to, page };
}
