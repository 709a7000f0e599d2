import { describe, expect, test } from 'vitest';
import { serviceUnderTest } from './sandbox-service.ts';

const START = Date.parse('2026-06-01T15:00:00Z');
const setting = (options = {}) => serviceUnderTest({ now: () => START, ...options });
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('what the service refuses', () => {
  test.each([
    ['no header', {}, 401],
    ['a bearer', { authorization: 'Bearer abc' }, 403],
    ['three parts', basic('intertie:API:INTERTIE'), 403],
    ['a wrong password', basic('intertie:API:INTERTIE:wrong'), 401],
    ['a wrong location', basic('intertie:API:ELSEWHERE:sandbox:pass word'), 401],
  ])('%s', async (_, headers, status) => {
    const { ask, sandbox } = setting();
    const answer = await ask('GET Diagnostics/Status', undefined, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(answer.body[0].Description).toEqual(expect.any(String));
    expect(sandbox.state('').counters.refused).toBe(1);
  });

  test.each([
    ['GET CRM/Nonsense', 404],
    ['GET Nonsense', 404],
    ['GET CRM/Constituents/999999', 404],
    ['GET CRM/Phones/77', 404],
    ['GET CRM/Constituents', 500],
    ['GET CRM/ContactPermissions', 500],
    ['GET CRM/ElectronicAddresses', 500],
    ['GET CRM/Affiliations', 500],
    ['GET CRM/WebLogins/Search?emailAddress=a@example.com', 500],
    ['GET Reporting/Lists/7/Contents', 404],
    ['GET Reporting/AuditLogs?auditStartTime=yesterday', 400],
    ['DELETE CRM/Constituents/4', 404],
  ])('%s is %i with a list of errors', async (call, status) => {
    const { ask } = setting();
    const answer = await ask(call);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject([{ Description: expect.any(String) }]);
  });

  test('a body that is not JSON', async () => {
    const { sandbox, ask } = setting();
    expect((await ask('GET Diagnostics/Status')).status).toBe(200);
    const { secret } = sandbox.state('');
    const parts = [secret.user, secret.group, secret.location, secret.password].join(':');
    const init = { method: 'POST', headers: basic(parts), body: '{' };
    expect((await sandbox.app.request('/TessituraService/Batch', init)).status).toBe(400);
    expect((await sandbox.app.request('/Batch', init)).status).toBe(404);
  });
});

describe('the lock', () => {
  test('a stamp has seven digits and an offset, and only exactly it lets a write pass', async () => {
    const { ask } = setting();
    const { body: read } = await ask('GET CRM/Constituents/4');
    expect(read.UpdatedDateTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}[+-]\d\d:00$/);
    const cut = new Date(read.UpdatedDateTime).toISOString();
    expect((await ask('PUT CRM/Constituents/4', { ...read, UpdatedDateTime: cut })).status).toBe(409);
    expect((await ask('PUT CRM/Constituents/4', { ...read, LastName: 'New' })).status).toBe(200);
    expect((await ask('PUT CRM/Constituents/4', { ...read, LastName: 'Stale' })).status).toBe(409);
    const { body: now } = await ask('GET CRM/Constituents/4');
    expect(now.LastName).toBe('New');
    expect(now.UpdatedDateTime).not.toBe(read.UpdatedDateTime);
  });

  test('each child has a lock of its own', async () => {
    const { ask, sandbox } = setting();
    sandbox.edit({ record: 'constituent', id: '4', set: { Phone: '212 555 0100', Email: 'a@example.com' } });
    const { body: phones } = await ask('GET CRM/Phones?constituentId=4');
    const [phone] = phones;
    sandbox.edit({ record: 'constituent', id: '4', set: { LastName: 'Other' } });
    expect((await ask(`PUT CRM/Phones/${phone.Id}`, { ...phone, PhoneNumber: '1' })).status).toBe(200);
    expect((await ask(`PUT CRM/Phones/${phone.Id}`, { ...phone, PhoneNumber: '2' })).status).toBe(409);
  });

  test('a write without a stamp is refused by name', async () => {
    const { ask } = setting();
    expect((await ask('PUT CRM/Constituents/4', { LastName: 'New' })).body[0].ErrorPath).toBe(
      'UpdatedDateTime',
    );
  });

  test('PUT of a constituent passes over child collections', async () => {
    const { ask, sandbox } = setting();
    sandbox.edit({ record: 'constituent', id: '4', set: { Email: 'a@example.com' } });
    const { body: detail } = await ask('GET CRM/Constituents/4/Detail');
    const put = await ask('PUT CRM/Constituents/4', { ...detail, ElectronicAddresses: [], PhoneNumbers: [] });
    expect(put.status).toBe(200);
    expect((await ask('GET CRM/Constituents/4/Detail')).body.ElectronicAddresses).toEqual(
      detail.ElectronicAddresses,
    );
  });

  test.each([
    ['FirstName', 20],
    ['MiddleName', 20],
    ['LastName', 55],
    ['SortName', 55],
  ])('%s takes %i characters', async (field, length) => {
    const { ask } = setting();
    const { body: read } = await ask('GET CRM/Constituents/4');
    const put = (value: string) => ask('PUT CRM/Constituents/4', { ...read, [field]: value });
    expect((await put('x'.repeat(length + 1))).body[0].ErrorPath).toBe(field);
    expect((await put('x'.repeat(length))).status).toBe(200);
  });
});

