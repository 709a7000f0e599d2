import { asFault } from '../../engine/fault.ts';
import type { Fields } from '../../engine/fields.ts';
import type { Page } from '../../engine/ports.ts';
import type { Found, Read, Target, Write, WriteResult } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { eachOf } from './at-once.ts';
import { call } from './client.ts';
import { eventFieldsIn } from './event-fields.ts';
import { createEvents, type EventKey, removeEvent, updateEvent } from './event-writes.ts';
import { EventListSchema, MarketingEventSchema } from './marketing-schema.ts';
import { isNotFound } from './object-reads.ts';
import { isolated } from './object-writes.ts';
import { SecretSchema } from './schema.ts';

export interface MarketingEventsOptions {
  account: AccountRef;
  /** Names our organisation in the ids of events. */
  externalAccountId: string;
  /** Before the record's id in the event's external id. */
  prefix?: string;
  /** Who holds the events, where a record does not say; HubSpot demands one. */
  organizer?: string;
}

/** The most events of one call. */
const LIST = 100;

/**
 * Marketing events; the target id is HubSpot's external id, `perf-<id>`. Only the app that made an event finds it
 * by that: another app, or the same one made anew, starts with none of them.
 */
export function marketingEvents(options: MarketingEventsOptions): Target {
  const { account, externalAccountId, prefix = 'perf-', organizer = externalAccountId } = options;
  const key: EventKey = { externalAccountId, prefix, organizer };
  return {
    account,
    title: 'HubSpot marketing events',
    // HubSpot reads and changes them one by one.
    batchSize: 50,
    readLag: 1_000,
    lateness: 30_000,
    // The id is ours, so there is never a second one; but whether one is new only a look tells.
    lookup: 'before-create',
    read: (session, ids, names) => readEvents(session, ids, names, key),
    readOne: (session, id, names) => readEvent(session, id, names, key),
    find: (session, wanted) => findEvents(session, wanted, key),
    write: (session, writes) => writeEvents(session, writes, key),
    list: (session, page) => listEvents(session, key, page),
  };
}

async function readEvents(
  session: Session,
  ids: readonly string[],
  names: readonly string[],
  key: EventKey,
): Promise<ReadonlyMap<string, Read<Fields>>> {
  const reads = await eachOf(ids, (id) => readEvent(session, id, names, key));
  const pairs = ids.flatMap((id, n): [string, Read<Fields>][] => {
    const read = reads[n];
    return read?.state === 'present' ? [[id, read]] : [];
  });
  return new Map(pairs);
}

async function readEvent(
  session: Session,
  id: string,
  names: readonly string[],
  { externalAccountId }: EventKey,
): Promise<Read<Fields>> {
  const query = new URLSearchParams({ externalAccountId });
  const request = {
    operation: 'marketing-events.get',
    effect: 'read',
    method: 'GET',
    area: 'marketing-events',
    path: `/events/${encodeURIComponent(id)}?${query}`,
  } as const;
  try {
    const event = await call(session, request, MarketingEventSchema);
    return { state: 'present', record: eventFieldsIn(event, names) };
  } catch (thrown) {
    if (isNotFound(thrown)) return { state: 'gone' };
    throw thrown;
  }
}

async function findEvents(
  session: Session,
  wanted: readonly { ref: string }[],
  key: EventKey,
): Promise<ReadonlyMap<string, readonly Found[]>> {
  const refs = wanted.map((each) => each.ref);
  const found = await readEvents(
    session,
    refs.map((ref) => key.prefix + ref),
    [],
    key,
  );
  return new Map(
    refs
      .filter((ref) => found.has(key.prefix + ref))
      .map((ref) => [ref, [{ targetId: key.prefix + ref, ref, by: 'reference' }]]),
  );
}

async function writeEvents(
  session: Session,
  writes: readonly Write[],
  key: EventKey,
): Promise<ReadonlyMap<string, WriteResult>> {
  const isNew = (write: Write) =>
    write.kind === 'create' || (write.kind === 'update' && write.targetId === undefined);
  const create = (within: Session, some: readonly Write[]) => createEvents(within, some, key);
  const fresh = writes.filter(isNew);
  const results = new Map(fresh.length > 0 ? await isolated(session, create, fresh) : []);
  const others = writes.filter((each) => !isNew(each));
  const done = await eachOf(others, (write) => attempt(session, write, key));
  others.forEach(({ ref }, n) => {
    const result = done[n];
    if (result) results.set(ref, result);
  });
  return results;
}

async function attempt(session: Session, write: Write, key: EventKey): Promise<WriteResult> {
  try {
    if (write.kind === 'remove') await removeEvent(session, write, key);
    else await updateEvent(session, write, key);
    return { ok: true, targetId: write.targetId ?? key.prefix + write.ref, created: false };
  } catch (thrown) {
    if (isNotFound(thrown)) return { ok: false, lost: true };
    return { ok: false, fault: asFault(thrown, 'marketing-events.write') };
  }
}

/** HubSpot lists the events of every app, and does not tell their external accounts. */
async function listEvents(
  session: Session,
  { prefix }: EventKey,
  page?: string,
): Promise<Page<{ targetId: string; ref: string }>> {
  const { ids, next } = await eventIds(session, { prefix, limit: LIST, after: page });
  const items = ids.map((targetId) => ({ targetId, ref: targetId.slice(prefix.length) }));
  return next === undefined ? { items } : { items, next };
}

/** A page of the external ids that are ours: by their prefix, and by the app where both tell. */
export async function eventIds(
  session: Session,
  { prefix, limit, after }: { prefix: string; limit: number; after: string | undefined },
): Promise<{ ids: string[]; next: string | undefined }> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (after !== undefined) query.set('after', after);
  const request = {
    operation: 'marketing-events.list',
    effect: 'read',
    method: 'GET',
    area: 'marketing-events',
    path: `?${query}`,
  } as const;
  const { results, paging } = await call(session, request, EventListSchema);
  const { appId } = await session.secret(SecretSchema);
  const ids = results.flatMap(({ externalEventId, appInfo }) => {
    const foreign = appId !== undefined && appInfo && appInfo.id !== String(appId);
    return externalEventId?.startsWith(prefix) && !foreign ? [externalEventId] : [];
  });
  return { ids, next: paging?.next?.after };
}
