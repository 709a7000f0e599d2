import * as z from 'zod';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { batch, type PartReply } from './client.ts';
import { emailKey } from './email-key.ts';
import { constituentIds, type Known, type Sharing, sharersOf } from './email-sharers.ts';
import { type Call, unreadable } from './faults.ts';
import { MAX_SHARERS } from './limits.ts';
import { type Constituent, ContactPermissionSchema, type Detail, primaryEmail } from './schema.ts';
import {
  describeSharing,
  type EmailPermission,
  lookupPart,
  permissionsPart,
  refusesEmail,
  sharedAddresses,
} from './sharing.ts';
import type { SharedAddress } from './wire.ts';

/** Readings by constituent id. */
export type Reads = Map<string, Read<Constituent>>;

const PermissionsSchema = z.object({ ContactPermissions: z.array(ContactPermissionSchema) });
const PERMISSIONS: Call = {
  operation: 'contact-permissions.read',
  method: 'GET',
  resource: 'CRM/ContactPermissions',
  effect: 'read',
};

/** Adds consent and sharers to details; a record for which a part failed is left out. */
export async function complete(
  session: Session,
  details: readonly Detail[],
  about: EmailPermission,
): Promise<Reads> {
  const emails = distinctEmails(details);
  const lookups = [...emails.values()].map(lookupPart);
  const replies = await batch(session, [...details.map((detail) => permissionsPart(detail.Id)), ...lookups]);
  const permissions = new Map(details.map((detail, index) => [detail.Id, answerOf(replies[index])]));
  const shared = new Map<string, SharedAddress[]>();
  for (const [index, key] of [...emails.keys()].entries()) {
    const [part, reply] = [lookups[index], replies[details.length + index]];
    if (!part || !reply || answerOf(reply) === undefined) continue;
    shared.set(key, sharedAddresses(part, reply));
  }
  const known = new Map(details.flatMap((detail) => knownOf(detail, permissions.get(detail.Id), about)));
  const sharing = await describeSharing(session, withOwn(shared, details), known, about);
  const reads: Reads = new Map();
  for (const detail of details) {
    const read = readOf(detail, permissions.get(detail.Id), { shared, sharing, known });
    if (read) reads.set(String(detail.Id), read);
  }
  return reads;
}

interface Context {
  shared: ReadonlyMap<string, readonly SharedAddress[]>;
  /** Undefined when the service failed on a part of it: then records that share wait, the others do not. */
  sharing: Sharing | undefined;
  known: ReadonlyMap<number, Known>;
}

function readOf(detail: Detail, permissions: unknown, context: Context): Read<Constituent> | undefined {
  const rows = rowsFor(detail, context.shared);
  if (permissions === undefined || !rows) return undefined;
  const alone = constituentIds(rows).length < 2;
  const sharing = alone ? aloneWith(context.known) : context.sharing;
  if (!sharing) return undefined;
  const parsed = PermissionsSchema.safeParse({ ContactPermissions: permissions });
  if (!parsed.success) return { state: 'unreadable', fault: unreadable(PERMISSIONS, parsed.error) };
  const emailSharers = sharersOf(detail, rows, sharing);
  return { state: 'present', record: { ...detail, ...parsed.data, emailSharers } };
}

/**
 * The lookup may miss the record itself: blanks in front of an address are kept by the database. Beyond the
 * cap on sharers it is left out on purpose, so that all come to the same answer on whose the e-mail is.
 */
function rowsFor(detail: Detail, shared: Context['shared']): readonly SharedAddress[] | undefined {
  const Address = primaryEmail(detail);
  if (Address === undefined) return [];
  const rows = shared.get(emailKey(Address));
  if (!rows) return undefined;
  const found = constituentIds(rows);
  const own = detail.ElectronicAddresses.find((each) => each.Address === Address);
  if (!own || found.includes(detail.Id) || found.length >= MAX_SHARERS) return rows;
  return [...rows, { ...own, Constituent: { Id: detail.Id } }];
}

function withOwn(shared: Context['shared'], details: readonly Detail[]): Context['shared'] {
  const all = new Map(shared);
  for (const detail of details) {
    const email = primaryEmail(detail);
    const rows = rowsFor(detail, all);
    if (email !== undefined && rows) all.set(emailKey(email), rows);
  }
  return all;
}

function aloneWith(people: Sharing['people']): Sharing {
  return { people, nameIndicators: new Map(), logins: new Map() };
}

/** Nobody is known without an answer on consent: to guess would tell those who share the e-mail a no. */
function knownOf(detail: Detail, permissions: unknown, about: EmailPermission): [number, Known][] {
  if (permissions === undefined) return [];
  return [[detail.Id, { columns: detail, refuses: refusesEmail(permissions, about) }]];
}

/** The body of an answer, a 404 being an empty one; undefined when the service failed. */
function answerOf(reply: PartReply | undefined): unknown {
  if (reply?.status === 404) return [];
  return reply?.status === 200 ? reply.value : undefined;
}

function distinctEmails(details: readonly Detail[]): Map<string, string> {
  const emails = details.flatMap((detail) => primaryEmail(detail) ?? []);
  return new Map(emails.map((email) => [emailKey(email), email]));
}
