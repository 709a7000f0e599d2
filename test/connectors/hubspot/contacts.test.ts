import { describe, expect, test } from 'vitest';
import { contacts, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { Write, WriteResult } from '../../../shared/engine/resource.ts';
import { faultOf } from '../contract.ts';
import { startHubspot } from './world.ts';

const target = contacts({ account: hubspotAccount('main'), match: 'email' });
const create = (ref: string, fields: Fields = {}): Write => ({
  kind: 'create',
  ref,
  fields: { email: `p${ref}@example.test`, ...fields },
});
/** A fault's message is not part of its JSON. */
const said = (result: WriteResult | undefined) =>
  result && 'fault' in result ? (result.fault?.message ?? '') : 'no fault';
const VERSIONS = ['v3', '2026-03', '2026-09'];

describe('a batch that fails in part', () => {
  test.each(VERSIONS)(
    'keeps the other records and names the field of the refused one, in %s',
    async (apiVersion) => {
      await using hubspot = await startHubspot();
      const session = hubspot.session({ secret: { ...hubspot.secret, apiVersion } });
      const results = await target.write(session, [
        create('1'),
        create('2', { email: 'anna at home' }),
        create('3'),
      ]);
      expect(results.get('1')).toMatchObject({ ok: true, created: true });
      expect(results.get('3')).toMatchObject({ ok: true, created: true });
      expect(results.get('2')).toMatchObject({ ok: false, fault: { kind: 'rejected', field: 'email' } });
      expect(said(results.get('2'))).toBe(
        'HubSpot refuses property email: HubSpot does not accept this e-mail address (INVALID_EMAIL)',
      );
      expect(session.sent).toEqual(['contacts.upsert']);
    },
  );

  test('says that the match value is held, and find tells by whom', async () => {
    await using hubspot = await startHubspot();
    const held = hubspot.sandbox.edit({ record: 'contact', set: { email: 'Shared@Example.test' } });
    const wanted = create('7', { email: 'shared@example.test' });
    const results = await target.write(hubspot.session(), [wanted, create('8')]);
    expect(results.get('8')).toMatchObject({ ok: true });
    const failed = results.get('7');
    expect(failed).toMatchObject({ ok: false, fault: { kind: 'conflict' } });
    expect(said(failed)).toContain(`held by contact ${held} in HubSpot`);
    expect(said(failed)).not.toMatch(/example\.test|@/);
    expect((await target.find(hubspot.session(), [wanted])).get('7')).toEqual([
      { targetId: held, by: 'match' },
    ]);
  });

  test('the holder of an e-mail is found with the reference it carries', async () => {
    await using hubspot = await startHubspot();
    const done = await target.write(hubspot.session(), [create('1')]);
    const first = done.get('1');
    const wanted = { ref: '2', fields: { email: ' P1@EXAMPLE.test ' } };
    const found = await target.find(hubspot.session(), [wanted]);
    expect(found.get('2')).toEqual([{ targetId: first?.ok && first.targetId, ref: '1', by: 'match' }]);
  });

  test('two new records with one e-mail: the first is created, the second told that it is held', async () => {
    await using hubspot = await startHubspot();
    const twin = { email: 'both@example.test' };
    const results = await target.write(hubspot.session(), [create('1', twin), create('2', twin)]);
    expect(results.get('1')).toMatchObject({ ok: true });
    expect(results.get('2')).toMatchObject({ fault: { kind: 'conflict' } });
    expect(hubspot.sandbox.state('').counters).toMatchObject({ creates: 1, duplicates: 0 });
  });
});

describe('a batch that is refused as a whole', () => {
  const many = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) =>
      create(String(from + n), { email: `p${from + n}@example.test` }),
    );

  test('is thrown as rejected with the field when it is the only call, and nothing is written', async () => {
    await using hubspot = await startHubspot();
    hubspot.sandbox.setFaults({ 'batch-refused': true });
    const fault = await faultOf(target.write(hubspot.session(), many(1000, 1100)));
    expect(fault).toMatchObject({ kind: 'rejected', status: 400, field: 'phone' });
    expect(hubspot.sandbox.state('').records.contact).toBe(0);
  });

  test('is narrowed down to its refused records when other calls went well beside it', async () => {
    await using hubspot = await startHubspot();
    const before = await target.write(hubspot.session(), [create('1')]);
    const known = before.get('1');
    hubspot.sandbox.setFaults({ 'batch-refused': true });
    const writes = many(1000, 1090);
    const results = await target.write(hubspot.session(), [
      ...writes,
      { kind: 'remove', ref: '1', fields: {}, targetId: known?.ok ? known.targetId : '' },
    ]);
    const refused = writes.filter(({ ref }) => !results.get(ref)?.ok);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(10);
    expect(results.size).toBe(91);
    expect(results.get('1')?.ok).toBe(true);
    expect(hubspot.sandbox.state('').records.contact).toBe(90 - refused.length);
  });

  test('a rule of the account refuses the same records one by one with trace ids', async () => {
    await using hubspot = await startHubspot();
    hubspot.sandbox.setFaults({ 'validation-rule': true });
    const results = await target.write(hubspot.session(), many(1000, 1100));
    const refused = [...results.values()].filter((each) => !each.ok);
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused) expect(each).toMatchObject({ fault: { kind: 'rejected', field: 'phone' } });
    hubspot.sandbox.setFaults({ 'validation-rule': false });
    const again = await target.write(hubspot.session(), many(1000, 1100));
    expect([...again.values()].every((each) => each.ok)).toBe(true);
    expect(hubspot.sandbox.state('').counters.creates).toBe(100);
  });

  test('a property that the account lacks is named, and holds the flow', async () => {
    await using hubspot = await startHubspot();
    const results = await target.write(hubspot.session(), [create('1', { favourite_seat: 'A12' })]);
    expect(results.get('1')).toMatchObject({ fault: { kind: 'contract-changed', field: 'favourite_seat' } });
    expect(said(results.get('1'))).toContain('does not exist in this account');
  });
});

