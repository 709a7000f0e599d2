import { describe, expect, test } from 'vitest';
import { serviceUnderTest } from './sandbox-service.ts';

const START = Date.parse('2026-06-01T15:00:00Z');
const setting = (options = {}) => {
  const service = serviceUnderTest({ now: () => START, ...options });
  const { sandbox } = service;
  sandbox.edit({
    record: 'constituent',
    id: '4',
    set: { FirstName: 'Ada', LastName: 'King', Email: 'ada@example.com', Phone: '212 555 0100' },
  });
  return service;
};
type Row = Record<string, never>;

async function rowsOf({ ask }: ReturnType<typeof setting>, resource: string, id = 4) {
  const by = resource === 'ElectronicAddresses' ? 'constituentIds' : 'constituentId';
  return (await ask(`GET CRM/${resource}?${by}=${id}`)).body;
}
const primary = (rows: { PrimaryIndicator: boolean }[]): Row & { Id: number; UpdatedDateTime: string } =>
  rows.find((row) => row.PrimaryIndicator) as never;

describe('a PUT replaces the whole record', () => {
  test('what is left out of a constituent is emptied, but not what must be there', async () => {
    const { ask, sandbox } = setting();
    const before = sandbox.peek('constituent', '4') as Row;
    const sent = { UpdatedDateTime: before.UpdatedDateTime, LastName: 'Byron' };
    const { status, body } = await ask('PUT CRM/Constituents/4', sent);
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('FirstName');
    expect(body).toMatchObject({ LastName: 'Byron', DisplayName: 'Byron', Inactive: before.Inactive });
    expect(body.ConstituentType).toEqual(before.ConstituentType);
  });

  test('a flag that is left out is false: an e-mail sent back by halves is no longer marketed to', async () => {
    const service = setting();
    service.sandbox.edit({ record: 'constituent', id: '4', set: { AllowMarketing: true } });
    const row = primary(await rowsOf(service, 'ElectronicAddresses'));
    expect(row.AllowMarketing).toBe(true);
    const { Id, UpdatedDateTime, Address } = row;
    const { body } = await service.ask(`PUT CRM/ElectronicAddresses/${Id}`, { UpdatedDateTime, Address });
    expect(body).toMatchObject({ AllowMarketing: false, PrimaryIndicator: false, IsEmail: true });
  });

  test('read-only and unknown columns are passed over', async () => {
    const { ask, sandbox } = setting();
    const read = (await ask('GET CRM/Constituents/4')).body;
    const sent = { ...read, CreatedBy: 'me', UpdatedBy: 'me', DisplayName: 'X', Nonsense: 1 };
    expect((await ask('PUT CRM/Constituents/4', sent)).status).toBe(200);
    const stored = sandbox.peek('constituent', '4');
    expect(stored).toMatchObject({
      CreatedBy: read.CreatedBy,
      UpdatedBy: 'intertie',
      DisplayName: 'Ada King',
    });
    expect(stored).not.toHaveProperty('Nonsense');
  });
});

