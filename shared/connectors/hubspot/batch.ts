import type { Session } from '../../engine/session.ts';
import { call, callForNothing } from './client.ts';
import { type BatchReply, BatchReplySchema, type HubspotRecord } from './schema.ts';
import type { ObjectType } from './versions.ts';

/** The most inputs HubSpot takes in one batch call. */
export const BATCH = 100;
/**
 * The most inputs of a batch read that asks for histories: "The maximum number of inputs supported in a batch
 * request for property histories is 50" (HubSpot's own refusal; its reference does not say so).
 */
const HISTORY_BATCH = 50;

/** One input of a batch write. The trace id comes back with results and errors: it ties them to the record. */
export interface WriteInput {
  id: string;
  idProperty?: string;
  properties: Readonly<Record<string, string>>;
  objectWriteTraceId: string;
}

/** Creates or updates by a unique property. Not by `email`: HubSpot does no partial upserts with it. */
export async function batchUpsert(
  session: Session,
  type: ObjectType,
  inputs: readonly WriteInput[],
): Promise<BatchReply> {
  return await write(session, `${type}.upsert`, { type, path: '/batch/upsert', inputs });
}

/** Updates by record id. */
export async function batchUpdate(
  session: Session,
  type: ObjectType,
  inputs: readonly WriteInput[],
): Promise<BatchReply> {
  return await write(session, `${type}.update`, { type, path: '/batch/update', inputs });
}

async function write(
  session: Session,
  operation: string,
  { type, path, inputs }: { type: ObjectType; path: string; inputs: readonly WriteInput[] },
): Promise<BatchReply> {
  const request = { operation, effect: 'write', method: 'POST', area: type, path, body: { inputs } } as const;
  return await call(session, request, BatchReplySchema);
}

/** To the recycle bin; ids that are not there are no error. */
export async function batchArchive(
  session: Session,
  type: ObjectType,
  ids: readonly string[],
): Promise<void> {
  await callForNothing(session, {
    operation: `${type}.archive`,
    effect: 'write',
    method: 'POST',
    area: type,
    path: '/batch/archive',
    body: { inputs: ids.map((id) => ({ id })) },
  });
}

/** What a batch read is to show. */
export interface Wanted {
  type: ObjectType;
  properties: readonly string[];
  /** Properties whose earlier values are wanted too. */
  histories?: readonly string[];
  /** What the ids are: a unique property, or `email`; the record id unless said. */
  idProperty?: string;
}

/**
 * Reads any number of records, in as many calls as HubSpot's limits need. Records in the recycle bin are left
 * out; what is not found is an error item of the reply, not a failure.
 */
export async function batchRead(
  session: Session,
  ids: Iterable<string>,
  { type, properties, histories = [], idProperty }: Wanted,
): Promise<HubspotRecord[]> {
  const size = histories.length > 0 ? HISTORY_BATCH : BATCH;
  const distinct = [...new Set(ids)];
  const records: HubspotRecord[] = [];
  for (let at = 0; at < distinct.length; at += size) {
    const request = {
      operation: `${type}.read`,
      effect: 'read',
      method: 'POST',
      area: type,
      path: '/batch/read',
      body: {
        inputs: distinct.slice(at, at + size).map((id) => ({ id })),
        properties,
        propertiesWithHistory: histories,
        ...(idProperty === undefined ? {} : { idProperty }),
      },
    } as const;
    const { results } = await call(session, request, BatchReplySchema);
    records.push(...results.filter((each) => !each.archived));
  }
  return records;
}
