import { Fault } from '../../engine/fault.ts';
import type { Page } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import { BATCH } from './batch.ts';
import { call } from './client.ts';
import { type HubspotRecord, ListReplySchema, OneRecordSchema } from './schema.ts';
import type { ObjectType } from './versions.ts';

/** What a single read shows of a record. */
export type OneRead =
  | { state: 'present'; record: HubspotRecord }
  | { state: 'gone' }
  | { state: 'merged'; into: string };

/** What a single read is to show. */
export interface OneWanted {
  type: ObjectType;
  properties: readonly string[];
  histories?: readonly string[];
}

/** One record by id, also whether it is gone; the id of a merged one shows the survivor. */
export async function readObject(
  session: Session,
  id: string,
  { type, properties, histories = [] }: OneWanted,
): Promise<OneRead> {
  const query = new URLSearchParams({ properties: properties.join(',') });
  if (histories.length > 0) query.set('propertiesWithHistory', histories.join(','));
  const path = `/${encodeURIComponent(id)}?${query}`;
  const request = { operation: `${type}.get`, effect: 'read', method: 'GET', area: type, path } as const;
  try {
    const record = await call(session, request, OneRecordSchema);
    if (record.id !== id) return { state: 'merged', into: record.id };
    return record.archived ? { state: 'gone' } : { state: 'present', record };
  } catch (thrown) {
    if (isNotFound(thrown)) return { state: 'gone' };
    throw thrown;
  }
}

/** HubSpot itself said that there is no such thing (a path that it does not know is a changed contract instead). */
export function isNotFound(thrown: unknown): boolean {
  return thrown instanceof Fault && thrown.kind === 'rejected' && thrown.status === 404;
}

/** The list endpoint, not search: search ends at 10,000 records and lags behind. */
export async function listObjects(
  session: Session,
  { type, reference }: { type: ObjectType; reference: string },
  page?: string,
): Promise<Page<{ targetId: string; ref: string }>> {
  const query = new URLSearchParams({ limit: String(BATCH), properties: reference });
  if (page !== undefined) query.set('after', page);
  const { results, paging } = await call(
    session,
    { operation: `${type}.list`, effect: 'read', method: 'GET', area: type, path: `?${query}` },
    ListReplySchema,
  );
  const items = results.flatMap((each) => {
    const ref = each.properties[reference];
    return ref ? [{ targetId: each.id, ref }] : [];
  });
  const next = paging?.next?.after;
  return next === undefined ? { items } : { items, next };
}