describe('refused by the field', () => {
  test.each<[string, object, string]>([
    ['CRM/Constituents', { LastName: '' }, 'LastName'],
    ['CRM/Constituents', { FirstName: 7 }, 'FirstName'],
    ['CRM/Constituents', { Prefix: { Id: 77 } }, 'Prefix.Id'],
    ['CRM/Constituents', { Inactive: { Id: 2 } }, 'InactiveReason'],
    ['CRM/ElectronicAddresses', { Address: `${'x'.repeat(70)}@example.com` }, 'Address'],
    ['CRM/ElectronicAddresses', { Address: 'not an address' }, 'Address'],
    ['CRM/ElectronicAddresses', { Address: null }, 'Address'],
    ['CRM/ElectronicAddresses', { AllowMarketing: 'no' }, 'AllowMarketing'],
    ['CRM/ElectronicAddresses', { EndDate: 'today' }, 'EndDate'],
    [
      'CRM/ElectronicAddresses',
      { StartDate: '2026-06-02T00:00:00', EndDate: '2026-06-01T00:00:00' },
      'EndDate',
    ],
    ['CRM/Phones', { PhoneNumber: '1'.repeat(33) }, 'PhoneNumber'],
    ['CRM/Phones', { PhoneType: { Id: 99 } }, 'PhoneType.Id'],
    ['CRM/Addresses', { Street1: 'x'.repeat(65) }, 'Street1'],
    ['CRM/Addresses', { PostalCode: '12345678901' }, 'PostalCode'],
    ['CRM/ContactPermissions', { Answer: 'maybe' }, 'Answer'],
    ['CRM/ContactPermissions', { Answer: 'X' }, 'Answer'],
  ])('PUT %s %j', async (resource, change, path) => {
    const service = setting();
    const set = { Street1: '1 Main St', City: 'Hoboken', EmailPermission: 'Y' };
    service.sandbox.edit({ record: 'constituent', id: '4', set });
    const read =
      resource === 'CRM/Constituents'
        ? (await service.ask('GET CRM/Constituents/4')).body
        : (await rowsOf(service, resource.slice(4)))[0];
    const answer = await service.ask(`PUT ${resource}/${read.Id}`, { ...read, ...change });
    expect(answer.status).toBe(400);
    expect(answer.body[0].ErrorPath).toBe(path);
    const again = await service.ask(`GET ${resource}/${read.Id}`);
    expect(again.body.UpdatedDateTime).toBe(read.UpdatedDateTime);
  });

  test('a second permission of the same type', async () => {
    const { ask, sandbox } = setting();
    sandbox.edit({ record: 'constituent', id: '4', set: { EmailPermission: 'Y' } });
    const row = { Constituent: { Id: 4 }, Answer: 'N', Type: { Id: 1 } };
    expect((await ask('POST CRM/ContactPermissions', row)).body[0].ErrorPath).toBe('Type');
  });

  test('without the right to write', async () => {
    const { ask, sandbox } = setting();
    sandbox.setFaults({ 'write-rights-removed': true });
    expect((await ask('GET CRM/Constituents/4')).status).toBe(200);
    expect((await ask('POST CRM/Phones', { Constituent: { Id: 4 } })).status).toBe(403);
  });
});

describe('e-mails', () => {
  test('a new primary one takes the mark: the old row is written, stamped and audited too', async () => {
    const service = setting();
    const old = primary(await rowsOf(service, 'ElectronicAddresses'));
    const row = { Constituent: { Id: 4 }, Address: 'new@example.com', PrimaryIndicator: true };
    const { body: added } = await service.ask('POST CRM/ElectronicAddresses', row);
    expect(added).toMatchObject({ AllowMarketing: false, CreatedBy: 'intertie', CreateLocation: 'INTERTIE' });
    const stale = await service.ask(`PUT CRM/ElectronicAddresses/${old.Id}`, {
      ...(old as object),
      Inactive: true,
    });
    expect(stale.status).toBe(409);
    const fresh = (await service.ask(`GET CRM/ElectronicAddresses/${old.Id}`)).body;
    expect(fresh.PrimaryIndicator).toBe(false);
    const change = { Inactive: true, EndDate: '2026-06-01T00:00:00-04:00' };
    const ended = await service.ask(`PUT CRM/ElectronicAddresses/${old.Id}`, { ...fresh, ...change });
    expect(ended.body).toMatchObject(change);
    const log = await service.ask(`GET Reporting/AuditLogs?table=T_EADDRESS&entityIds=${old.Id}`);
    const seen = log.body.AuditLogs.map(
      (each: { UserName: string; AuditDetails: { AuditEntries: object[] }[] }) => [
        each.UserName,
        each.AuditDetails[0]?.AuditEntries,
      ],
    );
    expect(seen.slice(-2)).toEqual([
      ['intertie', [{ Property: 'PrimaryIndicator', Old: 'true', New: 'false' }]],
      [
        'intertie',
        expect.arrayContaining([
          { Property: 'Inactive', Old: 'false', New: 'true' },
          { Property: 'EndDate', New: '2026-06-01T00:00:00-04:00' },
        ]),
      ],
    ]);
  });

  test('some are attached to a login, and a patron who changes it on the web site takes the login along', async () => {
    const { ask, sandbox } = setting();
    sandbox.edit({ record: 'constituent', id: '4', set: { WebLogin: true } });
    const find = async (address: string) =>
      (await ask(`GET CRM/WebLogins/Search?emailAddress=${address}&loginTypeId=1`)).body.length;
    expect(await find('ada@example.com')).toBe(1);
    const [row] = (await ask('GET CRM/ElectronicAddresses?address=ada@example.com')).body;
    expect(
      (await ask(`GET CRM/ElectronicAddresses/${row.Id}/IsAttachedToLogin`)).body.IsAttachedToLogin,
    ).toBe(true);
    sandbox.edit({ record: 'constituent', id: '4', set: { Email: 'a.k@example.com' }, by: 'person' });
    expect([await find('ada@example.com'), await find('a.k@example.com')]).toEqual([0, 1]);
  });
});