describe('children', () => {
  test('a new primary e-mail takes the mark from the old one', async () => {
    const { ask, sandbox } = setting();
    sandbox.edit({ record: 'constituent', id: '4', set: { Email: 'old@example.com' } });
    const row = { Constituent: { Id: 4 }, Address: 'new@example.com', PrimaryIndicator: true };
    expect((await ask('POST CRM/ElectronicAddresses', row)).status).toBe(200);
    const { body } = await ask('GET CRM/ElectronicAddresses?constituentIds=4&primaryOnly=true');
    expect(body.map((each: { Address: string }) => each.Address)).toEqual(['new@example.com']);
  });

  test('the primary address cannot be deleted, a phone can', async () => {
    const { ask, sandbox } = setting();
    sandbox.edit({ record: 'constituent', id: '4', set: { Street1: '1 Main St', Phone: '212 555 0100' } });
    const { body: detail } = await ask('GET CRM/Constituents/4/Detail');
    const primary = detail.Addresses.find((each: { PrimaryIndicator: boolean }) => each.PrimaryIndicator);
    expect((await ask(`DELETE CRM/Addresses/${primary.Id}`)).status).toBe(400);
    const count = detail.PhoneNumbers.length;
    expect((await ask(`DELETE CRM/Phones/${detail.PhoneNumbers[0].Id}`)).status).toBe(204);
    expect((await ask('GET CRM/Constituents/4/Detail')).body.PhoneNumbers).toHaveLength(count - 1);
  });

  test('an e-mail moves to another constituent and is found there', async () => {
    const { ask, sandbox } = setting();
    sandbox.edit({ record: 'constituent', id: '4', set: { Email: 'moving@example.com' } });
    const find = async () => (await ask('GET CRM/ElectronicAddresses?address=MOVING@example.com')).body;
    const [row] = await find();
    expect(row.Constituent.Id).toBe(4);
    expect((await ask(`POST CRM/ElectronicAddresses/${row.Id}/MoveTo/6`)).status).toBe(200);
    expect((await find()).map((each: { Constituent: { Id: number } }) => each.Constituent.Id)).toEqual([6]);
  });

  test('IsAttachedToLogin tells which e-mails are sign-ins', async () => {
    const { ask } = setting({ size: 400 });
    const answers = new Set<boolean>();
    for (let id = 1; id <= 60; id += 1) {
      const { body } = await ask(`GET CRM/ElectronicAddresses?constituentIds=${id}`);
      for (const each of body) {
        const { body: attached } = await ask(`GET CRM/ElectronicAddresses/${each.Id}/IsAttachedToLogin`);
        answers.add(attached.IsAttachedToLogin);
      }
    }
    expect([...answers].sort()).toEqual([false, true]);
  });
});

describe('batch', () => {
  const part = (Id: number, path: string, ContinueOnError = true) => {
    return { Id, HttpMethod: 'GET', Uri: `http://x.test/TessituraService/${path}`, ContinueOnError };
  };

  test('parts answer under their own ids, one failure leaves the others', async () => {
    const { ask } = setting();
    const Requests = [
      part(7, 'CRM/Constituents/4/Detail'),
      part(8, 'CRM/Constituents/99999/Detail'),
      part(9, 'CRM/Phones?constituentId=4'),
    ];
    const { body } = await ask('POST Batch', { Requests });
    expect(
      body.Responses.map((each: { RequestId: number; StatusCode: number }) => [
        each.RequestId,
        each.StatusCode,
      ]),
    ).toEqual([
      [7, 200],
      [8, 404],
      [9, 200],
    ]);
    expect(body.Responses[1]).not.toHaveProperty('ResponseObject');
  });

  test('without ContinueOnError the first failure ends it', async () => {
    const { ask } = setting();
    const Requests = [part(1, 'CRM/Constituents/99999', false), part(2, 'CRM/Constituents/4')];
    expect((await ask('POST Batch', { Requests })).body).toMatchObject({
      BatchFailed: true,
      Responses: [{ StatusCode: 404 }],
    });
  });
});

