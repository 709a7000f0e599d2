import { describe, expect, test } from 'vitest';
import { officialClient, openAccount, receiver } from './sandbox-account.ts';

const CONTACTS = '/crm/objects/2026-09/contacts';

describe('merge', () => {
  test('a chain: every id that ever was reads as the last survivor', async () => {
    const { sandbox, call } = openAccount();
    const [a, b, c] = ['A', 'B', 'C'].map((lastname) =>
      sandbox.edit({ record: 'contact', set: { lastname } }),
    );
    const ab = sandbox.edit({ record: 'merge', id: String(a), set: { other: String(b) } });
    const abc = sandbox.edit({ record: 'merge', id: String(c), set: { other: ab } });
    expect(new Set([a, b, c, ab, abc]).size).toBe(5);
    for (const id of [a, b, c, ab, abc]) {
      const { json } = await call('GET', `${CONTACTS}/${id}?properties=lastname,hs_merged_object_ids`);
      expect(json).toMatchObject({
        id: abc,
        properties: { lastname: 'C', hs_merged_object_ids: `${a};${b};${c};${ab}` },
      });
    }
    expect(sandbox.state('').records).toMatchObject({ contact: 1, 'recycle bin': 0 });
    expect(sandbox.state('').counters.duplicates).toBe(0);
  });

  test('the history has lived both lives; what the merge overruled is told as its doing', async () => {
    const { sandbox, call } = openAccount();
    const first = sandbox.edit({ record: 'contact', set: { lastname: 'Kept', email: 'a@example.test' } });
    sandbox.advance(1_000);
    const set = { lastname: 'Later', email: 'b@example.test', city: 'Oslo' };
    const other = sandbox.edit({ record: 'contact', by: 'person', set });
    sandbox.advance(1_000);
    const id = sandbox.edit({ record: 'merge', id: first, set: { other } });
    const { json } = await call(
      'GET',
      `${CONTACTS}/${id}?properties=hs_additional_emails&propertiesWithHistory=lastname,city`,
    );
    expect(json).toMatchObject({
      properties: { hs_additional_emails: 'b@example.test', lastname: 'Kept', city: 'Oslo' },
      propertiesWithHistory: {
        lastname: [
          { value: 'Kept', sourceType: 'MERGE_OBJECTS' },
          { value: 'Later', sourceType: 'FORM' },
          { value: 'Kept', sourceType: 'CRM_UI' },
        ],
        city: [{ value: 'Oslo', sourceType: 'FORM' }],
      },
    });
  });

  test('rings once, with every id', async () => {
    const { sandbox } = openAccount();
    const [a, b] = [{ lastname: 'A' }, { lastname: 'B', city: 'Oslo', phone: '1' }].map((set) =>
      Number(sandbox.edit({ record: 'contact', set })),
    );
    const { events, deliver } = receiver(sandbox);
    const id = Number(sandbox.edit({ record: 'merge', id: String(a), set: { other: String(b) } }));
    await deliver();
    expect(events()).toEqual([
      expect.objectContaining({
        subscriptionType: 'contact.merge',
        objectId: id,
        primaryObjectId: a,
        mergedObjectIds: [b],
        newObjectId: id,
        numberOfPropertiesMoved: 2,
      }),
    ]);
  });

  test.each([
    ['with itself', '', 400],
    ['with one that is not there', '1', 404],
  ])('%s is refused', async (_, other, status) => {
    const { sandbox, call } = openAccount();
    const id = sandbox.edit({ record: 'contact', set: { lastname: 'A' } });
    const reply = await call('POST', `${CONTACTS}/merge`, {
      primaryObjectId: id,
      objectIdToMerge: other || id,
    });
    expect(reply.status).toBe(status);
    expect(sandbox.peek('contact', id)).toMatchObject({ id });
  });

  test('companies merge as well, with the official client', async () => {
    await using account = await officialClient();
    const ids = ['A', 'B'].map((name) => account.sandbox.edit({ record: 'company', set: { name } }));
    const { basicApi } = account.client.crm.companies;
    const merged = await basicApi.merge({ primaryObjectId: ids[0] ?? '', objectIdToMerge: ids[1] ?? '' });
    expect(ids).not.toContain(merged.id);
    expect((await basicApi.getById(ids[1] ?? '')).id).toBe(merged.id);
  });
});