test('a phone is kept as typed, and shown in the forms that the service makes', async () => {
  const service = setting();
  const [row] = await rowsOf(service, 'Phones');
  const sent = { ...row, PhoneNumber: '+1 718.555.0164', AllowTelemarketing: false };
  const { body } = await service.ask(`PUT CRM/Phones/${row.Id}`, sent);
  expect(body).toMatchObject({
    PhoneNumber: '+1 718.555.0164',
    PhoneSearch: '17185550164',
    PhoneFormatted: '(718) 555-0164',
    AllowTelemarketing: false,
  });
});

test('contact permissions: asked for, answered, changed', async () => {
  const { ask, sandbox } = setting();
  const id = sandbox.edit({ record: 'constituent', set: { LastName: 'New' } });
  const row = { Constituent: { Id: Number(id) }, Type: { Id: 3 }, Answer: 'N' };
  const { body } = await ask('POST CRM/ContactPermissions', row);
  expect(body.Type).toMatchObject({ Description: 'Letters', Category: { Description: 'Mail' } });
  expect((await ask(`PUT CRM/ContactPermissions/${body.Id}`, { ...body, Answer: 'Y' })).status).toBe(200);
  expect((await ask(`PUT CRM/ContactPermissions/${body.Id}`, { ...body, Answer: 'N' })).status).toBe(409);
  expect((await ask(`GET CRM/ContactPermissions?constituentId=${id}`)).body).toMatchObject([{ Answer: 'Y' }]);
});

test('reference tables tell the ids', async () => {
  const { ask } = setting();
  expect((await ask('GET ReferenceData/PhoneTypes')).body).toContainEqual(
    expect.objectContaining({ Id: 5, Description: 'Cell' }),
  );
  expect((await ask('GET ReferenceData/ContactPermissionTypes/Summary')).body).toHaveLength(3);
  expect((await ask('GET ReferenceData/Nonsense')).status).toBe(404);
});

