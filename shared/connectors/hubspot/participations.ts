import * as z from 'zod';
import type { Fields } from '../../engine/fields.ts';
import { pickFields } from '../../engine/fields.ts';
import type { Page } from '../../engine/ports.ts';
import type { Found, Read, Target } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { batchRead } from './batch.ts';
import { eventIds } from './marketing-events.ts';
import { breakdown, contactIds, participationFields, placeOf, readPlaces } from './participation-reads.ts';
import { type WriteKey, writePlaces } from './participation-writes.ts';

export interface ParticipationsOptions {
  account: AccountRef;
  /** As for `marketingEvents`. */
  externalAccountId: string;
  /** As for `marketingEvents`. */
  prefix?: string;
  /** The contacts' property that keeps our reference of them. */
  reference?: string;
  /** The collection whose records are the events; who takes part waits for them. */
  eventCollection?: string;
  /** The collection whose records are the contacts; who takes part waits for them, too. */
  patronCollection?: string;
}

/**
 * Who stands where towards a marketing event: `state` (registered, attended, cancelled, no_show) and `at`. Both the
 * record's id and the target id are `<event>-<contact>`, in our references. HubSpot never forgets that somebody
 * took part: a removal cancels, and what is cancelled is not listed.
 */
export function participations(options: ParticipationsOptions): Target {
  const { account, externalAccountId, prefix = 'perf-', reference = 'tessitura_constituent_id' } = options;
  const { eventCollection = 'performance', patronCollection = 'patron' } = options;
  const key: WriteKey = { externalAccountId, prefix, reference, eventCollection, patronCollection };
  return {
    account,
    title: 'HubSpot marketing event participations',
    batchSize: 100,
    readLag: 1_000,
    lateness: 30_000,
    // One contact stands in one way towards one event; whether it did before only a look tells.
    lookup: 'before-create',
    read: (session, ids, names) => readMany(session, ids, names, key),
    readOne: async (session, id, names) =>
      (await readMany(session, [id], names, key)).get(id) ?? { state: 'gone' },
    find: (session, wanted) => find(session, wanted, key),
    write: (session, writes) => writePlaces(session, writes, key),
    list: (session, page) => list(session, key, page),
  };
}

async function readMany(
  session: Session,
  ids: readonly string[],
  names: readonly string[],
  key: WriteKey,
): Promise<ReadonlyMap<string, Read<Fields>>> {
  const places = ids.map(placeOf);
  const contacts = await contactIds(
    session,
    places.map((each) => each.patron),
    key,
  );
  const shown = await readPlaces(session, places, contacts, key);
  return new Map(
    [...shown].map(([ref, fields]) => [ref, { state: 'present', record: pickFields(fields, names) }]),
  );
}

async function find(
  session: Session,
  wanted: readonly { ref: string }[],
  key: WriteKey,
): Promise<ReadonlyMap<string, readonly Found[]>> {
  const refs = wanted.map((each) => each.ref);
  const shown = await readMany(session, refs, [], key);
  return new Map([...shown.keys()].map((ref) => [ref, [{ targetId: ref, ref, by: 'reference' }]]));
}

/** Where a walk through all events and their participants stands: the event's page, and the page within it. */
const PlaceSchema = z.object({ events: z.string().optional(), rows: z.string().optional() });

async function list(
  session: Session,
  key: WriteKey,
  page?: string,
): Promise<Page<{ targetId: string; ref: string }>> {
  const { events, rows } = page === undefined ? {} : PlaceSchema.parse(JSON.parse(page));
  // One event at a time, so that the place is known by two words.
  const { ids, next } = await eventIds(session, { prefix: key.prefix, limit: 1, after: events });
  const [id] = ids;
  const event = id?.slice(key.prefix.length);
  const shown =
    event === undefined
      ? { results: [], next: undefined }
      : await breakdown(session, event, rows === undefined ? {} : { after: rows }, key);
  const live = shown.results.filter(
    (row) => (participationFields(row)?.state ?? 'cancelled') !== 'cancelled',
  );
  const contacts = live.map((row) => row.associations.contact.contactId);
  const properties = [key.reference];
  const found = await batchRead(session, contacts, { type: 'contacts', properties });
  const items = found.flatMap(({ properties: { [key.reference]: patron } }) => {
    const ref = `${event}-${patron}`;
    return patron ? [{ targetId: ref, ref }] : [];
  });
  if (shown.next !== undefined) return { items, next: JSON.stringify({ events, rows: shown.next }) };
  return next === undefined ? { items } : { items, next: JSON.stringify({ events: next }) };
}
