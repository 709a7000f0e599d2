import { Client } from '@hubspot/api-client';
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/contacts/models/Filter.js';
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/models/PropertyCreate.js';
import { expect, test } from 'vitest';
import { type Hubspot, startHubspot } from './world.ts';

/** HubSpot's own client for Node against the sandbox: it holds the sandbox to the real wire protocol. */
function clientOf({ baseUrl, secret }: Hubspot, accessToken?: string): Client {
  const { accessToken: known } = secret.auth as { accessToken: string };
  return new Client({ basePath: baseUrl, accessToken: accessToken ?? known, numberOfApiCallRetries: 0 });
}
const reference = 'tessitura_constituent_id';
const upsert = (ref: string, properties: Record<string, string> = {}) => ({
  id: ref,
  idProperty: reference,
  objectWriteTraceId: ref,
  properties: { email: `p${ref}@example.test`, ...properties },
});

test('batch upsert creates, then updates', async () => {
  await using hubspot = await startHubspot();
  const { batchApi } = clientOf(hubspot).crm.contacts;
  const first = await batchApi.upsert({ inputs: [upsert('1'), upsert('2')] });
  expect(first.results.map((each) => each._new)).toEqual([true, true]);
  const again = await batchApi.upsert({ inputs: [upsert('1', { lastname: 'Ng' })] });
  expect(again.results[0]).toMatchObject({ _new: false, properties: { lastname: 'Ng' } });
  expect(again.results[0]?.createdAt).toBeInstanceOf(Date);
});

test('a partial failure resolves with its errors and their context', async () => {
  await using hubspot = await startHubspot();
  const { batchApi } = clientOf(hubspot).crm.contacts;
  const reply = await batchApi.upsert({ inputs: [upsert('1'), upsert('2', { email: 'nobody' })] });
  expect(reply).toMatchObject({
    numErrors: 1,
    errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['2'] } }],
  });
});

test('read by id, by reference and by e-mail; what is missing is an error item', async () => {
  await using hubspot = await startHubspot();
  const contacts = clientOf(hubspot).crm.contacts;
  const { results } = await contacts.batchApi.upsert({ inputs: [upsert('1')] });
  const id = results[0]?.id ?? '';
  const properties = ['email', 'lastname'];
  expect(await contacts.basicApi.getById(id, properties)).toMatchObject({
    id,
    properties: { email: 'p1@example.test', lastname: null },
  });
  const byReference = await contacts.batchApi.read({
    inputs: [{ id: '1' }, { id: 'nobody' }],
    idProperty: reference,
    properties,
    propertiesWithHistory: [],
  });
  expect(byReference.results.map((each) => each.id)).toEqual([id]);
  expect(byReference).toMatchObject({ numErrors: 1, errors: [{ context: { ids: ['nobody'] } }] });
  const byEmail = await contacts.basicApi.getById(
    'P1@example.test',
    properties,
    undefined,
    undefined,
    false,
    'email',
  );
  expect(byEmail.id).toBe(id);
});

test('create, update, archive and page through a list', async () => {
  await using hubspot = await startHubspot();
  const client = clientOf(hubspot);
  const { basicApi } = client.crm.contacts;
  const made = await basicApi.create({ properties: { email: 'Ann@Example.test ' }, associations: [] });
  expect(made.properties.email).toBe('ann@example.test');
  await basicApi.update(made.id, { properties: { firstname: 'Ann' } });
  await basicApi.create({ properties: { email: 'b@example.test' }, associations: [] });
  await basicApi.create({ properties: { email: 'c@example.test' }, associations: [] });
  const all = await client.crm.contacts.getAll(2, undefined, ['firstname']);
  expect(all.map((each) => each.properties.firstname)).toEqual(['Ann', null, null]);
  await basicApi.archive(made.id);
  await expect(basicApi.getById(made.id)).rejects.toMatchObject({ code: 404 });
});

