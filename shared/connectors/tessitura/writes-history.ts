import type { Fields } from '../../engine/fields.ts';
import { valueIn } from '../../engine/fields.ts';
import type { History, Version } from '../../engine/history.ts';
import {
  type Constituent,
  type ContactPermission,
  type ElectronicAddress,
  type Phone,
  primaryEmailRow,
} from './schema.ts';
import type { WriteEntry, WriteValue } from './write-entry.ts';

/**
 * Who wrote the values that a mapping makes of a record, by taking its writes back one by one: so it is told for
 * any field, also for one that several rows decide (the primary e-mail, consent). `valuesOf` is called with the
 * record as it was before each write; what it looks at beyond names, e-mails, phones and permissions is as it is
 * now. Undefined where the audit log told nothing. Pure.
 */
export function historyOf(
  record: Constituent,
  valuesOf: (asItWas: Constituent) => Fields,
): History | undefined {
  if (!record.writes) return undefined;
  const versions = new Map<string, Version[]>();
  let state = record;
  let after = valuesOf(record);
  for (const write of record.writes.toReversed()) {
    state = before(state, write, record.writes);
    const earlier = valuesOf(state);
    for (const field of new Set([...Object.keys(after), ...Object.keys(earlier)])) {
      const value = valueIn(after, field);
      if (value === valueIn(earlier, field)) continue;
      versions.set(field, [{ value, at: write.at, by: write.by }, ...(versions.get(field) ?? [])]);
    }
    after = earlier;
  }
  return Object.fromEntries(versions);
}

/** The record without this write, which is the newest that it shows. */
function before(record: Constituent, write: WriteEntry, all: readonly WriteEntry[]): Constituent {
  switch (write.kind) {
    case 'constituent':
      return write.action === 'update' ? { ...record, ...valuesBefore(write) } : record;
    case 'email':
      return {
        ...record,
        ElectronicAddresses: rewound(record.ElectronicAddresses, write, email(write, { record, all })),
      };
    case 'phone':
      return { ...record, PhoneNumbers: rewound(record.PhoneNumbers, write, phone(write, all)) };
    case 'permission':
      return {
        ...record,
        ContactPermissions: rewound(record.ContactPermissions, write, permission(write, all)),
      };
  }
}

function rewound<R extends { Id: number }>(rows: readonly R[], write: WriteEntry, deleted: R): R[] {
  switch (write.action) {
    case 'insert':
      return rows.filter((row) => row.Id !== write.rowId);
    case 'update':
      return rows.map((row) => (row.Id === write.rowId ? { ...row, ...valuesBefore(write) } : row));
    case 'delete':
      return [...rows, deleted];
  }
}

function valuesBefore({ changes }: WriteEntry): object {
  return Object.fromEntries(changes.map(({ property, before }) => [property, before]));
}

/** What is known of a row that was deleted: what the deletion itself tells, else the newest entry before it. */
function lastOf(write: WriteEntry, all: readonly WriteEntry[]): ReadonlyMap<string, WriteValue> {
  const earlier = all.filter(
    (each) => each !== write && each.kind === write.kind && each.rowId === write.rowId,
  );
  return new Map([
    ...earlier.flatMap((each) => each.changes.map(({ property, after }) => [property, after] as const)),
    ...write.changes.map(({ property, before }) => [property, before] as const),
  ]);
}

const GONE = { UpdatedDateTime: 'deleted' };

/** Where nothing tells whether it was the primary one, it was if no other is: a patron with e-mails has one. */
function email(
  write: WriteEntry,
  { record, all }: { record: Constituent; all: readonly WriteEntry[] },
): ElectronicAddress {
  const known = lastOf(write, all);
  const told = known.get('PrimaryIndicator');
  return {
    ...GONE,
    Id: write.rowId,
    Address: String(known.get('Address') ?? `deleted-${write.rowId}@example.invalid`),
    IsEmail: true,
    Inactive: known.get('Inactive') === true,
    PrimaryIndicator: told === undefined ? primaryEmailRow(record) === undefined : told === true,
    AllowMarketing: known.get('AllowMarketing') !== false,
  };
}

function phone(write: WriteEntry, all: readonly WriteEntry[]): Phone {
  const known = lastOf(write, all);
  return {
    ...GONE,
    Id: write.rowId,
    PhoneNumber: String(known.get('PhoneNumber') ?? ''),
    PhoneType: { Id: 0 },
    Inactive: known.get('Inactive') === true,
    AllowTelemarketing: known.get('AllowTelemarketing') !== false,
  };
}

function permission(write: WriteEntry, all: readonly WriteEntry[]): ContactPermission {
  const answer = lastOf(write, all).get('Answer');
  return { ...GONE, Id: write.rowId, Answer: answer == null ? null : String(answer), Type: { Id: 0 } };
}
