import * as z from 'zod';
import type { SourceEdit } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { batch, type Part, parsed, partFault, query } from './client.ts';
import type { ConstituentEdit } from './constituent-edit.ts';
import { emailKey } from './email-key.ts';
import { type Constituent, primaryEmail, primaryEmailRow } from './schema.ts';
import { attachedPart, lookupPart, permissionsPart } from './sharing.ts';

/** One constituent as it was read, and what flows back into it. */
export type Edit = SourceEdit<Constituent, ConstituentEdit>;

/** Whole rows: a PUT replaces the row, so every column that was read is sent back. */
const RowSchema = z.looseObject({ Id: z.int(), UpdatedDateTime: z.string() });
export type Row = z.infer<typeof RowSchema>;
const Owner = z.object({ Id: z.int() });
const EmailRowSchema = RowSchema.extend({
  Address: z.string(),
  IsEmail: z.boolean(),
  Inactive: z.boolean(),
  PrimaryIndicator: z.boolean(),
  AllowMarketing: z.boolean(),
  ElectronicAddressType: z.looseObject({ Id: z.int() }).nullish(),
  Constituent: Owner.nullish(),
});
export type EmailRow = z.infer<typeof EmailRowSchema>;
const PhoneRowSchema = RowSchema.extend({ Inactive: z.boolean(), AllowTelemarketing: z.boolean().nullish() });
export type PhoneRow = z.infer<typeof PhoneRowSchema>;
const Named = z.object({ Id: z.int(), Description: z.string().nullish() });
const PermissionTypeSchema = Named.extend({ Inactive: z.boolean().nullish(), Category: Named.nullish() });
const PermissionRowSchema = RowSchema.extend({ Answer: z.string().nullish(), Type: PermissionTypeSchema });
export type PermissionRow = z.infer<typeof PermissionRowSchema>;
const TypeSchema = Named.extend({ Inactive: z.boolean().nullish(), IsEmail: z.boolean().nullish() });
/** Of a row that was deleted meanwhile (an empty answer) no login tells; that it is not as it was read does. */
const AttachedSchema = z.union([z.object({ IsAttachedToLogin: z.boolean() }), z.tuple([])]);

/** The rows that a batch of edits is about, as they are now. */
export interface Rows {
  constituents: ReadonlyMap<number, Row>;
  emails: readonly EmailRow[];
  /** Everybody's, by e-mail key. */
  withAddress: ReadonlyMap<string, readonly EmailRow[]>;
  /** By the id of the constituent. */
  phones: ReadonlyMap<string, readonly PhoneRow[]>;
  permissions: ReadonlyMap<string, readonly PermissionRow[]>;
  /** E-addresses that a web login uses. */
  attached: ReadonlySet<number>;
  permissionTypes: readonly z.infer<typeof PermissionTypeSchema>[];
  emailTypes: readonly z.infer<typeof TypeSchema>[];
  phoneTypes: readonly z.infer<typeof TypeSchema>[];
}

/** The address that a yes or a no to e-mail is about; undefined where there is none. */
export function consentAddress({ record, edit }: Edit): string | undefined {
  return edit.consent?.email && (edit.consent.email.address ?? primaryEmail(record));
}

