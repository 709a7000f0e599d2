import * as z from 'zod';
import { FIELD_LENGTHS } from './limits.ts';
import type { ChildKind } from './sandbox-children.ts';
import { LOOKUPS, type Lookup, type LookupColumn } from './sandbox-lookups.ts';
import type { Row } from './sandbox-people.ts';
import { type Reply, refusal } from './sandbox-reply.ts';

/** What a writer may set in a column. `kept`: left out of a PUT it stays as it is instead of becoming null. */
type Column =
  | { is: 'text'; max: number; required?: true; kept?: true; oneOf?: readonly string[] }
  | { is: 'flag' }
  | { is: 'moment' }
  | { is: 'number'; oneOf: readonly number[] }
  | { is: 'lookup'; table: LookupColumn; kept?: true; required?: true }
  | { is: 'entity'; fixed?: true };
type Columns = Readonly<Record<string, Column>>;

const FLAG = { is: 'flag' } as const;
const MOMENT = { is: 'moment' } as const;
const text = (max: number) => ({ is: 'text', max }) as const;
const lookup = (table: LookupColumn) => ({ is: 'lookup', table }) as const;
const required = (table: LookupColumn) => ({ is: 'lookup', table, required: true, kept: true }) as const;
const kept = (table: LookupColumn) => ({ is: 'lookup', table, kept: true }) as const;

/** Names from the vendor's resource model; other lengths are those of a common database and not verified. */
export const COLUMNS: Readonly<Record<'Constituents' | WritableChild, Columns>> = {
  Constituents: {
    FirstName: text(FIELD_LENGTHS.FirstName),
    MiddleName: text(FIELD_LENGTHS.MiddleName),
    LastName: { ...text(FIELD_LENGTHS.LastName), required: true, kept: true },
    SortName: { ...text(FIELD_LENGTHS.SortName), kept: true },
    ConstituentType: required('ConstituentType'),
    Inactive: kept('Inactive'),
    InactiveReason: lookup('InactiveReason'),
    NameStatus: lookup('NameStatus'),
    ProtectionType: kept('ProtectionType'),
    Prefix: lookup('Prefix'),
    Suffix: lookup('Suffix'),
    Gender: lookup('Gender'),
    EmarketIndicator: kept('EmarketIndicator'),
    MailIndicator: kept('MailIndicator'),
    PhoneIndicator: kept('PhoneIndicator'),
    OriginalSource: kept('OriginalSource'),
  },
  Addresses: {
    AddressType: required('AddressType'),
    Street1: text(64),
    Street2: text(64),
    Street3: text(64),
    City: text(30),
    PostalCode: text(10),
    State: lookup('State'),
    Country: lookup('Country'),
    StartDate: MOMENT,
    EndDate: MOMENT,
    Inactive: FLAG,
    Label: FLAG,
    PrimaryIndicator: FLAG,
  },
  ElectronicAddresses: {
    Address: { ...text(80), required: true },
    ElectronicAddressType: required('ElectronicAddressType'),
    StartDate: MOMENT,
    EndDate: MOMENT,
    Inactive: FLAG,
    AllowHtmlFormat: FLAG,
    AllowMarketing: FLAG,
    PrimaryIndicator: FLAG,
  },
  PhoneNumbers: {
    PhoneNumber: { ...text(32), required: true },
    PhoneType: required('PhoneType'),
    Inactive: FLAG,
    AllowTelemarketing: FLAG,
    Address: { is: 'entity' },
  },
  Salutations: {
    LetterSalutation: text(80),
    EnvelopeSalutation1: text(80),
    EnvelopeSalutation2: text(80),
    BusinessTitle: text(80),
    SalutationType: required('SalutationType'),
    DefaultIndicator: FLAG,
    Label: FLAG,
  },
  ContactPermissions: {
    Answer: { ...text(1), oneOf: ['Y', 'N'] },
    LastAskedDateTime: MOMENT,
    Type: required('Type'),
  },
  Affiliations: {
    AffiliationType: required('AffiliationType'),
    GroupConstituent: { is: 'entity', fixed: true },
    IndividualConstituent: { is: 'entity', fixed: true },
    NameIndicator: { is: 'number', oneOf: [-2, -1, 0] },
    Title: text(30),
    StartDate: MOMENT,
    EndDate: MOMENT,
    Inactive: FLAG,
    PrimaryIndicator: FLAG,
  },
  WebLogins: {
    Login: { ...text(80), required: true },
    LoginType: required('LoginType'),
    Email: { is: 'entity' },
    Inactive: FLAG,
    PrimaryIndicator: FLAG,
    TemporaryIndicator: FLAG,
  },
};
export type WritableChild = Exclude<ChildKind, 'Memberships' | 'SubLineItems' | 'Attendance'>;
export type WritableKind = keyof typeof COLUMNS;

