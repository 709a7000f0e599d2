import { describe, expect, test } from 'vitest';
import { contactsOf } from '../../../shared/connectors/hubspot/associations.ts';
import { companies, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { Write, WriteResult } from '../../../shared/engine/resource.ts';
import { nodeHttp } from '../session.ts';
import { defineLabels } from './labels.ts';
import { type Hubspot, startHubspot } from './world.ts';

const real = nodeHttp();

const FIELD = 'tessitura_members';
const NAMES = ['name', FIELD];
const target = companies({ account: hubspotAccount('main'), members: FIELD });
const create = (ref: string, fields: Fields = {}): Write => ({
  kind: 'create',
  ref,
  fields: { name: `Household ${ref}`, ...fields },
});
const update = (ref: string, targetId: string, fields: Fields): Write => ({
  kind: 'update',
  ref,
  targetId,
  fields,
});
const said = (result: WriteResult | undefined) =>
  result && 'fault' in result ? (result.fault?.message ?? '') : 'no fault';
const idOf = (result: WriteResult | undefined) => (result?.ok ? result.targetId : said(result));

/** A sandbox with patrons 1 to 9 and the labels of households. */
async function town(): Promise<Hubspot> {
  const hubspot = await startHubspot();
  for (let n = 1; n < 10; n += 1) patron(hubspot, String(n));
  await defineLabels(hubspot, ['Household member', 'A1', 'A2']);
  return hubspot;
}

const patron = (hubspot: Hubspot, ref: string) =>
  hubspot.sandbox.edit({ record: 'contact', set: { lastname: `P${ref}`, tessitura_constituent_id: ref } });

async function created(hubspot: Hubspot, ref: string, members: string | null): Promise<string> {
  return idOf((await target.write(hubspot.session(), [create(ref, { [FIELD]: members })])).get(ref));
}

async function shown(hubspot: Hubspot, id: string) {
  const batch = (await target.read(hubspot.session(), [id], NAMES)).get(id);
  const one = await target.readOne(hubspot.session(), id, NAMES);
  expect(one).toEqual(batch);
  return batch?.state === 'present' ? batch.record[FIELD] : batch?.state;
}

describe('the members of a company', () => {
  test.each(['v3', '2026-03', '2026-09'])('read as they were written, in %s', async (apiVersion) => {
    await using hubspot = await town();
    const session = hubspot.session({ secret: { ...hubspot.secret, apiVersion } });
    const text = '1:A1+Household member;2:A2;3';
    const results = await target.write(session, [
      create('h1', { [FIELD]: text }),
      create('h2', { [FIELD]: null }),
    ]);
    const ids = [idOf(results.get('h1')), idOf(results.get('h2'))];
    const read = await target.read(session, ids, NAMES);
    expect(ids.map((id) => read.get(id))).toEqual([
      { state: 'present', record: { name: 'Household h1', [FIELD]: text } },
      { state: 'present', record: { name: 'Household h2', [FIELD]: null } },
    ]);
  });

  test('join, leave and change their labels', async () => {
    await using hubspot = await town();
    const id = await created(hubspot, 'h1', '1:A1+Household member;2:A2;3');
    for (const text of ['1:A2+Household member;2;4:A1', '4:A1', null, '1;2:A1+A2']) {
      await target.write(hubspot.session(), [update('h1', id, { [FIELD]: text })]);
      expect(await shown(hubspot, id)).toBe(text);
    }
  });

  test('are left alone by a write that does not name them', async () => {
    await using hubspot = await town();
    const id = await created(hubspot, 'h1', '1:A1');
    const session = hubspot.session();
    await target.write(session, [update('h1', id, { name: 'The Bells' })]);
    expect(session.sent).toEqual(['companies.update']);
    expect(await shown(hubspot, id)).toBe('1:A1');
  });

  test('of a hundred companies need a handful of calls', async () => {
    await using hubspot = await startHubspot();
    for (let n = 0; n < 200; n += 1) patron(hubspot, String(n));
    await defineLabels(hubspot, ['A1', 'A2']);
    const session = hubspot.session();
    const writes = Array.from({ length: 100 }, (_, n) =>
      create(`h${n}`, { [FIELD]: `${n}:A1;${n + 100}:A2` }),
    );
    const results = await target.write(session, writes);
    expect([...results.values()].every((each) => each.ok)).toBe(true);
    const calls = ['companies.upsert', 'contacts.read', 'contacts.read', 'associations.read'];
    expect(session.sent).toEqual([
      ...calls,
      'associations.labels',
      'associations.create',
      'associations.create',
    ]);
    const again = hubspot.session();
    await target.read(again, [...results.values()].map(idOf), NAMES);
    expect(again.sent).toEqual(['companies.read', 'associations.read', 'contacts.read', 'contacts.read']);
  });

  test('that are somebody else’s are neither shown nor taken away', async () => {
    await using hubspot = await town();
    const id = await created(hubspot, 'h1', '1:A1;2');
    const stranger = hubspot.sandbox.edit({ record: 'contact', set: { lastname: 'Stranger' } });
    hubspot.sandbox.edit({ record: 'association', set: { contact: stranger, company: id } });
    const narrow = companies({ account: hubspotAccount('main'), members: FIELD, labels: ['A2'] });
    await narrow.write(hubspot.session(), [update('h1', id, { [FIELD]: '1:A2' })]);
    expect(await shown(hubspot, id)).toBe('1:A1+A2');
    const linked = (await contactsOf(hubspot.session(), [id])).get(id) ?? [];
    expect(linked.map((each) => each.contact)).toContain(stranger);
    expect(linked.length).toBe(2);
  });
});

describe('members that cannot be written yet', () => {
  test('make their company wait for them, after the others have joined', async () => {
    await using hubspot = await town();
    const results = await target.write(hubspot.session(), [
      create('h1', { [FIELD]: '1:A1;77:A2' }),
      create('h2', { [FIELD]: '2' }),
    ]);
    expect(results.get('h2')).toMatchObject({ ok: true });
    expect(results.get('h1')).toMatchObject({
      fault: { kind: 'waiting', waitingFor: 'patron/77', field: FIELD },
    });
    const [found] = (await target.find(hubspot.session(), [create('h1')])).get('h1') ?? [];
    expect(await shown(hubspot, found?.targetId ?? '')).toBe('1:A1');
    patron(hubspot, '77');
    const again = await target.write(hubspot.session(), [create('h1', { [FIELD]: '1:A1;77:A2' })]);
    expect(again.get('h1')).toEqual({ ok: true, targetId: found?.targetId, created: false });
    expect(await shown(hubspot, found?.targetId ?? '')).toBe('1:A1;77:A2');
  });

  test('a label that the account lacks is named', async () => {
    await using hubspot = await town();
    const results = await target.write(hubspot.session(), [create('h1', { [FIELD]: '1:Cousin' })]);
    expect(results.get('h1')).toMatchObject({ fault: { kind: 'rejected', field: FIELD } });
    expect(said(results.get('h1'))).toContain('no label "Cousin" between companies and contacts');
  });

  test('a text that is none is a mistake of the mapping', async () => {
    await using hubspot = await town();
    const results = await target.write(hubspot.session(), [create('h1', { [FIELD]: '1:A1:A2' })]);
    expect(said(results.get('h1'))).toContain('membersText');
  });

  test('trouble with associations is the trouble of every company that has members, and of no other', async () => {
    await using hubspot = await town();
    const results = await target.write(
      hubspot.session({
        http: async (request) => {
          if (request.url.includes('/batch/create')) return { status: 503, headers: {}, body: '' };
          return await real(request);
        },
      }),
      [create('h1', { [FIELD]: '1:A1' }), create('h2')],
    );
    expect(results.get('h1')).toMatchObject({ fault: { kind: 'unknown-outcome' } });
    expect(results.get('h2')).toMatchObject({ ok: true });
  });
});

test('two households of one name are two companies, and neither has a domain', async () => {
  await using hubspot = await town();
  const results = await target.write(hubspot.session(), [
    create('h1', { name: 'The Smiths' }),
    create('h2', { name: 'The Smiths' }),
  ]);
  expect(new Set([...results.values()].map(idOf)).size).toBe(2);
  expect(hubspot.sandbox.peek('company', idOf(results.get('h1')))?.domain ?? '').toBe('');
});
