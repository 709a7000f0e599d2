import * as z from 'zod';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { batch, type Part, type PartReply, secretOf } from './client.ts';
import {
  affiliationParts,
  bodyOf,
  type History,
  historyFields,
  type Include,
} from './constituent-history.ts';
import { attachedParts, isAttached } from './constituent-tells.ts';
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

/** What a reader wants: which permissions are about e-mail, and what is read besides. */
export interface Wanted {
  about: EmailPermission;
  include: Include;
  /** Who wrote what, that many days back, and whether a login uses the e-mail. */
  tells?: { days: number };
}

/** A detail, and what came with it. */
export interface Found {
  detail: Detail;
  history: History;
}

/** Adds consent, sharers and affiliations to what was found; a record for which a part failed is left out. */
export async function complete(session: Session, found: readonly Found[], wanted: Wanted): Promise<Reads> {
  const details = found.map((each) => each.detail);
  const emails = distinctEmails(details);
  const lookups = [...emails.values()].map(lookupPart);
  const logins = wanted.tells ? attachedParts(details) : new Map<number, Part>();
  const affiliated = affiliationParts(details, wanted.include);
  const replies = await batch(session, [
    ...details.map((detail) => permissionsPart(detail.Id)),
    ...affiliated,
    ...lookups,
    ...logins.values(),
  ]);
  const permissions = new Map(
    replies.splice(0, details.length).map((reply, index) => [details[index]?.Id ?? 0, bodyOf(reply)]),
  );
  const afterwards = replies.splice(0, affiliated.length);
  const looked = replies.splice(0, lookups.length);
  const attached = new Map(
    [...logins].map(([id, part], index) => [id, isAttached(part, replies[index])] as const),
  );
  const shared = new Map<string, SharedAddress[]>();
  for (const [index, key] of [...emails.keys()].entries()) {
    const [part, reply] = [lookups[index], looked[index]];
    if (!part || !reply || bodyOf(reply) === undefined) continue;
    shared.set(key, sharedAddresses(part, reply));
  }
  const known = new Map(
    details.flatMap((detail) => knownOf(detail, permissions.get(detail.Id), wanted.about)),
  );
  const sharing = await describeSharing(session, withOwn(shared, details), known, wanted.about);
  const { timeZone } = await secretOf(session);
  const reads: Reads = new Map();
  for (const [index, { detail, history }] of found.entries()) {
    const whole = afterwards.length > 0 ? withAffiliations(history, afterwards[index]) : history;
    const read = readOf(detail, permissions.get(detail.Id), {
      shared,
      sharing,
      known,
      timeZone,
      history: whole,
      attached: wanted.tells ? (attached.get(detail.Id) ?? false) : undefined,
    });
    if (read) reads.set(String(detail.Id), read);
  }
  return reads;
}

function withAffiliations(history: History, reply: PartReply | undefined): History {
  return new Map([...history, ['Affiliations', bodyOf(reply)] as const]);
}

interface Context {
  shared: ReadonlyMap<string, readonly SharedAddress[]>;
  /** Undefined when the service failed on a part of it: then records that share wait, the others do not. */
  sharing: Sharing | undefined;
  known: ReadonlyMap<number, Known>;
  timeZone: string;
  history: History;
  attached: boolean | undefined;
}

function readOf(detail: Detail, permissions: unknown, context: Context): Read<Constituent> | undefined {
  const rows = rowsFor(detail, context.shared);
  if (permissions === undefined || !rows) return undefined;
  const alone = constituentIds(rows).length < 2;
  const sharing = alone ? aloneWith(context.known) : context.sharing;
  if (!sharing) return undefined;
  const parsed = PermissionsSchema.safeParse({ ContactPermissions: permissions });
  if (!parsed.success) return { state: 'unreadable', fault: unreadable(PERMISSIONS, parsed.error) };
  const history = historyFields(context.history);
  if (!history) return undefined;
  if ('fault' in history) return { state: 'unreadable', fault: history.fault };
  const emailSharers = sharersOf(detail, rows, sharing);
  const { timeZone, attached } = context;
  const told = attached === undefined ? {} : { primaryEmailHasLogin: attached };
  const record = { ...detail, ...parsed.data, ...history, emailSharers, timeZone, ...told };
  return { state: 'present', record };
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

function distinctEmails(details: readonly Detail[]): Map<string, string> {
  const emails = details.flatMap((detail) => primaryEmail(detail) ?? []);
  return new Map(emails.map((email) => [emailKey(email), email]));
}
