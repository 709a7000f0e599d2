import { AssociationSpecAssociationCategoryEnum as Category } from '@hubspot/api-client/lib/codegen/crm/associations/v4/models/AssociationSpec.js';
import { describe, expect, test } from 'vitest';
import { type Json, officialClient, openAccount, receiver } from './sandbox-account.ts';

const COMPANIES = '/crm/objects/2026-09/companies';
const reference = 'tessitura_constituent_id';
const PAIR = '/crm/associations/2026-09/contact/company';

describe('companies', () => {
  test('the official client upserts, reads, searches and archives them', async () => {
    await using account = await officialClient();
    const { batchApi, basicApi, searchApi } = account.client.crm.companies;
    const household = (ref: string, name: string) => ({
      id: ref,
      idProperty: reference,
      objectWriteTraceId: ref,
      properties: { name, intertie_record_kind: 'household' },
    });
    const made = await batchApi.upsert({
      inputs: [household('900', 'The Ngs'), household('901', 'The Bells')],
    });
    expect(made.results.map((each) => each._new)).toEqual([true, true]);
    const again = await batchApi.upsert({ inputs: [household('900', 'Ng household')] });
    const id = again.results[0]?.id ?? '';
    expect(await basicApi.getById(id, ['name', 'domain', reference])).toMatchObject({
      properties: { name: 'Ng household', domain: null, [reference]: '900' },
    });
    account.sandbox.advance(60_000);
    const found = await searchApi.doSearch({
      filterGroups: [],
      sorts: ['hs_lastmodifieddate'],
      properties: ['name'],
      limit: 10,
      after: '0',
    });
    expect(found.results.map((each) => each.properties.name)).toEqual(['Ng household', 'The Bells']);
    await batchApi.archive({ inputs: [{ id }] });
    await expect(basicApi.getById(id)).rejects.toMatchObject({ code: 404 });
  });

  test('a reference that another company holds is refused by name; contacts have their own', async () => {
    const { sandbox, call } = openAccount();
    sandbox.edit({ record: 'contact', set: { [reference]: '900' } });
    const properties = { name: 'A', [reference]: '900' };
    const first = await call('POST', COMPANIES, { properties });
    expect(first.status).toBe(201);
    const second = await call('POST', '/crm/objects/2026-09/0-2', { properties });
    expect(second).toMatchObject({ status: 409, json: { category: 'CONFLICT' } });
    expect(second.json.message).toBe(`Company already exists. Existing ID: ${first.json.id}`);
  });

  test('ring like contacts', async () => {
    const { sandbox } = openAccount();
    const { events, deliver } = receiver(sandbox);
    const id = sandbox.edit({ record: 'company', set: { name: 'A' } });
    sandbox.edit({ record: 'company', id, remove: true });
    await deliver();
    expect(events().map((each) => each.subscriptionType)).toEqual([
      'company.creation',
      'company.propertyChange',
      'company.deletion',
    ]);
  });
});

function household() {
  const account = openAccount();
  const { sandbox } = account;
  const contact = sandbox.edit({ record: 'contact', set: { lastname: 'Ng' } });
  const company = sandbox.edit({ record: 'company', set: { name: 'The Ngs' } });
  const read = async (from = contact, path = PAIR) =>
    (await account.call('POST', `${path}/batch/read`, { inputs: [{ id: from }] })).json;
  const link = (types: number[], to = company) =>
    account.call('POST', `${PAIR}/batch/create`, {
      inputs: [
        {
          from: { id: contact },
          to: { id: to },
          types: types.map((associationTypeId) => ({
            associationCategory: 'HUBSPOT_DEFINED',
            associationTypeId,
          })),
        },
      ],
    });
  return { ...account, contact, company, read, link };
}
const typesIn = (reply: Json) =>
  (reply.results as { to: { toObjectId: string; associationTypes: { typeId: number }[] }[] }[])
    .flatMap((each) => each.to)
    .map((to) => [to.toObjectId, to.associationTypes.map((type) => type.typeId).sort((a, b) => a - b)]);