describe('the people', () => {
  const everybody = (seed: number) => {
    const { sandbox } = setting({ seed, size: 3_000 });
    return Array.from({ length: 3_000 }, (_, at) => sandbox.peek('constituent', String(at + 1)));
  };

  test('the same seed gives the same people, another one others', () => {
    expect(everybody(1)).toEqual(everybody(1));
    expect(everybody(1)).not.toEqual(everybody(2));
  });

  test('an id is the same person however many there are', () => {
    const { sandbox } = setting({ seed: 1, size: 1_000_000 });
    const small = setting({ seed: 1, size: 3_000 }).sandbox;
    for (let id = 1; id < 200; id += 1)
      expect(sandbox.peek('constituent', String(id))).toEqual(small.peek('constituent', String(id)));
  });

  const people = everybody(1).filter((each) => each !== undefined) as Record<string, never>[];
  const names = people.map((each) => `${each.FirstName ?? ''} ${each.LastName}`);
  test.each([
    ['Arabic', /\p{Script=Arabic}/u],
    ['Hebrew', /\p{Script=Hebrew}/u],
    ['Han', /\p{Script=Han}/u],
    ['Hangul', /\p{Script=Hangul}/u],
    ['Cyrillic', /\p{Script=Cyrillic}/u],
    ['Greek', /\p{Script=Greek}/u],
    ['Thai', /\p{Script=Thai}/u],
    ['Devanagari', /\p{Script=Devanagari}/u],
    ['emoji', /\p{Extended_Pictographic}/u],
    ['combining marks', /\u0308|\u0301/u],
    ['apostrophes', /'/],
    ['one letter', / .$/],
    ['55 letters', /.{55}$/],
  ])('there are names with %s', (_, pattern) => {
    expect(names.some((name) => pattern.test(name))).toBe(true);
  });

  test.each<[string, (person: Record<string, never>) => boolean]>([
    ['protected', (each) => 'ProtectionType' in each],
    ['inactive, with a reason', (each) => 'InactiveReason' in each],
    ['dead', (each) => JSON.stringify(each.NameStatus ?? null).includes('Deceased')],
    ['without a first name', (each) => !('FirstName' in each)],
    ['without an e-mail', (each) => JSON.stringify(each.ElectronicAddresses) === '[]'],
    ['with an e-mail in capitals', (each) => /@[A-Z]/.test(JSON.stringify(each.ElectronicAddresses))],
    ['with blanks after the e-mail', (each) => /\.\w+ {2}"/.test(JSON.stringify(each.ElectronicAddresses))],
    ['with a phone that is none', (each) => JSON.stringify(each.PhoneNumbers).includes('call wife')],
    ['abroad', (each) => JSON.stringify(each.Addresses).includes('Japan')],
    ['without a postal code', (each) => JSON.stringify(each.Addresses).includes('Hong Kong')],
    ['households', (each) => JSON.stringify(each.ConstituentType).includes('Household')],
    ['organisations', (each) => JSON.stringify(each.ConstituentType).includes('Organization')],
  ])('some are %s, most are not', (_, is) => {
    const count = people.filter(is).length;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(people.length / 2);
  });

  test('an e-mail is shared only on purpose: within one household or by two neighbours', () => {
    const groups = Map.groupBy(
      people.flatMap((each) => {
        const rows = each.ElectronicAddresses as unknown as { Address: string; PrimaryIndicator: boolean }[];
        const address = rows.find((row) => row.PrimaryIndicator)?.Address;
        return address === undefined ? [] : { id: Number(each.Id), key: address.trim().toLowerCase() };
      }),
      ({ key }) => key,
    );
    const shared = [...groups.values()].filter((group) => group.length > 1);
    expect(shared.length).toBeGreaterThan(50);
    for (const group of shared)
      expect(new Set(group.map(({ id }) => Math.floor((id - 1) / 10))).size).toBe(1);
  });

  test('they are as many as the state says', () => {
    expect(setting({ seed: 1, size: 3_000 }).sandbox.state('').records.constituents).toBe(people.length);
  });
});