const BodySchema = z.record(z.string(), z.unknown());
const EntitySchema = z.object({ Id: z.int() });
const MomentSchema = z.iso.datetime({ offset: true, local: true });

export type Checked = { values: Record<string, unknown> } | { refused: Reply };

/**
 * What a body sets. A write replaces the whole record, so what is left out becomes null (a flag: false) unless
 * the column is kept; unknown and read-only columns are passed over without a word.
 */
export function checkBody(kind: WritableKind, body: unknown, current: Row | undefined): Checked {
  const sent = BodySchema.safeParse(body).data;
  if (!sent) return { refused: refusal(400, 'The request body is not an object.') };
  const values: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(COLUMNS[kind])) {
    const outcome = checkValue({ name, column, sent: sent[name] ?? undefined, current });
    if ('refused' in outcome) return outcome;
    if ('value' in outcome) values[name] = outcome.value;
  }
  return { values };
}

interface Asked {
  name: string;
  column: Column;
  sent: unknown;
  current: Row | undefined;
}
type Outcome = { value: unknown } | { refused: Reply } | { kept: true };

function checkValue(asked: Asked): Outcome {
  const { name, column, sent, current } = asked;
  const empty = sent === undefined || (column.is === 'text' && sent === '');
  if (empty) return nothingSent(asked);
  switch (column.is) {
    case 'text':
      return checkText(name, column, sent);
    case 'flag':
      return typeof sent === 'boolean' ? { value: sent } : wrong(name, 'is not true or false');
    case 'moment':
      return MomentSchema.safeParse(sent).success ? { value: sent } : wrong(name, 'is not a valid date');
    case 'number':
      return column.oneOf.some((each) => each === sent)
        ? { value: sent }
        : wrong(name, `is not one of ${column.oneOf.join(', ')}`);
    case 'lookup':
      return checkLookup(asked, column.table);
    case 'entity':
      return checkEntity(name, sent, column.fixed ? current : undefined);
  }
}

function nothingSent({ name, column, sent, current }: Asked): Outcome {
  if (column.is === 'flag') return { value: false };
  const mayStay = sent === undefined && current !== undefined;
  if (mayStay && ('kept' in column || 'fixed' in column)) return { kept: true };
  if ('required' in column) return { refused: refusal(400, 'A value is required.', name) };
  return current === undefined ? { kept: true } : { value: null };
}

function checkText(name: string, column: Column & { is: 'text' }, sent: unknown): Outcome {
  if (typeof sent !== 'string') return wrong(name, 'is not a string');
  if (sent.length > column.max) {
    const why = `The field ${name} must be a string with a maximum length of ${column.max}.`;
    return { refused: refusal(400, why, name) };
  }
  const known = column.oneOf === undefined || column.oneOf.includes(sent);
  return known ? { value: sent } : wrong(name, `is not one of ${column.oneOf?.join(', ')}`);
}

/** The table's row, whatever else of it was sent; a value that stands already need not be in the table any more. */
function checkLookup({ name, sent, current }: Asked, table: LookupColumn): Outcome {
  const id = EntitySchema.safeParse(sent).data?.Id;
  const rows: readonly Lookup[] = LOOKUPS[table];
  const standing = EntitySchema.safeParse(current?.[name]).data?.Id;
  if (id !== undefined && id === standing) return { value: current?.[name] };
  const row = rows.find((each) => each.Id === id);
  return row ? { value: row } : { refused: refusal(400, `The ${name} does not exist.`, `${name}.Id`) };
}

function checkEntity(name: string, sent: unknown, fixedIn: Row | undefined): Outcome {
  const id = EntitySchema.safeParse(sent).data?.Id;
  if (id === undefined) return { refused: refusal(400, 'A value is required.', `${name}.Id`) };
  const standing = EntitySchema.safeParse(fixedIn?.[name]).data?.Id;
  if (fixedIn && standing !== id) return wrong(name, 'cannot be changed');
  return { value: { Id: id } };
}

function wrong(name: string, why: string): { refused: Reply } {
  return { refused: refusal(400, `The value of ${name} ${why}.`, name) };
}
