import * as z from 'zod';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { batch, type PartReply } from './client.ts';
import { emailKey } from './email-key.ts';
import { constituentIds, type Known, type Sharing, sharersOf } from './email-sharers.ts';
import { type Call, unreadable } from './faults.ts';
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

export type Reads = Map<string, Read<Constituent>>;

const PermissionsSchema = z.array(ContactPermissionSchema);
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
    if (part && answerOf(reply) !== undefined && reply) shared.set(key, sharedAddresses(part, reply));
  }
  const known = new Map(
    details.map((detail) => [detail.Id, knownOf(detail, permissions.get(detail.Id), about)]),
  );
  const sharing = await describeSharing(session, shared, known, about);
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
  const email = primaryEmail(detail);
  const rows = email === undefined ? [] : context.shared.get(emailKey(email));
  if (permissions === undefined || !rows) return undefined;
  const alone = constituentIds(rows).length < 2;
  const sharing = alone ? aloneWith(context.known) : context.sharing;
  if (!sharing) return undefined;
  const parsed = PermissionsSchema.safeParse(permissions);
  if (!parsed.success) return { state: 'unreadable', fault: unreadable(PERMISSIONS, parsed.error) };
  const emailSharers = sharersOf(detail, rows, sharing);
  return { state: 'present', record: { ...detail, ContactPermissions: parsed.data, emailSharers } };
}

function aloneWith(people: Sharing['people']): Sharing {
  return { people, nameIndicators: new Map(), logins: new Map() };
}

function knownOf(detail: Detail, permissions: unknown, about: EmailPermission): Known {
  return { columns: detail, refuses: refusesEmail(permissions, about) };
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
