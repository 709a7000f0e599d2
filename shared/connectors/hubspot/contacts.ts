import { Fault } from '../../engine/fault.ts';
import type { Fields } from '../../engine/fields.ts';
import type { Page } from '../../engine/ports.ts';
import type { Read, Target } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { BATCH, batchRead } from './batch.ts';
import { call } from './client.ts';
import { writeContacts } from './contact-writes.ts';
import { findContacts } from './find-contacts.ts';
import { type HubspotRecord, ListReplySchema, OneRecordSchema } from './schema.ts';

export interface ContactsOptions {
  account: AccountRef;
  /** The property with unique values that keeps our reference. */
  reference?: string;
  /** How to find a contact that does not carry our reference yet. */
  match?: 'email';
}

/** Marketing and sales contacts. Values are HubSpot's: text; a boolean is `true` or `false`. */
export function contacts({
  account,
  reference = 'tessitura_constituent_id',
  match,
}: ContactsOptions): Target {
  return {
    account,
    title: 'HubSpot contacts',
    batchSize: BATCH,
    // Reads by id come from the store of record, not from the search index that lags; HubSpot promises
    // neither, so one second is kept as a guard.
    readLag: 1_000,
    // HubSpot documents no figure. Batches are answered within seconds and we give up after 20; anything
    // later than 30 more seconds is left to the audit.
    lateness: 30_000,
    lookup: 'on-conflict',
    read: readContacts,
    readOne: readContact,
    find: (session, wanted) => findContacts(session, wanted, { reference, match }),
    write: (session, writes) => writeContacts(session, writes, reference),
    list: (session, page) => listContacts(session, reference, page),
  };
}

async function readContacts(
  session: Session,
  ids: readonly string[],
  names: readonly string[],
): Promise<ReadonlyMap<string, Read<Fields>>> {
  if (ids.length === 0) return new Map();
  const { results } = await batchRead(session, ids, names);
  const wanted = new Set(ids);
  // The survivor of a merge answers under its own id: the id that was asked for stays unseen and is read alone.
  return new Map(
    results
      .filter((each) => wanted.has(each.id) && !each.archived)
      .map((each) => [each.id, { state: 'present', record: fieldsOf(each, names) }]),
  );
}

async function readContact(session: Session, id: string, names: readonly string[]): Promise<Read<Fields>> {
  const query = new URLSearchParams({ properties: names.join(',') });
  const path = `/${encodeURIComponent(id)}?${query}`;
  const request = {
    operation: 'contacts.get',
    effect: 'read',
    method: 'GET',
    area: 'contacts',
    path,
  } as const;
  try {
    const record = await call(session, request, OneRecordSchema);
    if (record.id !== id) return { state: 'merged', into: record.id };
    return record.archived ? { state: 'gone' } : { state: 'present', record: fieldsOf(record, names) };
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.kind === 'rejected' && thrown.status === 404)
      return { state: 'gone' };
    throw thrown;
  }
}

/** The list endpoint, not search: search ends at 10,000 records and lags behind. */
async function listContacts(
  session: Session,
  reference: string,
  page?: string,
): Promise<Page<{ targetId: string; ref: string }>> {
  const query = new URLSearchParams({ limit: String(BATCH), properties: reference });
  if (page !== undefined) query.set('after', page);
  const { results, paging } = await call(
    session,
    { operation: 'contacts.list', effect: 'read', method: 'GET', area: 'contacts', path: `?${query}` },
    ListReplySchema,
  );
  const items = results.flatMap((each) => {
    const ref = each.properties[reference];
    return ref ? [{ targetId: each.id, ref }] : [];
  });
  const next = paging?.next?.after;
  return next === undefined ? { items } : { items, next };
}

/** A property without a value may be null, empty or absent: all mean null. */
function fieldsOf(record: HubspotRecord, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, record.properties[name] || null]));
}