describe('restore', () => {
  test('gives the contact back under its id, with its values', async () => {
    const { sandbox } = openAccount();
    const id = sandbox.edit({ record: 'contact', set: { email: 'a@example.test' } });
    sandbox.edit({ record: 'contact', id, remove: true });
    const { events, deliver } = receiver(sandbox);
    expect(sandbox.edit({ record: 'restore', id })).toBe(id);
    expect(sandbox.peek('contact', 'email:a@example.test')).toMatchObject({ id });
    await deliver();
    expect(events()).toEqual([
      expect.objectContaining({
        subscriptionType: 'contact.restore',
        objectId: Number(id),
        changeSource: 'CRM_UI',
      }),
    ]);
  });

  test('is refused while somebody else holds its e-mail, and for what is not in the bin', () => {
    const { sandbox } = openAccount();
    const id = sandbox.edit({ record: 'contact', set: { email: 'a@example.test' } });
    expect(() => sandbox.edit({ record: 'restore', id })).toThrow('recycle bin');
    sandbox.edit({ record: 'contact', id, remove: true });
    const other = sandbox.edit({ record: 'contact', set: { email: 'a@example.test' } });
    expect(() => sandbox.edit({ record: 'restore', id })).toThrow(`contact ${other} holds the email`);
  });
});

test('the recycle bin can be read, and nothing else by the same call', async () => {
  await using account = await officialClient();
  const { basicApi, batchApi } = account.client.crm.contacts;
  const [gone, here] = ['A', 'B'].map((lastname) =>
    account.sandbox.edit({ record: 'contact', set: { lastname } }),
  );
  account.sandbox.edit({ record: 'contact', id: gone ?? '', remove: true });
  const one = (id = '') => basicApi.getById(id, ['lastname'], undefined, undefined, true);
  expect(await one(gone)).toMatchObject({
    archived: true,
    archivedAt: expect.any(Date),
    properties: { lastname: 'A' },
  });
  await expect(one(here)).rejects.toMatchObject({ code: 404 });
  const inputs = [{ id: gone ?? '' }, { id: here ?? '' }];
  const many = await batchApi.read({ inputs, properties: [], propertiesWithHistory: [] }, true);
  expect(many.results.map((each) => each.id)).toEqual([gone]);
});

describe('permanent deletion', () => {
  test('leaves nothing, and rings as privacy deletion before deletion', async () => {
    const { sandbox, call } = openAccount();
    const id = sandbox.edit({ record: 'contact', set: { email: 'a@example.test' } });
    sandbox.edit({
      record: 'subscription',
      id: 'a@example.test',
      by: 'person',
      set: { all: 'UNSUBSCRIBED' },
    });
    const { events, deliver } = receiver(sandbox);
    const erased = await call('POST', `${CONTACTS}/gdpr-delete`, {
      objectId: 'A@example.test',
      idProperty: 'email',
    });
    expect(erased.status).toBe(204);
    expect((await call('GET', `${CONTACTS}/${id}`)).status).toBe(404);
    expect(() => sandbox.edit({ record: 'restore', id })).toThrow('recycle bin');
    expect(sandbox.state('').records).toMatchObject({ contact: 0, 'recycle bin': 0 });
    expect(sandbox.peek('subscription', 'a@example.test')).toMatchObject({ all: 'NOT_SPECIFIED' });
    await deliver();
    expect(events().map((each) => [each.subscriptionType, each.objectId])).toEqual([
      ['contact.privacyDeletion', Number(id)],
      ['contact.deletion', Number(id)],
    ]);
  });

  test('also of a contact in the recycle bin, and as an act of staff', () => {
    const { sandbox } = openAccount();
    const id = sandbox.edit({ record: 'contact', set: { email: 'a@example.test' } });
    sandbox.edit({ record: 'contact', id, remove: true });
    sandbox.edit({ record: 'privacy-deletion', id });
    expect(sandbox.state('').records['recycle bin']).toBe(0);
  });

  test('the address is barred for staff, not for the person and the API unless the account says so', async () => {
    const { sandbox, call } = openAccount();
    const email = 'a@example.test';
    const create = () => call('POST', CONTACTS, { properties: { email } });
    await call('POST', `${CONTACTS}/gdpr-delete`, { objectId: email, idProperty: 'email' });
    expect(() => sandbox.edit({ record: 'contact', set: { email } })).toThrow('permanently deleted');
    const id = sandbox.edit({ record: 'contact', by: 'person', set: { email } });
    sandbox.edit({ record: 'contact', id, remove: true });
    sandbox.setFaults({ 'gdpr-blocklist': true });
    const refused = await create();
    expect(refused).toMatchObject({
      status: 400,
      json: { errors: [{ context: { propertyName: ['email'] } }] },
    });
    sandbox.setFaults({ 'gdpr-blocklist': false });
    expect((await create()).status).toBe(201);
  });

  test('with the official client; an id that is not there is refused', async () => {
    await using account = await officialClient();
    const id = account.sandbox.edit({ record: 'contact', set: { lastname: 'A' } });
    const erase = () => account.client.crm.contacts.basicApi.purge({ objectId: id });
    await erase();
    await expect(erase()).rejects.toMatchObject({ code: 404 });
  });
});
