import { Fault } from '../../engine/fault.ts';
import { type Fields, valueIn } from '../../engine/fields.ts';
import type { Found, Read, Target, Write, WriteResult } from '../../engine/resource.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import { BATCH, batchRead } from './batch.ts';
import { changedObjects } from './changed-objects.ts';
import { fieldsIn } from './contact-fields.ts';
import { VENDOR } from './faults.ts';
import { identifyObjects } from './identify-objects.ts';
import { type MembersRule, readMembers, writeMembers } from './members.ts';
import { membersIn } from './members-text.ts';
import { listObjects, readObject } from './object-reads.ts';
import { type WriteRule, writeObjects } from './object-writes.ts';

export interface CompaniesOptions {
  account: AccountRef;
  /** The companies' property with unique values that keeps our reference. */
  reference?: string;
  /** Name of the field that holds the company's contacts as text (`membersText`); without one they are left alone. */
  members?: string;
  /** The contacts' property that keeps our reference of them. */
  memberReference?: string;
  /** The collection that those contacts are the targets of. */
  memberCollection?: string;
  /** The association labels that are ours; unless said, every label that the account has defined. */
  labels?: readonly string[];
  /** Properties that tell which of the source's records a company may be. */
  identity?: readonly string[];
}

interface Rule extends WriteRule {
  members: MembersRule | undefined;
}

/** Companies, for instance households: without a domain, or HubSpot would take two of one domain for one. */
export function companies(options: CompaniesOptions): Target {
  const { account, reference = 'tessitura_constituent_id', members, identity = ['name'] } = options;
  const { memberReference = 'tessitura_constituent_id', memberCollection = 'patron', labels } = options;
  const field = members && {
    field: members,
    reference: memberReference,
    collection: memberCollection,
    labels,
  };
  const rule: Rule = { type: 'companies', reference, members: field || undefined };
  return {
    account,
    title: 'HubSpot companies',
    batchSize: BATCH,
    // As for contacts.
    readLag: 1_000,
    lateness: 30_000,
    lookup: 'on-conflict',
    read: (session, ids, names) => readCompanies(session, ids, names, rule),
    readOne: (session, id, names) => readCompany(session, id, names, rule),
    find: (session, wanted) => findCompanies(session, wanted, rule),
    write: (session, writes) => writeCompanies(session, writes, rule),
    list: (session, page) => listObjects(session, rule, page),
    identify: (session, ids) => identifyObjects(session, ids, { ...rule, identity }),
    scan: (session, window) => changedObjects(session, 'companies', window),
  };
}

async function readCompanies(
  session: Session,
  ids: readonly string[],
  names: readonly string[],
  { type, members }: Rule,
): Promise<ReadonlyMap<string, Read<Fields>>> {
  if (ids.length === 0) return new Map();
  const properties = names.filter((name) => name !== members?.field);
  const wanted = new Set(ids);
  const records = (await batchRead(session, ids, { type, properties })).filter(({ id }) => wanted.has(id));
  const found = records.map(({ id }) => id);
  const shown =
    members && names.includes(members.field) ? await readMembers(session, found, members) : undefined;
  return new Map(
    records.map((record) => {
      const fields = fieldsIn(record, properties);
      const more = members && shown ? { [members.field]: shown.get(record.id) ?? null } : {};
      return [record.id, { state: 'present', record: { ...fields, ...more } }];
    }),
  );
}

async function readCompany(
  session: Session,
  id: string,
  names: readonly string[],
  rule: Rule,
): Promise<Read<Fields>> {
  const { type, members } = rule;
  const properties = names.filter((name) => name !== members?.field);
  const read = await readObject(session, id, { type, properties });
  if (read.state !== 'present') return read;
  const fields = fieldsIn(read.record, properties);
  if (!members || !names.includes(members.field)) return { state: 'present', record: fields };
  const shown = await readMembers(session, [id], members);
  return { state: 'present', record: { ...fields, [members.field]: shown.get(id) ?? null } };
}

/** By our reference only: two households may share a name. */
async function findCompanies(
  session: Session,
  wanted: readonly { ref: string }[],
  { type, reference }: Rule,
): Promise<ReadonlyMap<string, readonly Found[]>> {
  const refs = wanted.map((each) => each.ref);
  const records = await batchRead(session, refs, { type, properties: [reference], idProperty: reference });
  return new Map(
    records.flatMap(({ id, properties }): [string, Found[]][] => {
      const ref = properties[reference];
      return ref ? [[ref, [{ targetId: id, ref, by: 'reference' }]]] : [];
    }),
  );
}

/** The company first, then who belongs to it. A record is done when both are. */
async function writeCompanies(
  session: Session,
  writes: readonly Write[],
  { members, ...rule }: Rule,
): Promise<ReadonlyMap<string, WriteResult>> {
  if (!members) return await writeObjects(session, writes, rule);
  const plain = writes.map(({ fields, ...write }) => {
    const { [members.field]: _, ...properties } = fields;
    return { ...write, fields: properties };
  });
  const results = new Map(await writeObjects(session, plain, rule));
  const pending = writes.flatMap(({ ref, kind, fields }) => {
    const result = results.get(ref);
    if (kind === 'remove' || !result?.ok || !(members.field in fields)) return [];
    const wanted = membersIn(String(valueIn(fields, members.field) ?? ''));
    if (!wanted) results.set(ref, { ok: false, fault: unreadable(members) });
    return wanted ? [{ ref, company: result.targetId, members: wanted }] : [];
  });
  const faults = await writeMembers(session, pending, members);
  for (const { ref, company } of pending) {
    const fault = faults.get(company);
    if (fault) results.set(ref, { ok: false, fault });
  }
  return results;
}

function unreadable({ field }: MembersRule): Fault {
  const message = `${field} is not a text of members (1001:label+label;1002); build it with membersText`;
  return new Fault('rejected', { vendor: VENDOR, operation: 'associations.create', field, message });
}
