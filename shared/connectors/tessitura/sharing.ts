import * as z from 'zod';
import type { Session } from '../../engine/session.ts';
import { batch, type Part, type PartReply, parsed, query, secretOf } from './client.ts';
import { constituentIds, type Known, type Sharing } from './email-sharers.ts';
import type { Call } from './faults.ts';
import { MAX_SHARERS } from './limits.ts';
import { ConstituentColumns, ContactPermissionSchema, isIndividual } from './schema.ts';
import { AffiliationsSchema, LoginsSchema, type SharedAddress, SharedAddressesSchema } from './wire.ts';

/** Ids per CRM/Constituents, so that the address stays below what web servers accept. */
const IDS_PER_CALL = 100;

/** Which contact permissions are about e-mail: matched with the category, else the type. */
export type EmailPermission = RegExp;
/** Those that begin with `email`, unless an option says otherwise. */
export const EMAIL_PERMISSION: EmailPermission = /^e-?mail/i;

/** Who else has this address; part of the second call of a read. */
export function lookupPart(address: string): Part {
  const path = `CRM/ElectronicAddresses${query({ address: address.trim(), includeAffiliations: false })}`;
  return { operation: 'electronic-addresses.find', resource: 'CRM/ElectronicAddresses', path };
}

/** Addresses of constituents in use; general-public ones belong to nobody. */
export function sharedAddresses(part: Part, reply: PartReply): SharedAddress[] {
  if (reply.status === 404) return [];
  return activeRows(parsed(asCall(part), SharedAddressesSchema, reply.value));
}

/** In use, and of the first few constituents only. */
export function activeRows(all: readonly SharedAddress[]): SharedAddress[] {
  const rows = all.filter((row) => !row.Inactive);
  const kept = new Set(constituentIds(rows).slice(0, MAX_SHARERS));
  return rows.filter((row) => row.Constituent && kept.has(row.Constituent.Id));
}

/** The contact permissions of one constituent; part of the second call of a read. */
export function permissionsPart(constituentId: number): Part {
  const path = `CRM/ContactPermissions${query({ constituentId, includeAffiliations: false })}`;
  return { operation: 'contact-permissions.read', resource: 'CRM/ContactPermissions', path };
}

/** Is this e-address attached to a web login? Part of the second call of a read that `tells`. */
export function attachedPart(electronicAddressId: number): Part {
  const path = `CRM/ElectronicAddresses/${electronicAddressId}/IsAttachedToLogin`;
  return { operation: 'electronic-addresses.attached', resource: 'CRM/ElectronicAddresses', path };
}

/** An answer that cannot be read counts as no: nobody is written to by mistake. */
export function refusesEmail(permissions: unknown, about: EmailPermission): boolean {
  const rows = z.array(ContactPermissionSchema).safeParse(permissions);
  if (!rows.success) return true;
  return rows.data.some(
    ({ Answer, Type }) =>
      Answer?.trim().toUpperCase() === 'N' &&
      about.test(Type.Category?.Description ?? Type.Description ?? ''),
  );
}

/**
 * The third call of a read, only for e-mails that more than one constituent has: who the others are, their
 * place in the household, whose web login it is. `known` are the records being read, so that they are not
 * asked for again. Undefined when the service failed on a part.
 */
export async function describeSharing(
  session: Session,
  shared: ReadonlyMap<string, readonly SharedAddress[]>,
  known: ReadonlyMap<number, Known>,
  about: EmailPermission,
): Promise<Sharing | undefined> {
  const several = [...shared].filter(([, rows]) => constituentIds(rows).length > 1);
  const emails = several.map(([email]) => email);
  const ids = [...new Set(several.flatMap(([, rows]) => constituentIds(rows)))];
  const strangers = ids.filter((id) => !known.has(id));
  const { loginTypeId } = await secretOf(session);
  const asked = {
    people: chunksOf(strangers, IDS_PER_CALL).map(constituentsPart),
    permissions: strangers.map(permissionsPart),
    logins: emails.map((email) => loginPart(email, loginTypeId)),
    affiliations: ids.filter((id) => mayBeIndividual(known.get(id))).map(affiliationPart),
  };
  const told = await answers(session, asked);
  if (!told) return undefined;
  const refusing = new Set(strangers.filter((_, index) => refusesEmail(told.permissions[index], about)));
  const found = told.people
    .flatMap(columnsOf)
    .map((columns) => ({ columns, refuses: refusing.has(columns.Id) }));
  return {
    people: new Map([...known, ...found.map((each) => [each.columns.Id, each] as const)]),
    nameIndicators: new Map(told.affiliations.flatMap(nameIndicatorsOf)),
    logins: new Map(emails.map((email, index) => [email, loginOwners(told.logins[index])])),
  };
}

type Asked = Readonly<Record<'people' | 'permissions' | 'logins' | 'affiliations', readonly Part[]>>;
type Told = Record<keyof Asked, unknown[]>;

/** All parts in as few calls as possible; a 404 is an empty answer, any other failure leaves the question open. */
async function answers(session: Session, asked: Asked): Promise<Told | undefined> {
  const { people, permissions, logins, affiliations } = asked;
  const replies = await batch(session, [...people, ...permissions, ...logins, ...affiliations]);
  if (replies.some((reply) => reply?.status !== 200 && reply?.status !== 404)) return undefined;
  const values = replies.map((reply) => (reply?.status === 200 ? reply.value : []));
  const take = (parts: readonly Part[]) => values.splice(0, parts.length);
  return {
    people: take(people),
    permissions: take(permissions),
    logins: take(logins),
    affiliations: take(affiliations),
  };
}

/** Several constituents without their children. */
export function constituentsPart(ids: readonly number[]): Part {
  const path = `CRM/Constituents${query({ constituentIds: ids.join(',') })}`;
  return { operation: 'constituents.find', resource: 'CRM/Constituents', path };
}

function loginPart(emailAddress: string, loginTypeId: number): Part {
  const path = `CRM/WebLogins/Search${query({ emailAddress, loginTypeId })}`;
  return { operation: 'web-logins.find', resource: 'CRM/WebLogins', path };
}

function affiliationPart(individualConstituentId: number): Part {
  const path = `CRM/Affiliations${query({ individualConstituentId, primaryOnly: true })}`;
  return { operation: 'affiliations.find', resource: 'CRM/Affiliations', path };
}

function columnsOf(value: unknown): Known['columns'][] {
  const rows = parsed(asCall(constituentsPart([])), z.array(z.unknown()), value);
  // One that does not fit is reported when that constituent itself is read.
  return rows.flatMap((row) => ConstituentColumns.safeParse(row).data ?? []);
}

function nameIndicatorsOf(value: unknown): [number, number][] {
  const rows = parsed(asCall(affiliationPart(0)), AffiliationsSchema, value);
  return rows.flatMap(({ Inactive, PrimaryIndicator, NameIndicator, IndividualConstituent }) =>
    Inactive || !PrimaryIndicator || NameIndicator == null ? [] : [[IndividualConstituent.Id, NameIndicator]],
  );
}

function loginOwners(value: unknown): ReadonlySet<number> {
  const rows = parsed(asCall(loginPart('', 0)), LoginsSchema, value);
  return new Set(rows.flatMap((row) => (row.Inactive ? [] : [row.Constituent.Id])));
}

function mayBeIndividual(person: Known | undefined): boolean {
  return !person || isIndividual(person.columns);
}

function asCall(part: Part): Call {
  return { operation: part.operation, resource: part.resource, method: 'GET', effect: 'read' };
}

function chunksOf<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < all.length; from += size) chunks.push(all.slice(from, from + size));
  return chunks;
}
