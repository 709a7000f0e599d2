import type { Millis, Page } from '../../engine/ports.ts';
import type { Change, ScanWindow } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { call } from './client.ts';
import { ListReplySchema } from './schema.ts';
import type { ObjectType } from './versions.ts';

/** The most hits on one page of a search. */
const PAGE = 200;
/**
 * The index of the search lags behind ("a few moments"; half a minute has been seen). Every window is moved back
 * by this, so that it is closed and whole when it is asked for. What comes later still is left to the audit.
 */
export const INDEX_LAG: Millis = 60_000;

const CHANGED = {
  contacts: 'lastmodifieddate',
  companies: 'hs_lastmodifieddate',
} as const satisfies Record<ObjectType, string>;

/**
 * Records that changed in the window, INDEX_LAG before it. Sorted by record id, and each page begins behind
 * the last id: so a search never reaches its end at 10,000 hits, however many records carry one stamp. A
 * record that changes again while we page leaves the window, and is in a later one.
 */
export async function changedObjects(
  session: Session,
  type: ObjectType,
  { from, to, page }: ScanWindow,
): Promise<Page<Change>> {
  const changed = CHANGED[type];
  const window = { value: String(from - INDEX_LAG), highValue: String(to - INDEX_LAG) };
  const filters = [
    { propertyName: changed, operator: 'BETWEEN', ...window },
    ...(page === undefined ? [] : [{ propertyName: 'hs_object_id', operator: 'GT', value: page }]),
  ];
  const request = {
    operation: `${type}.search`,
    effect: 'read',
    method: 'POST',
    area: type,
    path: '/search',
    body: {
      filterGroups: [{ filters }],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      properties: [changed],
      limit: PAGE,
    },
  } as const;
  const { results } = await call(session, request, ListReplySchema);
  const items = results.map(({ id, properties }) => ({ id, changeId: `${id}@${properties[changed] ?? ''}` }));
  const last = results.length < PAGE ? undefined : results.at(-1)?.id;
  return last === undefined ? { items } : { items, next: last };
}
