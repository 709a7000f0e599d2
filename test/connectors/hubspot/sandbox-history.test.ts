import { describe, expect, test } from 'vitest';
import { officialClient, openAccount } from './sandbox-account.ts';

const CONTACTS = '/crm/objects/2026-09/contacts';

function historyOf({ call }: ReturnType<typeof openAccount>, id: string, name: string) {
  return call('GET', `${CONTACTS}/${id}?propertiesWithHistory=${name}`).then(
    ({ json }) => (json.propertiesWithHistory as Record<string, unknown[]>)[name],
  );
}

test('a history tells every writer by the way it came in, newest first', async () => {
  const account = openAccount();
  const { sandbox, call, callAsOther } = account;
  const made = await call('POST', CONTACTS, { properties: { lastname: 'Ours' } });
  const id = String(made.json.id);
  for (const [by, lastname] of [
    ['staff', 'Staff'],
    ['person', 'Person'],
    ['integration', 'Other'],
  ] as const) {
    sandbox.advance(1_000);
    sandbox.edit({ record: 'contact', id, by, set: { lastname } });
  }
  sandbox.advance(1_000);
  await callAsOther('PATCH', `${CONTACTS}/${id}`, { properties: { lastname: '' } });
  expect(await historyOf(account, id, 'lastname')).toEqual([
    expect.objectContaining({ value: '', sourceType: 'INTEGRATION', timestamp: '2026-11-24T12:00:04.000Z' }),
    expect.objectContaining({ value: 'Other', sourceType: 'INTEGRATION' }),
    expect.objectContaining({ value: 'Person', sourceType: 'FORM' }),
    expect.objectContaining({ value: 'Staff', sourceType: 'CRM_UI', updatedByUserId: 1_234_567 }),
    {
      value: 'Ours',
      sourceType: 'INTEGRATION',
      sourceId: String(sandbox.appId),
      timestamp: '2026-11-24T12:00:00.000Z',
    },
  ]);
});

test('what sets the same value again is no version', async () => {
  const account = openAccount();
  const id = account.sandbox.edit({ record: 'contact', set: { email: 'A@example.test', city: 'Oslo' } });
  const inputs = [{ id, properties: { email: ' a@example.test', city: 'Bergen' } }];
  await account.call('POST', `${CONTACTS}/batch/update`, { inputs });
  expect(await historyOf(account, id, 'email')).toHaveLength(1);
  expect(await historyOf(account, id, 'city')).toHaveLength(2);
  expect(await historyOf(account, id, 'phone')).toEqual([]);
});

test.each([
  ['contact', CONTACTS, 'lastname', 45],
  ['company', '/crm/objects/2026-09/companies', 'name', 20],
])('a %s keeps so many values of a property', async (record, base, name, kept) => {
  const { sandbox, call } = openAccount();
  const id = sandbox.edit({ record, set: { [name]: '0' } });
  for (let n = 1; n <= 50; n += 1) sandbox.edit({ record, id, set: { [name]: String(n) } });
  const { json } = await call('GET', `${base}/${id}?propertiesWithHistory=${name}`);
  const versions = (json.propertiesWithHistory as Record<string, { value: string }[]>)[name] ?? [];
  expect([versions.length, versions[0]?.value, versions.at(-1)?.value]).toEqual([
    kept,
    '50',
    String(51 - kept),
  ]);
});

describe('histories in bulk', () => {
  test('at most 50 records in one call, and 50 on a page', async () => {
    const { sandbox, call } = openAccount();
    const ids = Array.from({ length: 51 }, (_, n) =>
      sandbox.edit({ record: 'contact', set: { lastname: `N${n}` } }),
    );
    const read = (count: number) =>
      call('POST', `${CONTACTS}/batch/read`, {
        inputs: ids.slice(0, count).map((id) => ({ id })),
        properties: [],
        propertiesWithHistory: ['lastname'],
      });
    expect((await read(50)).json.results).toHaveLength(50);
    expect(await read(51)).toMatchObject({ status: 400, json: { category: 'VALIDATION_ERROR' } });
    expect((await call('GET', `${CONTACTS}?limit=51&propertiesWithHistory=lastname`)).status).toBe(400);
  });

  test('the official client reads them', async () => {
    await using account = await officialClient();
    const id = account.sandbox.edit({ record: 'contact', by: 'person', set: { lastname: 'Ng' } });
    const reply = await account.client.crm.contacts.batchApi.read({
      inputs: [{ id }],
      properties: ['email'],
      propertiesWithHistory: ['lastname'],
    });
    expect(reply.results[0]).toMatchObject({
      properties: { email: null, lastname: 'Ng' },
      propertiesWithHistory: { lastname: [{ value: 'Ng', sourceType: 'FORM', timestamp: expect.any(Date) }] },
    });
  });
});
