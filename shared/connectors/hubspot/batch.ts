import type { Session } from '../../engine/session.ts';
import { call, callForNothing } from './client.ts';
import { type BatchReply, BatchReplySchema } from './schema.ts';

/** The most inputs HubSpot takes in one batch call. */
export const BATCH = 100;

/** One input of a batch write. The trace id comes back with results and errors: it ties them to the record. */
export interface WriteInput {
  id: string;
  idProperty?: string;
  properties: Readonly<Record<string, string>>;
  objectWriteTraceId: string;
}

/** Creates or updates by a unique property. Not by `email`: HubSpot does no partial upserts with it. */
export async function batchUpsert(session: Session, inputs: readonly WriteInput[]): Promise<BatchReply> {
  return await write(session, 'upsert', inputs);
}

/** Updates by record id. */
export async function batchUpdate(session: Session, inputs: readonly WriteInput[]): Promise<BatchReply> {
  return await write(session, 'update', inputs);
}

async function write(
  session: Session,
  kind: 'upsert' | 'update',
  inputs: readonly WriteInput[],
): Promise<BatchReply> {
  return await call(
    session,
    {
      operation: `contacts.${kind}`,
      effect: 'write',
      method: 'POST',
      area: 'contacts',
      path: `/batch/${kind}`,
      body: { inputs },
    },
    BatchReplySchema,
  );
}

/** To the recycle bin; ids that are not there are no error. */
export async function batchArchive(session: Session, ids: readonly string[]): Promise<void> {
  await callForNothing(session, {
    operation: 'contacts.archive',
    effect: 'write',
    method: 'POST',
    area: 'contacts',
    path: '/batch/archive',
    body: { inputs: ids.map((id) => ({ id })) },
  });
}

/** Reads by record id, or by a unique property or `email`. What is not found is an error item, not a failure. */
export async function batchRead(
  session: Session,
  ids: readonly string[],
  properties: readonly string[],
  idProperty?: string,
): Promise<BatchReply> {
  return await call(
    session,
    {
      operation: 'contacts.read',
      effect: 'read',
      method: 'POST',
      area: 'contacts',
      path: '/batch/read',
      body: {
        inputs: ids.map((id) => ({ id })),
        properties,
        propertiesWithHistory: [],
        ...(idProperty === undefined ? {} : { idProperty }),
      },
    },
    BatchReplySchema,
  );
}
