import * as z from 'zod';
import type { Session } from '../../engine/session.ts';
import { batch, type Part, type PartReply, parsed, query, secretOf } from './client.ts';
import { emailKey } from './email-key.ts';
import { ConstituentColumns, type Detail, type EmailSharer, isIndividual, primaryEmail } from './schema.ts';
import { AffiliationsSchema, LoginsSchema, type SharedAddress, SharedAddressesSchema } from './wire.ts';

/** Ids per CRM/Constituents, so that the address stays below what web servers accept. */
const IDS_PER_CALL = 100;

/** What is known of everybody who has one of some e-mails. */
interface Sharing {
  columns: ReadonlyMap<number, z.infer<typeof ConstituentColumns>>;
  /** NameIndicator in the primary household. */
  nameIndicators: ReadonlyMap<number, number>;
  /** By e-mail key. */
  logins: ReadonlyMap<string, ReadonlySet<number>>;
}

/** Who else has this address; part of the second call of a read. */
export function lookupPart(address: string): Part {
  return {
    operation: 'electronic-addresses.find',
    resource: 'CRM/ElectronicAddresses',
    path: `CRM/ElectronicAddresses${query({ address: address.trim(), includeAffiliations: false })}`,
  };
}

/** Active addresses of constituents; general-public ones belong to nobody. */
export function sharedAddresses(part: Part, reply: PartReply): SharedAddress[] {
  if (reply.status === 404) return [];
  const rows = parsed({ ...part, method: 'GET', effect: 'read' }, SharedAddressesSchema, reply.value);
  return rows.filter((row) => !row.Inactive);
}

/**
 * The third call of a read, only for e-mails that more than one constituent has: who they are, their place in
 * the household, and whose web login it is. Undefined when the service failed on a part.
 */
export async function describeSharing(
  session: Session,
  shared: ReadonlyMap<string, readonly SharedAddress[]>,
): Promise<Sharing | undefined> {
  const several = [...shared].filter(([, rows]) => idsOf(rows).length > 1);
  const ids = [...new Set(several.flatMap(([, rows]) => idsOf(rows)))];
  if (ids.length === 0) return { columns: new Map(), nameIndicators: new Map(), logins: new Map() };
  const { loginTypeId } = await secretOf(session);
  const emails = several.map(([email]) => email);
  const groups = chunksOf(ids, IDS_PER_CALL);
  const parts = [
    ...groups.map(constituentsPart),
    ...emails.map((email) => loginPart(email, loginTypeId)),
    ...ids.map(affiliationPart),
  ];
  const values = partValues(parts, await batch(session, parts));
  if (!values) return undefined;
  const [people, found, affiliated] = [
    values.slice(0, groups.length),
    values.slice(groups.length, groups.length + emails.length),
    values.slice(groups.length + emails.length),
  ];
  return {
    columns: columnsOf(people),
    nameIndicators: new Map(affiliated.flatMap(nameIndicatorsOf)),
    logins: new Map(emails.map((email, index) => [email, loginOwners(found[index])])),
  };
}

/** The record first, whatever the lookup found: it certainly has the address. */
export function sharersOf(detail: Detail, rows: readonly SharedAddress[], sharing: Sharing): EmailSharer[] {
  const email = primaryEmail(detail);
  if (email === undefined) return [];
  const logins = sharing.logins.get(emailKey(email));
  const others = idsOf(rows).filter((id) => id !== detail.Id);
  return [detail.Id, ...others].flatMap((id) => {
    const columns = id === detail.Id ? detail : sharing.columns.get(id);
    if (!columns) return [];
    const nameIndicator = sharing.nameIndicators.get(id);
    return {
      constituentId: String(id),
      individual: isIndividual(columns),
      primary: id === detail.Id || rows.some((row) => row.Constituent?.Id === id && row.PrimaryIndicator),
      hasLogin: logins?.has(id) ?? false,
      inactive: columns.Inactive.Id !== 1,
      protected: columns.ProtectionType != null,
      nameStatus: columns.NameStatus?.Description,
      ...(nameIndicator === undefined ? {} : { nameIndicator }),
    };
  });
}

function idsOf(rows: readonly SharedAddress[]): number[] {
  return [...new Set(rows.flatMap((row) => (row.Constituent ? [row.Constituent.Id] : [])))].sort(
    (a, b) => a - b,
  );
}

function constituentsPart(ids: readonly number[]): Part {
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

/** A 404 is an empty answer here; any other failure leaves the question open. */
function partValues(
  parts: readonly Part[],
  replies: readonly (PartReply | undefined)[],
): unknown[] | undefined {
  const values: unknown[] = [];
  for (const index of parts.keys()) {
    const reply = replies[index];
    if (reply?.status !== 200 && reply?.status !== 404) return undefined;
    values.push(reply.status === 200 ? reply.value : []);
  }
  return values;
}

function columnsOf(pages: readonly unknown[]): Sharing['columns'] {
  const call = {
    operation: 'constituents.find',
    resource: 'CRM/Constituents',
    method: 'GET',
    effect: 'read',
  } as const;
  const rows = pages.flatMap((page) => parsed(call, z.array(z.unknown()), page));
  // One that does not fit is reported when that constituent itself is read.
  const fitting = rows.flatMap((row) => ConstituentColumns.safeParse(row).data ?? []);
  return new Map(fitting.map((row) => [row.Id, row]));
}

function nameIndicatorsOf(value: unknown): [number, number][] {
  const call = {
    operation: 'affiliations.find',
    resource: 'CRM/Affiliations',
    method: 'GET',
    effect: 'read',
  } as const;
  return parsed(call, AffiliationsSchema, value).flatMap((row) =>
    row.Inactive || !row.PrimaryIndicator || row.NameIndicator == null
      ? []
      : [[row.IndividualConstituent.Id, row.NameIndicator] satisfies [number, number]],
  );
}

function loginOwners(value: unknown): ReadonlySet<number> {
  const call = {
    operation: 'web-logins.find',
    resource: 'CRM/WebLogins',
    method: 'GET',
    effect: 'read',
  } as const;
  return new Set(
    parsed(call, LoginsSchema, value).flatMap((row) => (row.Inactive ? [] : [row.Constituent.Id])),
  );
}

function chunksOf<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < all.length; from += size) chunks.push(all.slice(from, from + size));
  return chunks;
}
