import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesOf } from '../../../shared/connectors/tessitura/audit-feed.ts';
import { writerOf, writesOf } from '../../../shared/connectors/tessitura/audit-writes.ts';
import { SecretSchema } from '../../../shared/connectors/tessitura/auth.ts';
import { historyOf } from '../../../shared/connectors/tessitura/index.ts';
import { type Constituent, primaryEmail } from '../../../shared/connectors/tessitura/schema.ts';
import type { AuditLog } from '../../../shared/connectors/tessitura/wire.ts';
import { explained } from '../../../shared/connectors/tessitura/writes-explained.ts';

const secret = SecretSchema.parse({
  baseUrl: 'https://box.example.org/TessituraService',
  user: 'intertie',
  group: 'API',
  location: 'INTERTIE',
  password: 'x',
  timeZone: 'America/New_York',
  enumerate: { by: 'procedure' },
  webUsers: ['webapi'],
});
const START = Date.parse('2026-06-01T15:00:00Z');

function record(changes: Partial<Constituent> = {}): Constituent {
  const group = { Id: 1, Description: 'Individual' };
  return {
    Id: 7,
    ConstituentType: { Id: 1, ConstituentGroup: group },
    Inactive: { Id: 1 },
    FirstName: 'Ann',
    LastName: 'Lee',
    UpdatedDateTime: '2026-05-01T10:00:00.1234567-04:00',
    Addresses: [],
    ElectronicAddresses: [],
    PhoneNumbers: [],
    Salutations: [],
    ContactPermissions: [],
    emailSharers: [],
    timeZone: 'America/New_York',
    ...changes,
  };
}

function email(
  Id: number,
  Address: string,
  PrimaryIndicator: boolean,
): Constituent['ElectronicAddresses'][0] {
  const UpdatedDateTime = '2026-05-01T10:00:00.1234567-04:00';
  return {
    Id,
    Address,
    PrimaryIndicator,
    IsEmail: true,
    Inactive: false,
    AllowMarketing: true,
    UpdatedDateTime,
  };
}

type Entry = { Property: string; Old?: string; New?: string };
/** An update of one row, stamped `second` seconds after the start. */
function log(
  second: number,
  who: string,
  row: [table: string, id: number],
  ...AuditEntries: Entry[]
): AuditLog {
  const [AuditTable, EntityId] = row;
  const parent = AuditTable === 'T_CUSTOMER' ? {} : { ParentEntityId: 7 };
  const ActionDateTime = new Date(START + second * 1_000).toISOString();
  const detail = { Action: 'Updated', AuditTable, EntityId, ...parent, AuditEntries };
  return { Id: 1_000 + second, UserName: who, ActionDateTime, AuditDetails: [detail] };
}

const values = (each: Constituent) => ({
  firstname: each.FirstName ?? null,
  email: primaryEmail(each) ?? null,
});
const whose = (name: string | null | undefined) => writerOf(secret, name);
function history(of: Constituent, logs: readonly AuditLog[]) {
  const told = writesOf(logs, ['7'], secret).get('7') ?? [];
  return historyOf({ ...of, writes: explained(of, told, whose) }, values) ?? {};
}
const at = (second: number) => START + second * 1_000;

