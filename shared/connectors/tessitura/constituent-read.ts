import * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { batch, call, exchange, isSuccess, type Part, type PartReply, query, secretOf } from './client.ts';
import { emailKey } from './email-key.ts';
import { describeSharing, lookupPart, sharedAddresses, sharersOf } from './email-sharers.ts';
import { type Call, contractChanged, faultFrom, parseJson, unreadable } from './faults.ts';
import { mergedInto } from './procedures.ts';
import {
  type Constituent,
  ContactPermissionSchema,
  type Detail,
  DetailSchema,
  primaryEmail,
} from './schema.ts';
import { type SharedAddress, StatusSchema } from './wire.ts';

const DETAIL: Call = {
  operation: 'constituents.read',
  method: 'GET',
  resource: 'CRM/Constituents',
  effect: 'read',
};
const PermissionsSchema = z.array(ContactPermissionSchema);

type Reads = Map<string, Read<Constituent>>;

/** Two calls per 100 records, three where e-mails are shared. What the service did not answer for is left out. */
export async function readMany(session: Session, ids: readonly string[]): Promise<Reads> {
  const replies = await batch(session, ids.map(detailPart));
  refuseIfAllFailed(replies);
  const reads: Reads = new Map();
  const details: Detail[] = [];
  for (const [index, id] of ids.entries()) {
    const reply = replies[index];
    if (reply?.status !== 200) continue;
    const detail = DetailSchema.safeParse(reply.value);
    if (detail.success) details.push(detail.data);
    else reads.set(id, { state: 'unreadable', fault: unreadable(DETAIL, detail.error) });
  }
  for (const [id, read] of await complete(session, details)) reads.set(id, read);
  return reads;
}

/** The only word on whether a constituent is gone; a merged one answers 404 too, so the procedure is asked. */
export async function readOne(session: Session, id: string): Promise<Read<Constituent>> {
  const response = await exchange(session, { ...DETAIL, path: detailPart(id).path });
  if (response.status === 404 || response.status === 410) return ended(session, id);
  if (response.status >= 500) return failsAlone(session, faultFrom(DETAIL, response));
  if (!isSuccess(response.status)) throw faultFrom(DETAIL, response);
  const value = parseJson(response.body);
  if (value === undefined) throw contractChanged(DETAIL, 'the reply');
  const detail = DetailSchema.safeParse(value);
  if (!detail.success) return { state: 'unreadable', fault: unreadable(DETAIL, detail.error) };
  const read = (await complete(session, [detail.data])).get(String(detail.data.Id));
  return read ?? failsAlone(session, faultFrom(DETAIL, { status: 500, body: '' }));
}

/** Adds consent and sharers; a record for which a part failed is left out. */
async function complete(session: Session, details: readonly Detail[]): Promise<Reads> {
  const reads: Reads = new Map();
  if (details.length === 0) return reads;
  const emails = distinctEmails(details);
  const lookups = [...emails.values()].map(lookupPart);
  const replies = await batch(session, [...details.map(permissionsPart), ...lookups]);
  const shared = new Map<string, SharedAddress[]>();
  for (const [index, key] of [...emails.keys()].entries()) {
    const [part, reply] = [lookups[index], replies[details.length + index]];
    if (part && isAnswer(reply)) shared.set(key, sharedAddresses(part, reply));
  }
  const sharing = await describeSharing(session, shared);
  for (const [index, detail] of details.entries()) {
    const [permissions, email] = [replies[index], primaryEmail(detail)];
    const rows = email === undefined ? [] : shared.get(emailKey(email));
    if (!isAnswer(permissions) || !rows || !sharing) continue;
    const emailSharers = sharersOf(detail, rows, sharing);
    reads.set(String(detail.Id), withPermissions({ ...detail, emailSharers }, permissions));
  }
  return reads;
}

function withPermissions(
  record: Omit<Constituent, 'ContactPermissions'>,
  reply: PartReply,
): Read<Constituent> {
  const rows = PermissionsSchema.safeParse(reply.status === 404 ? [] : reply.value);
  if (rows.success) return { state: 'present', record: { ...record, ContactPermissions: rows.data } };
  const permissions: Call = {
    ...DETAIL,
    operation: 'contact-permissions.read',
    resource: 'CRM/ContactPermissions',
  };
  return { state: 'unreadable', fault: unreadable(permissions, rows.error) };
}

function distinctEmails(details: readonly Detail[]): Map<string, string> {
  const emails = details.flatMap((detail) => primaryEmail(detail) ?? []);
  return new Map(emails.map((email) => [emailKey(email), email]));
}

function detailPart(id: string): Part {
  const path = `CRM/Constituents/${encodeURIComponent(id)}/Detail${query({ includeAffiliations: false })}`;
  return { operation: DETAIL.operation, resource: DETAIL.resource, path };
}

function permissionsPart(detail: Detail): Part {
  const filter = query({ constituentId: detail.Id, includeAffiliations: false });
  const path = `CRM/ContactPermissions${filter}`;
  return { operation: 'contact-permissions.read', resource: 'CRM/ContactPermissions', path };
}

function isAnswer(reply: PartReply | undefined): reply is PartReply {
  return reply?.status === 200 || reply?.status === 404;
}

/** Reading a hundred records singly would not help a service that failed on every one of them. */
function refuseIfAllFailed(replies: readonly (PartReply | undefined)[]): void {
  const first = replies[0];
  if (replies.length < 2 || !first || first.status < 500) return;
  if (replies.every((reply) => reply && reply.status >= 500))
    throw faultFrom(DETAIL, { status: first.status, body: '' });
}

async function ended(session: Session, id: string): Promise<Read<Constituent>> {
  const { changes, enumerate } = await secretOf(session);
  const hasProcedures = changes === 'procedure' || enumerate.by === 'procedure';
  const into = hasProcedures ? await mergedInto(session, id) : undefined;
  return into === undefined ? { state: 'gone' } : { state: 'merged', into };
}

/**
 * A 500 for one record is an outage only if the service says that it is unwell. Else it is about the record
 * (a lock, a defect that its data meets), and must neither wait for days nor be given up at once: of the kinds
 * of fault, `conflict` is the one that is tried again a counted number of times.
 */
async function failsAlone(session: Session, fault: Fault): Promise<Read<Constituent>> {
  const health = { operation: 'status', method: 'GET', resource: 'Diagnostics', effect: 'read' } as const;
  const status = await call(session, { ...health, path: 'Diagnostics/Status' }, StatusSchema);
  if (!status.Success) throw fault;
  return {
    state: 'unreadable',
    fault: new Fault('conflict', {
      vendor: 'tessitura',
      operation: fault.operation,
      status: fault.status ?? 500,
      message:
        'Tessitura fails to give out this one constituent (500) while it says that it is well; if this was the last try, open and save the record in Tessitura, then replay',
    }),
  };
}
