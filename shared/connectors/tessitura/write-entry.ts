import * as z from 'zod';

const ValueSchema = z.union([z.string(), z.boolean(), z.null()]);

/** The kinds of rows that are told about: the constituent itself and three of its children. */
export const WRITE_KINDS = ['constituent', 'email', 'phone', 'permission'] as const;
export type WriteKind = (typeof WRITE_KINDS)[number];

/** One entry of the audit log about one row, reduced to the columns that can flow back. */
export const WriteSchema = z.object({
  /** Milliseconds since 1970, by the vendor's clock. */
  at: z.number(),
  /** `us` = the API user of the secret, `person` = the web site on behalf of the patron. */
  by: z.enum(['us', 'person', 'other']),
  kind: z.enum(WRITE_KINDS),
  rowId: z.int(),
  action: z.enum(['insert', 'update', 'delete']),
  /** Under the REST service's own names. */
  changes: z.array(z.object({ property: z.string(), before: ValueSchema, after: ValueSchema })),
});
export type WriteEntry = z.infer<typeof WriteSchema>;
export type WriteValue = z.infer<typeof ValueSchema>;

interface Column {
  property: string;
  is: 'text' | 'flag';
  /** Names of the database, which an audit configuration may show instead; not verified at a real site. */
  also: readonly string[];
}

const COLUMNS: Readonly<Record<WriteKind, readonly Column[]>> = {
  constituent: [
    { property: 'FirstName', is: 'text', also: ['fname'] },
    { property: 'MiddleName', is: 'text', also: ['mname'] },
    { property: 'LastName', is: 'text', also: ['lname'] },
  ],
  email: [
    { property: 'Address', is: 'text', also: ['eaddress'] },
    { property: 'PrimaryIndicator', is: 'flag', also: ['primary_ind'] },
    { property: 'Inactive', is: 'flag', also: [] },
    { property: 'AllowMarketing', is: 'flag', also: ['market_ind'] },
  ],
  phone: [
    { property: 'PhoneNumber', is: 'text', also: ['phone'] },
    { property: 'Inactive', is: 'flag', also: [] },
    { property: 'AllowTelemarketing', is: 'flag', also: ['tele_ind'] },
  ],
  permission: [{ property: 'Answer', is: 'text', also: [] }],
};

/** The REST name and the reader of a column that is told about; undefined for any other. */
export function toldColumn(kind: WriteKind, property: string) {
  const name = property.toLowerCase();
  const column = COLUMNS[kind].find(
    (each) => each.property.toLowerCase() === name || each.also.includes(name),
  );
  if (!column) return undefined;
  const read = (value: unknown): WriteValue => (column.is === 'flag' ? flag(value) : textOf(value));
  return { property: column.property, read };
}

function flag(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(true|y|yes|1)$/i.test(value.trim()));
}

/** An empty column and an absent one are the same. */
function textOf(value: unknown): string | null {
  return value === undefined || value === null || value === '' ? null : String(value);
}