/** Everything that the edits must look at before they write, in one call. */
export async function readRows(session: Session, edits: readonly Edit[]): Promise<Rows> {
  const of = (wanted: (edit: ConstituentEdit) => unknown) => edits.filter(({ edit }) => wanted(edit));
  const renamed = of(({ names }) => names);
  const moved = of(({ email }) => email);
  const asked = new Map<string, Part>();
  const ask = (part: Part) => asked.set(part.path, part);
  const constituents = byIds('CRM/Constituents', renamed);
  const emails = byIds(
    'CRM/ElectronicAddresses',
    of((edit) => edit.email ?? edit.ended ?? edit.consent?.email),
  );
  const shared = new Map(edits.flatMap(consentLookup));
  const logins = moved.flatMap(({ record }) => primaryEmailRow(record)?.Id ?? []);
  const phones = new Map(
    of((edit) => edit.phones ?? edit.consent?.phone).map(({ id }) => [id, phonesPart(id)]),
  );
  const permissions = new Map(of((edit) => edit.consent).map(({ id }) => [id, permissionsPart(Number(id))]));
  const tables = {
    permission: permissions.size > 0 ? [typesPart('ContactPermissionTypes')] : [],
    email: moved.length > 0 ? [typesPart('ElectronicAddressTypes')] : [],
    phone:
      of(({ phones }) => phones?.some((each) => each.id === undefined)).length > 0
        ? [typesPart('PhoneTypes')]
        : [],
  };
  const attached = new Map(logins.map((id) => [id, attachedPart(id)]));
  const groups = [
    constituents,
    emails,
    [...shared.values()],
    [...phones.values()],
    [...permissions.values()],
  ];
  for (const part of [...groups.flat(), ...Object.values(tables).flat(), ...attached.values()]) ask(part);
  const told = await answers(session, [...asked.values()]);
  const rows = <T>(parts: readonly Part[], schema: z.ZodType<T>) =>
    parts.flatMap((part) => told(part, z.array(schema)));
  const mapped = <K, T>(parts: ReadonlyMap<K, Part>, schema: z.ZodType<T>) =>
    new Map([...parts].map(([key, part]) => [key, told(part, z.array(schema))] as const));
  return {
    constituents: new Map(rows(constituents, RowSchema).map((row) => [row.Id, row])),
    emails: rows(emails, EmailRowSchema),
    withAddress: mapped(shared, EmailRowSchema),
    phones: mapped(phones, PhoneRowSchema),
    permissions: mapped(permissions, PermissionRowSchema),
    attached: new Set(
      [...attached].filter(([, part]) => isAttachedIn(told(part, AttachedSchema))).map(([id]) => id),
    ),
    permissionTypes: rows(tables.permission, PermissionTypeSchema),
    emailTypes: rows(tables.email, TypeSchema),
    phoneTypes: rows(tables.phone, TypeSchema),
  };
}

function isAttachedIn(told: z.infer<typeof AttachedSchema>): boolean {
  return 'IsAttachedToLogin' in told && told.IsAttachedToLogin;
}

/** A 404 is an empty list; any other failure is one of the whole, before anything was written. */
async function answers(session: Session, parts: readonly Part[]) {
  const replies = parts.length === 0 ? [] : await batch(session, parts);
  const byPath = new Map(parts.map((part, index) => [part.path, replies[index]] as const));
  return <T>(part: Part, schema: z.ZodType<T>): T => {
    const asked = { ...part, method: 'GET', effect: 'read' } as const;
    const reply = byPath.get(part.path);
    if (reply?.status === 404) return parsed(asked, schema, []);
    if (reply?.status !== 200) throw partFault(asked, reply ?? { status: 500, errors: '' }, 'read');
    return parsed(asked, schema, reply.value);
  };
}

function consentLookup(edit: Edit): [string, Part][] {
  const address = consentAddress(edit);
  return address === undefined ? [] : [[emailKey(address), lookupPart(address)]];
}

function byIds(resource: 'CRM/Constituents' | 'CRM/ElectronicAddresses', edits: readonly Edit[]): Part[] {
  if (edits.length === 0) return [];
  const constituentIds = edits.map(({ id }) => id).join(',');
  const filter = resource === 'CRM/Constituents' ? {} : { includeAffiliations: false };
  return [{ operation: 'edits.look', resource, path: `${resource}${query({ constituentIds, ...filter })}` }];
}

function phonesPart(constituentId: string): Part {
  const path = `CRM/Phones${query({ constituentId, includeAffiliations: false })}`;
  return { operation: 'edits.look', resource: 'CRM/Phones', path };
}

function typesPart(table: 'ContactPermissionTypes' | 'ElectronicAddressTypes' | 'PhoneTypes'): Part {
  const resource = `ReferenceData/${table}`;
  return { operation: 'edits.look', resource, path: resource };
}
