import { asFault, Fault } from '../../engine/fault.ts';
import type { Fields } from '../../engine/fields.ts';
import type { Write, WriteResult } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { call } from './client.ts';
import { momentIn } from './event-fields.ts';
import { VENDOR } from './faults.ts';
import { MarketingBatchSchema } from './marketing-schema.ts';
import { isNotFound } from './object-reads.ts';
import { contactIds, type ParticipationKey, type Place, placeOf, readPlaces } from './participation-reads.ts';
import { recordFailure } from './record-faults.ts';

/** Whom participations wait for. */
export interface WriteKey extends ParticipationKey {
  /** The collection whose records are the events. */
  eventCollection: string;
  /** The collection whose records are the contacts. */
  patronCollection: string;
}

type Act = 'register' | 'attend' | 'cancel';
type Results = Map<string, WriteResult>;

/** HubSpot states no most; its other batches take 100. */
const CHUNK = 100;
const ACTS: ReadonlyMap<unknown, Act> = new Map([
  ['registered', 'register'],
  ['attended', 'attend'],
  ['cancelled', 'cancel'],
  // HubSpot makes a no-show itself of who registered, when the event is completed.
  ['no_show', 'register'],
]);

/** One thing to tell HubSpot. */
interface Told {
  place: Place;
  contact: string;
  act: Act;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * Tells HubSpot where contacts stand, one call for each event and state. It keeps what it was told: a removal
 * only cancels.
 */
export async function writePlaces(
  session: Session,
  writes: readonly Write[],
  key: WriteKey,
): Promise<ReadonlyMap<string, WriteResult>> {
  const results: Results = new Map();
  const places = new Map(writes.map(({ ref }) => [ref, placeOf(ref)]));
  const contacts = await contactIds(
    session,
    [...places.values()].map((each) => each.patron),
    key,
  );
  const now = await standing(session, writes, { places, contacts, key });
  const told = writes.flatMap((write): Told[] => {
    const place = places.get(write.ref) ?? placeOf(write.ref);
    const contact = contacts.get(place.patron);
    const answer = tell(write, now.get(write.ref), session.now());
    if (answer instanceof Fault) results.set(write.ref, { ok: false, fault: answer });
    else if (answer === undefined || (contact === undefined && write.kind === 'remove'))
      results.set(write.ref, done(write.ref, write));
    else if (contact === undefined) results.set(write.ref, { ok: false, fault: noContact(place, key) });
    else return [{ place, contact, ...answer }];
    return [];
  });
  const kinds = new Map(writes.map((write) => [write.ref, write]));
  for (const group of Map.groupBy(told, ({ place, act }) => `${act} ${place.event}`).values())
    for (let at = 0; at < group.length; at += CHUNK)
      await post(session, group.slice(at, at + CHUNK), { key, results, kinds });
  await checkNoShows(session, writes, { results, places, contacts, key });
  return results;
}

interface Scene {
  places: ReadonlyMap<string, Place>;
  contacts: ReadonlyMap<string, string>;
  key: WriteKey;
}

/** As HubSpot has them: needed where a write does not say everything, and for no-shows. */
async function standing(session: Session, writes: readonly Write[], { places, contacts, key }: Scene) {
  const unsure = writes.filter(
    ({ kind, fields }) => kind === 'remove' || fields.state === 'no_show' || !fields.state || !fields.at,
  );
  const wanted = unsure.flatMap(({ ref }) => places.get(ref) ?? []);
  return wanted.length === 0 ? new Map<string, Fields>() : await readPlaces(session, wanted, contacts, key);
}

/** What to tell HubSpot of a write; undefined = nothing. */
function tell(
  write: Write,
  now: Fields | undefined,
  clock: number,
): Omit<Told, 'place' | 'contact'> | Fault | undefined {
  try {
    if (write.kind === 'remove') {
      const here = now !== undefined && now.state !== 'cancelled';
      return here ? { act: 'cancel', at: clock } : undefined;
    }
    const state = write.fields.state ?? now?.state;
    const act = ACTS.get(state);
    if (!act) return unfit('state', 'it must be registered, attended, cancelled or no_show');
    if (state === 'no_show' && now?.state !== undefined) return undefined;
    return { act, at: Date.parse(momentIn('at', write.fields.at ?? now?.at)) };
  } catch (thrown) {
    return asFault(thrown, 'participations.write');
  }
}

async function post(
  session: Session,
  told: readonly Told[],
  { key, results, kinds }: { key: WriteKey; results: Results; kinds: ReadonlyMap<string, Write> },
): Promise<void> {
  const [first] = told;
  if (!first) return;
  const query = new URLSearchParams({ externalAccountId: key.externalAccountId });
  const id = encodeURIComponent(key.prefix + first.place.event);
  const request = {
    operation: 'participations.write',
    effect: 'write',
    method: 'POST',
    area: 'marketing-events',
    path: `/attendance/${id}/${first.act}/create?${query}`,
    body: { inputs: told.map(inputOf) },
  } as const;
  try {
    const reply = await call(session, request, MarketingBatchSchema);
    const taken = new Set((reply.results ?? []).map((each) => each.vid));
    const [error] = reply.errors ?? [];
    const failure = error && recordFailure(error, request.operation, []);
    for (const { place, contact } of told) {
      // Contacts that do not exist (any more) are left out of the answer.
      const missed = failure ?? { ok: false, fault: noContact(place, key) };
      results.set(place.ref, taken.has(contact) ? done(place.ref, kinds.get(place.ref)) : missed);
    }
  } catch (thrown) {
    const fault = asFault(thrown, request.operation);
    for (const { place } of told)
      results.set(place.ref, { ok: false, fault: isNotFound(thrown) ? noEvent(place, key) : fault });
  }
}

function inputOf({ contact, act, at }: Told): object {
  const input = { vid: Number(contact), interactionDateTime: at };
  return act === 'attend' ? { ...input, properties: { joinedAt: new Date(at).toISOString() } } : input;
}

/** A no-show is HubSpot's own conclusion: it is there, it will come with the end of the event, or never. */
async function checkNoShows(
  session: Session,
  writes: readonly Write[],
  { results, places, contacts, key }: Scene & { results: Results },
): Promise<void> {
  const hoped = writes.filter(
    ({ ref, kind, fields }) => kind !== 'remove' && fields.state === 'no_show' && results.get(ref)?.ok,
  );
  if (hoped.length === 0) return;
  const wanted = hoped.flatMap(({ ref }) => places.get(ref) ?? []);
  const now = await readPlaces(session, wanted, contacts, key);
  for (const place of wanted) {
    const state = now.get(place.ref)?.state;
    if (state === 'no_show') continue;
    const fault =
      state === 'registered' || state === undefined
        ? waiting(
            `${key.eventCollection}/${place.event}`,
            'HubSpot makes no-shows when the event is completed',
          )
        : unfit('state', `HubSpot has ${state}, and makes no no-show of that`);
    results.set(place.ref, { ok: false, fault });
  }
}

function done(ref: string, write: Write | undefined): WriteResult {
  return { ok: true, targetId: ref, created: write?.kind === 'create' };
}

function noContact(place: Place, { patronCollection, reference }: WriteKey): Fault {
  const because = `no contact carries it in ${reference} yet; it comes when that ${patronCollection} has been written`;
  return waiting(`${patronCollection}/${place.patron}`, because);
}

function noEvent(place: Place, { eventCollection }: WriteKey): Fault {
  const because = `the app has no such marketing event yet; it comes when that ${eventCollection} has been written`;
  return waiting(`${eventCollection}/${place.event}`, because);
}

function waiting(waitingFor: string, message: string): Fault {
  return new Fault('waiting', { vendor: VENDOR, operation: 'participations.write', waitingFor, message });
}

function unfit(field: string, because: string): Fault {
  const message = `${field}: ${because}`;
  return new Fault('rejected', { vendor: VENDOR, operation: 'participations.write', field, message });
}