test('search finds what the index has seen, and only then', async () => {
  await using hubspot = await startHubspot();
  const client = clientOf(hubspot);
  await client.crm.contacts.batchApi.upsert({ inputs: [upsert('1'), upsert('2'), upsert('3')] });
  const ask = () =>
    client.crm.contacts.searchApi.doSearch({
      filterGroups: [
        { filters: [{ propertyName: reference, operator: FilterOperatorEnum.In, values: ['1', '3'] }] },
      ],
      sorts: ['-hs_object_id'],
      properties: [reference],
      limit: 100,
      after: '0',
    });
  expect((await ask()).total).toBe(0);
  hubspot.sandbox.advance(30_000);
  const reply = await ask();
  expect(reply.results.map((each) => each.properties[reference])).toEqual(['3', '1']);
});

test('merge gives a new id, under which both old ones are found', async () => {
  await using hubspot = await startHubspot();
  const { basicApi, batchApi } = clientOf(hubspot).crm.contacts;
  const { results } = await batchApi.upsert({
    inputs: [upsert('1', { lastname: 'Kept' }), upsert('2', { city: 'Oslo' })],
  });
  const [a, b] = results.map((each) => each.id);
  const merged = await basicApi.merge({ primaryObjectId: a ?? '', objectIdToMerge: b ?? '' });
  expect([a, b]).not.toContain(merged.id);
  const read = await basicApi.getById(b ?? '', ['lastname', 'city', 'email', 'hs_merged_object_ids']);
  expect(read).toMatchObject({
    id: merged.id,
    properties: {
      lastname: 'Kept',
      city: 'Oslo',
      email: 'p1@example.test',
      hs_merged_object_ids: `${a};${b}`,
    },
  });
});

test('properties can be listed and created', async () => {
  await using hubspot = await startHubspot();
  const { coreApi } = clientOf(hubspot).crm.properties;
  const made = await coreApi.create('contacts', {
    name: 'seat',
    label: 'Seat',
    groupName: 'contactinformation',
    type: PropertyCreateTypeEnum.String,
    fieldType: PropertyCreateFieldTypeEnum.Text,
    hasUniqueValue: true,
  });
  expect(made).toMatchObject({ name: 'seat', hasUniqueValue: true });
  const { results } = await coreApi.getAll('contacts');
  expect(results.map((each) => each.name)).toEqual(expect.arrayContaining(['seat', 'email', reference]));
});

test('a refresh token gives an access token that works for 30 minutes', async () => {
  await using hubspot = await startHubspot();
  const auth = hubspot.sandbox.oauthSecret(hubspot.baseUrl).auth as Record<string, string>;
  const issue = (refreshToken = auth.refreshToken) =>
    clientOf(hubspot).oauth.tokensApi.create(
      'refresh_token',
      undefined,
      undefined,
      auth.clientId,
      auth.clientSecret,
      refreshToken,
    );
  const token = await issue();
  expect(token).toMatchObject({ tokenType: 'bearer', expiresIn: 1_800, refreshToken: auth.refreshToken });
  const client = clientOf(hubspot, token.accessToken);
  hubspot.sandbox.advance(1_799_999);
  expect((await client.crm.contacts.basicApi.getPage()).results).toEqual([]);
  hubspot.sandbox.advance(1);
  await expect(client.crm.contacts.basicApi.getPage()).rejects.toMatchObject({ code: 401 });
  await expect(issue('revoked')).rejects.toMatchObject({ code: 400, body: { status: 'BAD_REFRESH_TOKEN' } });
});

test('over the rate: 429 with the policy, and the headers tell before', async () => {
  await using hubspot = await startHubspot();
  const { basicApi } = clientOf(hubspot).crm.contacts;
  for (let n = 0; n < 190; n += 1) await basicApi.getPage(1);
  await expect(basicApi.getPage(1)).rejects.toMatchObject({
    code: 429,
    body: { policyName: 'TEN_SECONDLY_ROLLING', errorType: 'RATE_LIMIT' },
    headers: { 'x-hubspot-ratelimit-remaining': '0', 'x-hubspot-ratelimit-max': '190' },
  });
  hubspot.sandbox.advance(10_000);
  expect((await basicApi.getPage(1)).results).toEqual([]);
});
