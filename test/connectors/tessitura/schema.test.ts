import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldOf } from '../../../shared/connectors/tessitura/faults.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';
import { DetailSchema, isIndividual, primaryEmail } from '../../../shared/connectors/tessitura/schema.ts';

const sandbox = tessituraSandbox({ seed: 5, size: 3_000, now: () => 0 });
type Json = Record<string, unknown>;
const person = fc
  .integer({ min: 1, max: 3_000 })
  .map((id) => sandbox.peek('constituent', String(id)))
  .filter((stored) => stored !== undefined);

const REQUIRED = [
  'Id',
  'ConstituentType',
  'Inactive',
  'UpdatedDateTime',
  'Addresses',
  'ElectronicAddresses',
  'PhoneNumbers',
  'Salutations',
] as const;
const NULLABLE = [
  'FirstName',
  'MiddleName',
  'LastName',
  'Prefix',
  'Suffix',
  'NameStatus',
  'ProtectionType',
] as const;

describe('constituent detail', () => {
  test('everybody in the sandbox fits', () => {
    fc.assert(
      fc.property(person, (stored) => {
        expect(DetailSchema.safeParse(stored).success).toBe(true);
      }),
    );
  });

  test('a column that is null and one that is absent are the same to a reader', () => {
    fc.assert(
      fc.property(person, fc.subarray([...NULLABLE]), (stored, columns) => {
        const { absent, nulls } = { absent: { ...stored } as Json, nulls: { ...stored } as Json };
        for (const column of columns) {
          delete absent[column];
          nulls[column] = null;
        }
        const [a, b] = [DetailSchema.parse(absent), DetailSchema.parse(nulls)];
        for (const column of columns) expect(a[column] ?? null).toBe(b[column] ?? null);
      }),
    );
  });

  test('a column that the vendor always sends is missed by its name', () => {
    fc.assert(
      fc.property(person, fc.constantFrom(...REQUIRED), (stored, column) => {
        const changed = { ...stored } as Json;
        delete changed[column];
        const parsed = DetailSchema.safeParse(changed);
        expect(parsed.error && fieldOf(parsed.error)).toBe(column);
      }),
    );
  });

  test('unknown columns are dropped, the stamp is kept to its last digit', () => {
    fc.assert(
      fc.property(person, (stored) => {
        const parsed = DetailSchema.parse({ ...stored, NewInVersion17: { a: 1 } });
        expect(parsed).not.toHaveProperty('NewInVersion17');
        expect(parsed.UpdatedDateTime).toBe(stored.UpdatedDateTime);
      }),
    );
  });

  test('any JSON is either a detail or an error that names a field', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const parsed = DetailSchema.safeParse(value);
        expect(parsed.success ? 'fits' : fieldOf(parsed.error)).not.toBe('');
      }),
    );
  });
});

describe('primary e-mail', () => {
  const email = { IsEmail: true, Inactive: false, PrimaryIndicator: true, Address: 'a@example.com' };
  const of = (...rows: object[]) => {
    const filled = rows.map((row, Id) => ({
      Id,
      AllowMarketing: true,
      UpdatedDateTime: 'x',
      ...email,
      ...row,
    }));
    return primaryEmail({ ElectronicAddresses: filled });
  };

  test.each([
    ['inactive', { Inactive: true }],
    ['not primary', { PrimaryIndicator: false }],
    ['a web address', { IsEmail: false }],
  ])('%s does not count', (_, row) => {
    expect(of(row)).toBeUndefined();
    expect(of(row, { Address: 'b@example.com' })).toBe('b@example.com');
  });

  test('none', () => expect(of()).toBeUndefined());
});

describe('individuals', () => {
  test.each([
    ['Individual', true],
    ['individuals', true],
    ['Household', false],
    ['Organization', false],
    [null, false],
  ])('group %s', (Description, expected) => {
    const ConstituentType = { Id: 1, ConstituentGroup: { Id: 1, Description } };
    expect(isIndividual({ ConstituentType })).toBe(expected);
  });
});
