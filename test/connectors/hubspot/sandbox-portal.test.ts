import { describe, expect, test } from 'vitest';
import { openAccount } from './sandbox-account.ts';

const DATED = '/crm/objects/2026-09/contacts';
const V3 = '/crm/v3/objects/contacts';

describe('a rule of the account', () => {
  test.each([
    [DATED, 400],
    ['/crm/objects/2026-03/contacts', 201],
    [V3, 201],
  ])('%s answers %d to a contact without a last name', async (base, status) => {
    const { sandbox, call } = openAccount();
    sandbox.setFaults({ 'portal-rule': true });
    const reply = await call('POST', base, { properties: { firstname: 'Ann' } });
    expect(reply.status).toBe(status);
    if (status === 400)
      expect(reply.json).toMatchObject({
        category: 'VALIDATION_ERROR',
        errors: [{ code: 'REQUIRED_FIELD', context: { propertyName: ['lastname'] } }],
      });
  });

  test('looks at what would be stored, and clearing the name is refused too', async () => {
    const { sandbox, call } = openAccount();
    const id = sandbox.edit({ record: 'contact', set: { lastname: 'Ng' } });
    sandbox.setFaults({ 'portal-rule': true });
    const set = (properties: object) => call('PATCH', `${DATED}/${id}`, { properties });
    expect((await set({ firstname: 'Ann' })).status).toBe(200);
    expect((await set({ lastname: '' })).status).toBe(400);
    expect(sandbox.peek('contact', id)).toMatchObject({ lastname: 'Ng', firstname: 'Ann' });
  });
});

test('a property that was deleted is refused by name in writes and missing from reads', async () => {
  const { sandbox, call } = openAccount();
  const name = 'tessitura_membership_level';
  const id = sandbox.edit({ record: 'contact', set: { [name]: 'Gold', lastname: 'Ng' } });
  const read = async () =>
    (await call('GET', `${DATED}/${id}?properties=${name},lastname&propertiesWithHistory=${name}`)).json;
  expect(await read()).toMatchObject({ properties: { [name]: 'Gold' } });
  sandbox.setFaults({ 'property-deleted': true });
  const json = await read();
  expect(json.properties).toHaveProperty('lastname', 'Ng');
  expect(json.properties).not.toHaveProperty(name);
  expect(json.propertiesWithHistory).toEqual({});
  const write = await call('PATCH', `${DATED}/${id}`, { properties: { [name]: 'Silver' } });
  expect(write).toMatchObject({ status: 400, json: { errors: [{ code: 'PROPERTY_DOESNT_EXIST' }] } });
  expect((await call('GET', `/crm/properties/2026-09/contacts/${name}`)).status).toBe(404);
  sandbox.setFaults({ 'property-deleted': false });
  expect(await read()).toMatchObject({ properties: { [name]: 'Gold' } });
});

test('an account that is being moved says for how long', async () => {
  const { sandbox, call } = openAccount();
  sandbox.setFaults({ migration: true });
  const reply = await call('GET', DATED);
  expect([reply.status, reply.headers.get('retry-after')]).toEqual([477, '60']);
  sandbox.setFaults({ migration: false });
  expect((await call('GET', DATED)).status).toBe(200);
});