describe('a new constituent', () => {
  const person = {
    ConstituentType: { Id: 1 },
    FirstName: 'Grace',
    LastName: 'Hopper',
    OriginalSource: { Id: 7 },
    ElectronicAddresses: [{ Address: 'grace@example.com', PrimaryIndicator: true, AllowMarketing: true }],
    PhoneNumbers: [{ PhoneNumber: '212 555 0101' }],
  };

  test('with what belongs to it, all audited as ours', async () => {
    const { ask, sandbox } = setting({ size: 50 });
    const { status, body } = await ask('POST CRM/Constituents/Detail', person);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      Id: 51,
      DisplayName: 'Grace Hopper',
      SortName: 'Hopper/Grace',
      Inactive: { Id: 1 },
    });
    expect(body.ElectronicAddresses).toMatchObject([{ Address: 'grace@example.com', IsEmail: true }]);
    expect((await ask('GET CRM/ElectronicAddresses?address=GRACE@example.com')).body).toHaveLength(1);
    const log = await ask('GET Reporting/AuditLogs?entityIds=51&includeSubEntities=true&action=Inserted');
    const tables = log.body.AuditLogs.map(
      (each: { AuditDetails: { AuditTable: string }[] }) => each.AuditDetails[0]?.AuditTable,
    );
    expect(tables).toEqual(['T_CUSTOMER', 'T_EADDRESS', 'T_PHONE']);
    expect(sandbox.state('').counters).toMatchObject({ creates: 1, duplicates: 0 });
    await ask('POST CRM/Constituents/Detail', person);
    expect(sandbox.state('').counters).toMatchObject({ creates: 2, duplicates: 1 });
  });

  test('as a snapshot: one of each', async () => {
    const { ask } = setting({ size: 50 });
    const { PhoneNumbers: _p, ElectronicAddresses: _e, ...names } = person;
    const sent = {
      ...names,
      ElectronicAddress: { Address: 'g@example.com' },
      PrimaryPhoneNumbers: [{ PhoneNumber: '1' }],
    };
    const { body } = await ask('POST CRM/Constituents/Snapshot', sent);
    expect(body.ElectronicAddress).toMatchObject({ Address: 'g@example.com', PrimaryIndicator: true });
    expect((await ask(`GET CRM/Constituents/${body.Id}/Snapshot`)).body).toEqual(body);
  });

  test.each<[object, string]>([
    [{ LastName: undefined }, 'LastName'],
    [{ ConstituentType: undefined }, 'ConstituentType'],
    [{ FirstName: 'x'.repeat(21) }, 'FirstName'],
    [{ ElectronicAddresses: [{ Address: 'nonsense' }] }, 'Address'],
    [{ Inactive: { Id: 2 } }, 'InactiveReason'],
  ])('with %j nothing is made', async (change, path) => {
    const { ask, sandbox } = setting({ size: 50 });
    const answer = await ask('POST CRM/Constituents/Detail', { ...person, ...change });
    expect(answer.status).toBe(400);
    expect(answer.body[0].ErrorPath).toBe(path);
    expect(sandbox.peek('constituent', '51')).toBeUndefined();
    expect(sandbox.state('').counters.creates).toBe(0);
  });
});

describe('purge', () => {
  test('is a mark that open business refuses and the nightly job carries out', async () => {
    const { ask, sandbox } = setting();
    const id = sandbox.edit({ record: 'constituent', set: { LastName: 'Leaving' } });
    const schedule = (IgnoreWarnings: boolean) =>
      ask(`POST CRM/Constituents/${id}/Purge/Schedule`, { IgnoreWarnings });
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: id, Day: '2026-07-01' } });
    expect((await schedule(false)).body[0].Description).toContain('future');
    sandbox.edit({ record: 'ticket', id: ticket, remove: true });
    const unpaid = { Constituent: id, Day: '2026-05-01', Unpaid: true };
    const reserved = sandbox.edit({ record: 'ticket', set: unpaid });
    expect((await schedule(false)).body[0].Description).toContain('open transactions');
    expect((await schedule(true)).body).toMatchObject({ Id: Number(id) });
    expect((await ask(`POST CRM/Constituents/${id}/Purge/Unschedule`)).status).toBe(200);
    sandbox.edit({ record: 'purge-job' });
    expect((await ask(`GET CRM/Constituents/${id}`)).status).toBe(200);
    sandbox.edit({ record: 'ticket', id: reserved, set: {} });
    expect((await schedule(false)).status).toBe(200);
    expect(sandbox.peek('constituent', id)).toMatchObject({ PurgeScheduled: true });
    const before = sandbox.revision();
    expect(sandbox.edit({ record: 'purge-job' })).toBe('1');
    expect(sandbox.revision()).toBeGreaterThan(before);
    expect((await ask(`GET CRM/Constituents/${id}`)).status).toBe(404);
    expect((await ask(`POST CRM/Constituents/${id}/Purge/Unschedule`)).status).toBe(404);
    const log = await ask(`GET Reporting/AuditLogs?table=T_CUSTOMER&entityIds=${id}&action=Deleted`);
    expect(log.body.Total).toBe(1);
  });
});