describe('our reference', () => {
  const update = (targetId: string): Write => ({
    kind: 'update',
    ref: '7',
    targetId,
    fields: { lastname: 'Ng' },
  });

  test('is stamped by the update that adopts a contact matched by e-mail', async () => {
    await using hubspot = await startHubspot();
    const id = hubspot.sandbox.edit({ record: 'contact', set: { email: 'ann@example.test' } });
    const session = hubspot.session();
    await target.write(session, [{ ...update(id), adopts: true }]);
    expect(hubspot.sandbox.peek('contact', 'tessitura_constituent_id:7')).toMatchObject({
      id,
      lastname: 'Ng',
    });
  });

  test('of another patron is not overwritten by a plain update', async () => {
    await using hubspot = await startHubspot();
    const set = { email: 'ann@example.test', tessitura_constituent_id: '6' };
    const id = hubspot.sandbox.edit({ record: 'contact', set });
    const session = hubspot.session();
    await target.write(session, [update(id)]);
    expect(hubspot.sandbox.peek('contact', id)).toMatchObject({ tessitura_constituent_id: '6' });
  });
});

describe('records that were merged or deleted', () => {
  const merge = async (baseUrl: string, secret: Readonly<Record<string, unknown>>, ids: string[]) => {
    const auth: unknown = secret.auth;
    const token = (auth as { accessToken: string }).accessToken;
    const reply = await fetch(`${baseUrl}/crm/objects/2026-09/contacts/merge`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ primaryObjectId: ids[0], objectIdToMerge: ids[1] }),
    });
    return ((await reply.json()) as { id: string }).id;
  };

  test('a merged id reads as merged into the survivor, in bulk as unseen, and its update is lost', async () => {
    await using hubspot = await startHubspot();
    const made = await target.write(hubspot.session(), [create('1'), create('2')]);
    const ids = ['1', '2'].map((ref) => {
      const result = made.get(ref);
      return result?.ok ? result.targetId : '';
    });
    const survivor = await merge(hubspot.baseUrl, hubspot.secret, ids);
    expect(ids).not.toContain(survivor);
    expect(await target.readOne(hubspot.session(), ids[1] ?? '', ['email'])).toEqual({
      state: 'merged',
      into: survivor,
    });
    expect((await target.read(hubspot.session(), ids, ['email'])).size).toBe(0);
    const update: Write = { kind: 'update', ref: '2', targetId: ids[1] ?? '', fields: { lastname: 'X' } };
    expect((await target.write(hubspot.session(), [update])).get('2')).toEqual({ ok: false, lost: true });
    const found = await target.find(hubspot.session(), [{ ref: '1', fields: {} }]);
    expect(found.get('1')).toEqual([{ targetId: survivor, ref: '1', by: 'reference' }]);
    // The other contact's address lives on as an additional one, by which it is still found.
    const other = await target.find(hubspot.session(), [{ ref: '9', fields: { email: 'p2@example.test' } }]);
    expect(other.get('9')).toEqual([{ targetId: survivor, ref: '1', by: 'match' }]);
  });

  test('removing twice, or what was never linked, does no harm', async () => {
    await using hubspot = await startHubspot();
    const id = hubspot.sandbox.edit({ record: 'contact', set: { lastname: 'X' } });
    const remove: Write = { kind: 'remove', ref: '1', targetId: id, fields: {} };
    expect((await target.write(hubspot.session(), [remove])).get('1')).toMatchObject({ ok: true });
    expect((await target.write(hubspot.session(), [remove])).get('1')).toMatchObject({ ok: true });
    const quiet = hubspot.session();
    const unlinked: Write = { kind: 'remove', ref: '1', fields: {} };
    expect((await target.write(quiet, [unlinked])).get('1')).toEqual({ ok: false, lost: true });
    expect(quiet.sent).toEqual([]);
  });
});

