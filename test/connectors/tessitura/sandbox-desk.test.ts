import { describe, expect, test } from 'vitest';
import { serviceUnderTest } from './sandbox-service.ts';

const START = Date.parse('2026-06-01T15:00:00Z');
const setting = (options = {}) => serviceUnderTest({ now: () => START, ...options });

describe('the box office', () => {
  test('edits what its form has', () => {
    const { sandbox } = setting();
    const set = {
      FirstName: 'Ada',
      LastName: 'King',
      Email: 'ada@example.com',
      Phone: '212 555 0100',
      Street1: '1 Main St',
      City: 'Hoboken',
      State: 'NJ',
      Country: 'USA',
      PostalCode: '07030',
      ProtectionType: 'Artist',
      Inactive: true,
      EmailPermission: 'N',
    };
    const id = sandbox.edit({ record: 'constituent', id: '4', set });
    expect(id).toBe('4');
    const stored = sandbox.peek('constituent', '4') as Record<string, never>;
    expect(stored).toMatchObject({
      FirstName: 'Ada',
      LastName: 'King',
      Inactive: { Id: 2 },
      ProtectionType: { Description: 'Artist' },
    });
    expect(stored.Addresses).toContainEqual(
      expect.objectContaining({ Street1: '1 Main St', City: 'Hoboken', PostalCode: '07030' }),
    );
    expect(stored.ElectronicAddresses).toContainEqual(
      expect.objectContaining({ Address: 'ada@example.com', PrimaryIndicator: true }),
    );
    expect(stored.PhoneNumbers).toContainEqual(expect.objectContaining({ PhoneNumber: '212 555 0100' }));
    expect(stored.ContactPermissions).toContainEqual(expect.objectContaining({ Answer: 'N' }));
  });

  test('null empties a field: the column is gone', () => {
    const { sandbox } = setting();
    sandbox.edit({
      record: 'constituent',
      id: '4',
      set: { FirstName: 'Ada', Email: 'a@example.com', ProtectionType: 'Artist' },
    });
    sandbox.edit({
      record: 'constituent',
      id: '4',
      set: { FirstName: null, Email: null, ProtectionType: null },
    });
    const stored = sandbox.peek('constituent', '4') as Record<string, never>;
    expect(stored).not.toHaveProperty('FirstName');
    expect(stored).not.toHaveProperty('ProtectionType');
    expect(JSON.stringify(stored.ElectronicAddresses)).not.toContain('a@example.com');
  });

  test('a new person gets the next id and can be read', async () => {
    const { sandbox, ask } = setting({ size: 50 });
    const id = sandbox.edit({
      record: 'constituent',
      set: { FirstName: 'New', LastName: 'Person', Email: 'n@example.com' },
    });
    expect(id).toBe('51');
    const { status, body } = await ask('GET CRM/Constituents/51/Detail');
    expect(status).toBe(200);
    expect(body.ConstituentType.ConstituentGroup.Description).toBe('Individual');
    expect(body.ElectronicAddresses[0].Address).toBe('n@example.com');
  });

  test('purge and merge leave a 404, and records are counted', async () => {
    const { sandbox, ask } = setting();
    const count = () => sandbox.state('').records.constituents ?? 0;
    const before = count();
    sandbox.edit({ record: 'constituent', id: '4', remove: true });
    sandbox.edit({ record: 'constituent', id: '5', remove: true, set: { MergeInto: 6 } });
    sandbox.edit({ record: 'constituent', set: { LastName: 'New' } });
    expect(count()).toBe(before - 1);
    expect((await ask('GET CRM/Constituents/4')).status).toBe(404);
    expect((await ask('GET CRM/Constituents/5/Detail')).status).toBe(404);
    expect(sandbox.peek('constituent', '5')).toBeUndefined();
  });

  test.each([
    [{ record: 'patron', id: '4', set: {} }, 'there is: constituent'],
    [{ record: 'constituent', id: '99999', set: {} }, 'there is no constituent 99999'],
    [{ record: 'constituent', id: '4', set: { Surname: 'X' } }, 'FirstName'],
    [{ record: 'constituent', id: '4', set: { Inactive: 'yes' } }, 'Inactive'],
    [{ record: 'constituent', remove: true }, 'id'],
  ])('%j is refused with a hint', (edit, hint) => {
    expect(() => setting().sandbox.edit(edit)).toThrow(hint);
  });

  test('an ordinary change is one change of an existing person, repeatable by its seed', async () => {
    const [one, two] = [setting({ size: 100 }), setting({ size: 100 })];
    for (let turn = 1; turn <= 40; turn += 1) {
      for (const { sandbox } of [one, two]) sandbox.act();
      const { records } = one.sandbox.state('');
      expect((records['audit entries'] ?? 0) + (records['scans at the doors'] ?? 0)).toBe(turn);
    }
    const log = ({ ask }: typeof one) => ask('GET Reporting/AuditLogs?pageSize=100');
    expect((await log(one)).body).toEqual((await log(two)).body);
  });

  test('the audit log names actor, table, old and new value, without null columns', async () => {
    const { sandbox, ask } = setting();
    sandbox.edit({ record: 'constituent', id: '4', set: { LastName: 'Before' } });
    sandbox.edit({ record: 'constituent', id: '4', set: { LastName: 'After', MiddleName: null } });
    const { body } = await ask('GET Reporting/AuditLogs?table=T_CUSTOMER');
    expect(body.Total).toBe(2);
    const [detail] = body.AuditLogs[1].AuditDetails;
    expect(body.AuditLogs[1]).toMatchObject({
      UserName: 'boxoff',
      ActionDateTime: expect.stringMatching(/\.\d{7}-04:00$/),
    });
    expect(detail).toMatchObject({ AuditTable: 'T_CUSTOMER', EntityId: 4 });
    expect(detail).not.toHaveProperty('ParentEntityId');
    expect(detail.AuditEntries).toContainEqual({ Property: 'LastName', Old: 'Before', New: 'After' });
  });
});