describe('associations', () => {
  test('are seen from both ends, each with its own type', async () => {
    const { contact, company, read, link } = household();
    expect((await link([1])).status).toBe(200);
    expect(typesIn(await read())).toEqual([[company, [1, 279]]]);
    expect(typesIn(await read(company, '/crm/associations/2026-09/0-2/0-1'))).toEqual([[contact, [2, 280]]]);
  });

  test('a new primary company takes the place of the old one', async () => {
    const { sandbox, company, read, link } = household();
    const other = sandbox.edit({ record: 'company', set: { name: 'B' } });
    await link([1]);
    await link([1], other);
    expect(typesIn(await read())).toEqual([
      [company, [279]],
      [other, [1, 279]],
    ]);
  });

  test('linking twice rings once, from both ends; taking apart rings as removed', async () => {
    const { sandbox, contact, company, call, link } = household();
    const { events, deliver } = receiver(sandbox);
    await link([279]);
    await link([279]);
    const inputs = [{ from: { id: contact }, to: [{ id: company }] }];
    expect((await call('POST', `${PAIR}/batch/archive`, { inputs })).status).toBe(204);
    await call('POST', `${PAIR}/batch/archive`, { inputs });
    await deliver();
    expect(
      events().map((each) => [each.subscriptionType, each.associationType, each.associationRemoved]),
    ).toEqual([
      ['contact.associationChange', 'CONTACT_TO_COMPANY', false],
      ['company.associationChange', 'COMPANY_TO_CONTACT', false],
      ['contact.associationChange', 'CONTACT_TO_COMPANY', true],
      ['company.associationChange', 'COMPANY_TO_CONTACT', true],
    ]);
    expect(events()[0]).toMatchObject({ fromObjectId: Number(contact), toObjectId: Number(company) });
  });

  test('a label can be taken off and the link stays; nothing is left of a link without labels', async () => {
    const { contact, company, call, read, link } = household();
    await link([1]);
    const off = (associationTypeId: number) =>
      call('POST', `${PAIR}/batch/labels/archive`, {
        inputs: [
          {
            from: { id: contact },
            to: { id: company },
            types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }],
          },
        ],
      });
    await off(1);
    expect(typesIn(await read())).toEqual([[company, [279]]]);
    await off(279);
    expect(await read()).toMatchObject({
      results: [],
      numErrors: 1,
      errors: [{ context: { fromObjectId: [contact] } }],
    });
  });

  test.each([
    ['a type of the other direction', [280], 400],
    ['an unknown type', [4711], 400],
  ])('%s is refused', async (_, types, status) => {
    const { link, read } = household();
    expect((await link(types)).status).toBe(status);
    expect(await read()).toMatchObject({ results: [] });
  });

  test('a record that is not there is an error item, and the others are linked', async () => {
    const { contact, company, call, read } = household();
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }];
    const inputs = ['1', company].map((to) => ({ from: { id: contact }, to: { id: to }, types }));
    const reply = await call('POST', '/crm/v4/associations/contacts/companies/batch/create', { inputs });
    expect(reply).toMatchObject({
      status: 207,
      json: { numErrors: 1, errors: [{ context: { toObjectId: ['1'] } }] },
    });
    expect(typesIn(await read())).toEqual([[company, [279]]]);
  });

  test('links of a record in the recycle bin come back with it', async () => {
    const { sandbox, company, read, link } = household();
    await link([279]);
    sandbox.edit({ record: 'company', id: company, remove: true });
    expect(await read()).toMatchObject({ results: [] });
    sandbox.edit({ record: 'restore', id: company });
    expect(typesIn(await read())).toEqual([[company, [279]]]);
  });

  test('the survivor of a merge has the links of both', async () => {
    const { sandbox, contact, company, read, link } = household();
    await link([1]);
    const second = sandbox.edit({ record: 'contact', set: { lastname: 'Ng', firstname: 'Bo' } });
    const other = sandbox.edit({ record: 'company', set: { name: 'B' } });
    sandbox.edit({ record: 'association', set: { contact: second, company: other } });
    const survivor = sandbox.edit({ record: 'merge', id: second, set: { other: contact } });
    expect(typesIn(await read(survivor))).toEqual([
      [other, [279]],
      [company, [1, 279]],
    ]);
  });
});

test('the official client makes labels, links by them, reads and takes apart', async () => {
  await using account = await officialClient();
  const { client, sandbox } = account;
  const contact = sandbox.edit({ record: 'contact', set: { lastname: 'Ng' } });
  const company = sandbox.edit({ record: 'company', set: { name: 'The Ngs' } });
  const made = await client.apiRequest({
    method: 'POST',
    path: '/crm/v4/associations/contacts/companies/labels',
    body: { label: 'Household member', name: 'household_member', inverseLabel: 'Household' },
  });
  const { results: labels } = (await made.json()) as { results: { typeId: number; label: string }[] };
  expect(labels.map((each) => each.label)).toEqual(['Household member', 'Household']);
  const { basicApi, batchApi } = client.crm.associations.v4;
  const spec = { associationCategory: Category.UserDefined, associationTypeId: labels[0]?.typeId ?? 0 };
  const pair = { _from: { id: contact }, to: { id: company } };
  const linked = await batchApi.create('contacts', 'companies', { inputs: [{ ...pair, types: [spec] }] });
  expect(linked.results[0]).toMatchObject({ fromObjectId: contact, labels: ['Household member'] });
  const read = await batchApi.getPage('companies', 'contacts', { inputs: [{ id: company }] });
  expect(read.results[0]?.to[0]).toMatchObject({
    toObjectId: contact,
    associationTypes: [
      { category: 'HUBSPOT_DEFINED', typeId: 280 },
      { category: 'USER_DEFINED', label: 'Household' },
    ],
  });
  await batchApi.archiveLabels('contacts', 'companies', { inputs: [{ ...pair, types: [spec] }] });
  await basicApi.createDefault('contacts', contact, 'companies', company);
  const page = await basicApi.getPage('contacts', contact, 'companies');
  expect(page.results.map((each) => each.associationTypes.map((type) => type.typeId))).toEqual([[279]]);
  await basicApi.archive('contacts', contact, 'companies', company);
  expect((await basicApi.getPage('contacts', contact, 'companies')).results).toEqual([]);
});