test('list pages through everything and shows only contacts that carry a reference', async () => {
  await using hubspot = await startHubspot();
  for (let n = 0; n < 250; n += 1) {
    const set = n % 2 ? { lastname: `N${n}` } : { tessitura_constituent_id: String(n) };
    hubspot.sandbox.edit({ record: 'contact', set });
  }
  const refs: string[] = [];
  let page: string | undefined;
  const session = hubspot.session();
  do {
    const reply = await target.list(session, page);
    refs.push(...reply.items.map((each) => each.ref));
    page = reply.next;
  } while (page !== undefined);
  expect(refs).toEqual(Array.from({ length: 125 }, (_, n) => String(n * 2)));
  expect(session.sent.length).toBe(3);
});

test('what HubSpot tells of its limits is passed on', async () => {
  await using hubspot = await startHubspot();
  const session = hubspot.session();
  await target.list(session);
  expect(session.observed).toEqual([
    { limit: 190, remaining: 189, windowMs: 10_000, dailyLimit: 650_000, dailyRemaining: 649_999 },
  ]);
});

test('a clearing is written as an empty value and reads as null', async () => {
  await using hubspot = await startHubspot();
  const made = (
    await target.write(hubspot.session(), [
      create('1', { phone: '+441', tessitura_membership_via_household: true }),
    ])
  ).get('1');
  const targetId = made?.ok ? made.targetId : '';
  await target.write(hubspot.session(), [{ kind: 'update', ref: '1', targetId, fields: { phone: null } }]);
  const read = await target.readOne(hubspot.session(), targetId, [
    'phone',
    'tessitura_membership_via_household',
  ]);
  expect(read).toEqual({
    state: 'present',
    record: { phone: null, tessitura_membership_via_household: 'true' },
  });
});
