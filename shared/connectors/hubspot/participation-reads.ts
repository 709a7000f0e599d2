import type { Fields } from '../../engine/fields.ts';
import type { Session } from '../../engine/session.ts';
import { batchRead } from './batch.ts';
import { call } from './client.ts';
import { BreakdownSchema, type Participation } from './marketing-schema.ts';
import { isNotFound } from './object-reads.ts';

/** How participations are named: by our references of the event and of the contact. */
export interface ParticipationKey {
  externalAccountId: string;
  /** Before the event's reference in its external id. */
  prefix: string;
  /** The contacts' property that keeps our reference. */
  reference: string;
}

/** Who at which event; `ref` is `<event>-<contact>`. */
export interface Place {
  ref: string;
  event: string;
  patron: string;
}

/** The most rows of a page. */
const PAGE = 100;
/** Up to so many contacts of one event are looked up singly, more by a walk through its participants. */
const FEW = 3;

const STATES = {
  REGISTERED: 'registered',
  ATTENDED: 'attended',
  CANCELLED: 'cancelled',
  NO_SHOW: 'no_show',
  EMPTY: null,
} as const satisfies Record<Participation['properties']['attendanceState'], string | null>;

/** The contact's reference has no hyphen, an event's may have. */
export function placeOf(ref: string): Place {
  const at = ref.lastIndexOf('-');
  return { ref, event: ref.slice(0, Math.max(at, 0)), patron: ref.slice(at + 1) };
}

/** `state` (registered, attended, cancelled, no_show) and `at` (`2026-11-24T19:31:00.000Z`); undefined = no part in it. */
export function participationFields({ properties }: Participation): Fields | undefined {
  const state = STATES[properties.attendanceState];
  return state === null ? undefined : { state, at: new Date(properties.occurredAt).toISOString() };
}

/** Contact ids by our reference. */
export async function contactIds(
  session: Session,
  patrons: readonly string[],
  { reference }: ParticipationKey,
): Promise<ReadonlyMap<string, string>> {
  const by = { type: 'contacts', properties: [reference], idProperty: reference } as const;
  const records = await batchRead(session, patrons, by);
  return new Map(
    records.flatMap(({ id, properties }) => {
      const ref = properties[reference];
      return ref ? [[ref, id]] : [];
    }),
  );
}

/** How places stand now, by `ref`; one that is missing does not exist, nor does its event or contact perhaps. */
export async function readPlaces(
  session: Session,
  places: readonly Place[],
  contacts: ReadonlyMap<string, string>,
  key: ParticipationKey,
): Promise<ReadonlyMap<string, Fields>> {
  const shown = new Map<string, Fields>();
  for (const [event, group] of Map.groupBy(places, (place) => place.event)) {
    const wanted = new Map(group.map((place) => [contacts.get(place.patron) ?? '', place.ref]));
    wanted.delete('');
    for (const row of await rowsOf(session, event, [...wanted.keys()], key)) {
      const ref = wanted.get(row.associations.contact.contactId);
      const fields = participationFields(row);
      if (ref !== undefined && fields) shown.set(ref, fields);
    }
  }
  return shown;
}

async function rowsOf(
  session: Session,
  event: string,
  contacts: readonly string[],
  key: ParticipationKey,
): Promise<Participation[]> {
  if (contacts.length > FEW) return await allRows(session, event, new Set(contacts), key);
  const rows: Participation[] = [];
  for (const contactIdentifier of contacts)
    rows.push(...(await breakdown(session, event, { contactIdentifier }, key)).results);
  return rows;
}

/** Page by page, until everybody wanted was met. */
async function allRows(
  session: Session,
  event: string,
  wanted: Set<string>,
  key: ParticipationKey,
): Promise<Participation[]> {
  const rows: Participation[] = [];
  let after: string | undefined;
  do {
    const { results, next }: Rows = await breakdown(
      session,
      event,
      after === undefined ? {} : { after },
      key,
    );
    rows.push(...results);
    for (const row of results) wanted.delete(row.associations.contact.contactId);
    after = wanted.size === 0 ? undefined : next;
  } while (after !== undefined);
  return rows;
}

interface Rows {
  results: Participation[];
  next: string | undefined;
}

/** A page of an event's participants; none where HubSpot knows no such event or contact. */
export async function breakdown(
  session: Session,
  event: string,
  more: Readonly<Record<string, string>>,
  { externalAccountId, prefix }: ParticipationKey,
): Promise<Rows> {
  const query = new URLSearchParams({ limit: String(PAGE), ...more });
  const path = [externalAccountId, prefix + event].map(encodeURIComponent).join('/');
  const request = {
    operation: 'participations.read',
    effect: 'read',
    method: 'GET',
    area: 'marketing-events',
    path: `/participations/${path}/breakdown?${query}`,
  } as const;
  try {
    const { results, paging } = await call(session, request, BreakdownSchema);
    return { results, next: paging?.next?.after };
  } catch (thrown) {
    if (isNotFound(thrown)) return { results: [], next: undefined };
    throw thrown;
  }
}