test('every write works as a part of a batch', async () => {
  const service = setting();
  const { ask } = service;
  const columns = (await ask('GET CRM/Constituents/4')).body;
  const [phone] = await rowsOf(service, 'Phones');
  const part = (Id: number, HttpMethod: string, path: string, Content?: object) => ({
    Id,
    HttpMethod,
    Uri: `http://x.test/TessituraService/${path}`,
    ContinueOnError: true,
    Content,
  });
  const Requests = [
    part(1, 'PUT', 'CRM/Constituents/4', { ...columns, LastName: 'Lovelace' }),
    part(2, 'PUT', `CRM/Phones/${phone.Id}`, { ...phone, UpdatedDateTime: 'old' }),
    part(3, 'POST', 'CRM/ElectronicAddresses', { Constituent: { Id: 4 }, Address: 'b@example.com' }),
    part(4, 'POST', 'CRM/ContactPermissions', { Constituent: { Id: 4 }, Type: { Id: 3 }, Answer: 'N' }),
    part(5, 'POST', 'CRM/Constituents/Detail', { ConstituentType: { Id: 1 }, LastName: 'B' }),
    part(6, 'POST', 'CRM/Constituents/6/Purge/Schedule', { IgnoreWarnings: true }),
    part(7, 'PUT', 'CRM/Constituents/4', { ...columns, LastName: 'x'.repeat(56) }),
  ];
  const { body } = await ask('POST Batch', { Requests });
  const statuses = body.Responses.map((each: { StatusCode: number }) => each.StatusCode);
  expect(statuses).toEqual([200, 409, 200, 200, 200, 200, 409]);
  expect((await ask('GET CRM/Constituents/4')).body.LastName).toBe('Lovelace');
});

test('somebody who saves the record just before us wins: 409 until the switch is off', async () => {
  const service = setting();
  const { ask, sandbox } = service;
  sandbox.setFaults({ 'edited-meanwhile': true });
  const put = async () => {
    const read = (await ask('GET CRM/Constituents/4')).body;
    const row = primary(await rowsOf(service, 'ElectronicAddresses'));
    const sent = { ...read, LastName: 'Ours' };
    const mail = await ask(`PUT CRM/ElectronicAddresses/${row.Id}`, { ...(row as object), Inactive: true });
    return [(await ask('PUT CRM/Constituents/4', sent)).status, mail.status];
  };
  expect(await put()).toEqual([409, 409]);
  sandbox.setFaults({ 'edited-meanwhile': false });
  expect(await put()).toEqual([200, 200]);
});

test('an address takes the phones that belong to it along', async () => {
  const service = setting();
  const { ask, sandbox } = service;
  const address = { Constituent: { Id: 4 }, Street1: '2 Side St', AddressType: { Id: 2 } };
  const { body: added } = await ask('POST CRM/Addresses', address);
  const phone = { Constituent: { Id: 4 }, PhoneNumber: '212 555 0199', Address: { Id: added.Id } };
  await ask('POST CRM/Phones', phone);
  const numbers = async () =>
    (await rowsOf(service, 'Phones')).map((each: { PhoneNumber: string }) => each.PhoneNumber);
  expect(await numbers()).toEqual(expect.arrayContaining(['212 555 0100', '212 555 0199']));
  expect((await ask(`DELETE CRM/Addresses/${added.Id}`)).status).toBe(204);
  expect(await numbers()).toContain('212 555 0100');
  expect(await numbers()).not.toContain('212 555 0199');
  expect(sandbox.peek('address', String(added.Id))).toBeUndefined();
});