describe('who wrote what', () => {
  test('our user, the web site by user or location, and anybody else', () => {
    expect(writerOf(secret, 'Intertie')).toBe('us');
    expect(writerOf(secret, 'WEBAPI')).toBe('person');
    expect(writerOf(secret, 'boxoff', 'Web')).toBe('other');
    expect(writerOf({ ...secret, webLocations: ['web'] }, 'boxoff', 'Web')).toBe('person');
    expect(writerOf(secret, null)).toBe('other');
  });

  test('a name that was changed three times, oldest first', () => {
    const logs = [
      log(3, 'intertie', ['T_CUSTOMER', 7], { Property: 'fname', Old: 'Anna', New: 'Ann' }),
      log(1, 'boxoff', ['T_CUSTOMER', 7], { Property: 'FirstName', New: 'An' }),
      log(2, 'webapi', ['T_CUSTOMER', 7], { Property: 'FirstName', Old: 'An', New: 'Anna' }),
    ];
    expect(history(record(), logs)).toEqual({
      firstname: [
        { value: 'An', at: at(1), by: 'other' },
        { value: 'Anna', at: at(2), by: 'person' },
        { value: 'Ann', at: at(3), by: 'us' },
      ],
    });
  });

  test('another table whose row happens to have the id of the constituent is not about it', () => {
    const other = log(1, 'boxoff', ['T_PHONE', 7], { Property: 'PhoneNumber', Old: '1', New: '2' });
    const stranger = {
      ...other,
      AuditDetails: other.AuditDetails.map((each) => ({ ...each, ParentEntityId: 8 })),
    };
    expect(writesOf([stranger], ['7'], secret).get('7')).toEqual([]);
  });

  test('the primary e-mail is decided by several rows', () => {
    const now = record({
      ElectronicAddresses: [email(71, 'old@x.org', false), email(72, 'new@x.org', true)],
    });
    const logs = [
      { ...log(1, 'webapi', ['T_EADDRESS', 72], { Property: 'Address', New: 'new@x.org' }), Id: 1 },
      log(2, 'boxoff', ['T_EADDRESS', 71], { Property: 'primary_ind', Old: 'Y', New: 'N' }),
      log(2, 'boxoff', ['T_EADDRESS', 72], { Property: 'PrimaryIndicator', Old: 'false', New: 'true' }),
    ];
    expect(history(now, logs).email?.at(-1)).toEqual({ value: 'new@x.org', at: at(2), by: 'other' });
  });

  test('what one moment holds is told in the order of the log, whichever rows it is about', () => {
    const now = record({ ElectronicAddresses: [email(71, 'a@x.org', true), email(72, 'b@x.org', false)] });
    const primary = (Id: number, row: number, on: boolean) => ({
      ...log(1, 'boxoff', ['T_EADDRESS', row], {
        Property: 'PrimaryIndicator',
        Old: String(!on),
        New: String(on),
      }),
      Id,
    });
    const logs = [primary(1, 71, false), primary(2, 72, true), primary(3, 72, false), primary(4, 71, true)];
    expect(history(now, logs).email?.map(({ value }) => value)).toEqual([null, 'b@x.org', null, 'a@x.org']);
  });

  test('a row that was inserted was not there before, and one that was deleted was', () => {
    const inserted = { Action: 'Inserted' };
    const [first, second] = [
      log(
        1,
        'webapi',
        ['T_EADDRESS', 71],
        { Property: 'Address', New: 'a@x.org' },
        { Property: 'PrimaryIndicator', New: 'true' },
      ),
      log(2, 'boxoff', ['T_EADDRESS', 71]),
    ];
    const as = (entry: AuditLog, changes: object) => ({
      ...entry,
      AuditDetails: entry.AuditDetails.map((each) => ({ ...each, ...changes })),
    });
    expect(history(record(), [as(first, inserted), as(second, { Action: 'D' })])).toEqual({
      email: [
        { value: 'a@x.org', at: at(1), by: 'person' },
        { value: null, at: at(2), by: 'other' },
      ],
    });
  });

  test('an e-mail that is hidden because it is inactive, and one of whose deletion nothing is told, was there', () => {
    const off = { Property: 'inactive', Old: 'N', New: 'Y' };
    expect(history(record(), [log(1, 'boxoff', ['T_EADDRESS', 71], off)]).email).toEqual([
      { value: null, at: at(1), by: 'other' },
    ]);
    const entry = log(1, 'webapi', ['T_EADDRESS', 71]);
    const deleted = {
      ...entry,
      AuditDetails: entry.AuditDetails.map((each) => ({ ...each, Action: 'Deleted' })),
    };
    expect(history(record(), [deleted]).email).toEqual([{ value: null, at: at(1), by: 'person' }]);
  });

  test('what was written after the read is left out', () => {
    const logs = [
      log(1, 'boxoff', ['T_CUSTOMER', 7], { Property: 'FirstName', Old: 'A', New: 'Ann' }),
      log(2, 'boxoff', ['T_CUSTOMER', 7], { Property: 'FirstName', Old: 'Ann', New: 'Later' }),
      log(3, 'boxoff', ['T_EADDRESS', 99], { Property: 'Address', Old: 'x', New: 'y' }),
    ];
    expect(history(record(), logs)).toEqual({ firstname: [{ value: 'Ann', at: at(1), by: 'other' }] });
  });

  test('a value that no entry explains is by whom the row says', () => {
    const now = record({ UpdatedBy: 'webapi', UpdatedDateTime: '2026-06-01T11:00:30.0000001-04:00' });
    const logs = [log(1, 'boxoff', ['T_CUSTOMER', 7], { Property: 'FirstName', Old: 'A', New: 'B' })];
    expect(history(now, logs).firstname).toEqual([
      { value: 'B', at: at(1), by: 'other' },
      { value: 'Ann', at: at(30), by: 'person' },
    ]);
  });

  test('any sequence of writes is told as it was made, but for those that changed nothing', () => {
    const name = fc.constantFrom('Ann', 'Bob', null);
    const edits = fc.array(fc.record({ name, who: fc.constantFrom('intertie', 'webapi', 'boxoff') }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(name, edits, (first, all) => {
        let value = first;
        const expected: unknown[] = [];
        const logs = all.map(({ name: next, who }, index) => {
          const entry = { Property: 'FirstName', Old: value ?? '', New: next ?? '' };
          const by = { intertie: 'us', webapi: 'person', boxoff: 'other' }[who];
          if (next !== value) expected.push({ value: next, at: at(index), by });
          value = next;
          return log(index, who, ['T_CUSTOMER', 7], entry);
        });
        expect(history(record({ FirstName: value }), logs).firstname ?? []).toEqual(expected);
      }),
    );
  });
});

describe('urgent', () => {
  const urgent = (entry: AuditLog) => changesOf([entry], secret).map((each) => each.urgent ?? false);

  test('consent that changes hurries, unless we wrote it', () => {
    const no = { Property: 'AllowMarketing', Old: 'true', New: 'false' };
    expect(urgent(log(1, 'boxoff', ['T_EADDRESS', 71], no))).toEqual([true]);
    expect(urgent(log(1, 'intertie', ['T_EADDRESS', 71], no))).toEqual([false]);
    expect(urgent(log(1, 'boxoff', ['TX_CONTACT_PERMISSION', 71], { Property: 'Answer', New: 'N' }))).toEqual(
      [true],
    );
  });

  test('a new e-mail that may be used, and any other column, do not', () => {
    const yes = { Property: 'AllowMarketing', New: 'true' };
    expect(urgent(log(1, 'boxoff', ['T_EADDRESS', 71], yes))).toEqual([false]);
    expect(urgent(log(1, 'boxoff', ['T_EADDRESS', 71], { Property: 'Address', Old: 'a', New: 'b' }))).toEqual(
      [false],
    );
  });
});
