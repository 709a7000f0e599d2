import { describe, expect, test } from 'vitest';
import { contacts, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import type { Write, WriteResult } from '../../../shared/engine/resource.ts';
import { nodeHttp } from '../session.ts';
import { type Hubspot, START, startHubspot } from './world.ts';

const TOPIC = 801_001;
const OTHER_TOPIC = 801_002;
const account = hubspotAccount('main');
const consent = { field: 'email_consent', subscriptionId: TOPIC };
const target = contacts({ account, match: 'email', consent });
const NAMES = ['email', 'email_consent'];

const create = (ref: string, fields: Fields = {}): Write => ({
  kind: 'create',
  ref,
  fields: { email: `p${ref}@example.test`, ...fields },
});
const update = (ref: string, targetId: string, fields: Fields): Write => ({
  kind: 'update',
  ref,
  targetId,
  fields,
});
const said = (result: WriteResult | undefined) =>
  result && 'fault' in result ? (result.fault?.message ?? '') : 'no fault';

async function created(hubspot: Hubspot, ref: string, fields: Fields = {}): Promise<string> {
  const done = (await target.write(hubspot.session(), [create(ref, fields)])).get(ref);
  return done?.ok ? done.targetId : `not created: ${said(done)}`;
}

const shown = async (hubspot: Hubspot, id: string) => {
  const read = await target.readOne(hubspot.session(), id, NAMES, ['email_consent']);
  return read.state === 'present'
    ? {
        consent: read.record.email_consent,
        history: (read.history?.email_consent ?? []).map(({ value, at, by }) => [value, at - START, by]),
      }
    : read.state;
};

async function shownHistory(hubspot: Hubspot, id: string): Promise<unknown[][]> {
  const contact = await shown(hubspot, id);
  return typeof contact === 'string' ? [] : contact.history;
}

describe('a consent that is written', () => {
  test.each(['v3', '2026-03', '2026-09'])('reads as it was written, in %s', async (apiVersion) => {
    await using hubspot = await startHubspot();
    const session = hubspot.session({ secret: { ...hubspot.secret, apiVersion } });
    const results = await target.write(session, [
      create('1', { email_consent: 'granted' }),
      create('2', { email_consent: 'denied' }),
      create('3', { email_consent: null }),
    ]);
    const ids = [...results.values()].map((each) => (each.ok ? each.targetId : said(each)));
    const read = await target.read(session, ids, NAMES);
    expect(ids.map((id) => read.get(id))).toEqual(
      ['granted', 'denied', null].map((state, n) => ({
        state: 'present',
        record: { email: `p${n + 1}@example.test`, email_consent: state },
      })),
    );
    expect(hubspot.sandbox.peek('subscription', 'p1@example.test')?.[OTHER_TOPIC]).toBe('NOT_SPECIFIED');
  });

  test('is ours in the history, and may be written again', async () => {
    await using hubspot = await startHubspot();
    const id = await created(hubspot, '1', { email_consent: 'denied' });
    hubspot.sandbox.advance(1_000);
    const again = await target.write(hubspot.session(), [update('1', id, { email_consent: 'denied' })]);
    expect(again.get('1')).toEqual({ ok: true, targetId: id, created: false });
    expect(await shown(hubspot, id)).toEqual({ consent: 'denied', history: [['denied', 0, 'us']] });
  });

  test('alone needs the address, not a write of the contact', async () => {
    await using hubspot = await startHubspot();
    const ids = [await created(hubspot, '1'), await created(hubspot, '2')];
    const session = hubspot.session();
    const writes = ids.map((id, n) => update(String(n + 1), id, { email_consent: 'denied' }));
    await target.write(session, writes);
    expect(session.sent).toEqual(['contacts.read', 'preferences.write-batch']);
    expect((await shown(hubspot, ids[1] ?? '')).valueOf()).toMatchObject({ consent: 'denied' });
  });

  test('goes to the address that the same write gives the contact', async () => {
    await using hubspot = await startHubspot();
    const id = await created(hubspot, '1');
    const fields = { email: 'New@Example.test', email_consent: 'denied' };
    await target.write(hubspot.session(), [update('1', id, fields)]);
    expect(hubspot.sandbox.peek('subscription', 'new@example.test')?.[TOPIC]).toBe('UNSUBSCRIBED');
    expect(hubspot.sandbox.peek('subscription', 'p1@example.test')?.[TOPIC]).toBe('NOT_SPECIFIED');
  });

  test('needs an address, and a contact', async () => {
    await using hubspot = await startHubspot();
    const without = await created(hubspot, '1', { email: null });
    const results = await target.write(hubspot.session(), [
      update('1', without, { email_consent: 'denied' }),
      create('2', { email: null, email_consent: 'granted' }),
      create('3', { email: null, email_consent: null }),
      update('4', '999', { email_consent: 'denied' }),
      create('5', { email_consent: 'denied' }),
    ]);
    for (const ref of ['1', '2']) {
      expect(results.get(ref)).toMatchObject({ fault: { kind: 'rejected', field: 'email_consent' } });
      expect(said(results.get(ref))).toContain('the contact has no e-mail address');
    }
    expect(results.get('3')).toMatchObject({ ok: true });
    expect(results.get('4')).toEqual({ ok: false, lost: true });
    expect(results.get('5')).toMatchObject({ ok: true, created: true });
  });

  test('that is neither a yes nor a no is a mistake of the mapping', async () => {
    await using hubspot = await startHubspot();
    const results = await target.write(hubspot.session(), [
      create('1', { email_consent: 'maybe' }),
      create('2', { email_consent: 'denied' }),
    ]);
    expect(results.get('1')).toMatchObject({ fault: { kind: 'rejected', field: 'email_consent' } });
    expect(said(results.get('1'))).toContain('granted, denied or empty');
    expect(results.get('2')).toMatchObject({ ok: true });
  });

  test('of a subscription type that the account lacks is refused, and the contact is written', async () => {
    await using hubspot = await startHubspot();
    const wrong = contacts({ account, consent: { field: 'email_consent', subscriptionId: 77 } });
    const results = await wrong.write(hubspot.session(), [create('1', { email_consent: 'denied' })]);
    expect(results.get('1')).toMatchObject({
      fault: { kind: 'rejected', field: 'email_consent', status: 400 },
    });
    expect(said(results.get('1'))).toContain('subscription type 77 with no legal basis');
    expect(hubspot.sandbox.peek('contact', 'tessitura_constituent_id:1')).toBeDefined();
  });

  test('that is refused among others is tried alone, which tells why, and the others are done', async () => {
    await using hubspot = await startHubspot();
    hubspot.sandbox.setFaults({ 'data-privacy': true });
    const session = hubspot.session();
    const results = await target.write(session, [
      create('1', { email_consent: 'denied' }),
      create('2', { email_consent: 'granted' }),
      create('3', { email_consent: 'denied' }),
    ]);
    expect([...results.values()].map((each) => each.ok)).toEqual([true, false, true]);
    expect(said(results.get('2'))).toContain('legal');
    expect(session.sent.filter((each) => each.startsWith('preferences'))).toEqual([
      'preferences.write-batch',
      'preferences.write',
    ]);
  });

  test('carries the legal basis that an account with data privacy demands', async () => {
    await using hubspot = await startHubspot();
    hubspot.sandbox.setFaults({ 'data-privacy': true });
    const refused = await target.write(hubspot.session(), [create('1', { email_consent: 'granted' })]);
    expect(said(refused.get('1'))).toContain('legalBasis is required');
    const lawful = contacts({
      account,
      consent: { ...consent, legalBasis: 'CONSENT_WITH_NOTICE', legalBasisExplanation: 'Box office' },
    });
    const done = await lawful.write(hubspot.session(), [create('1', { email_consent: 'granted' })]);
    expect(done.get('1')).toMatchObject({ ok: true });
  });

  test('is not tried for the rest of a hundred when the account is refused', async () => {
    await using hubspot = await startHubspot();
    const real = nodeHttp();
    const body = JSON.stringify({ status: 'error', errorType: 'RATE_LIMIT', policyName: 'DAILY' });
    const http: Http = async (request) =>
      request.url.includes('/statuses/') ? { status: 429, headers: {}, body } : await real(request);
    const session = hubspot.session({ http });
    const writes = Array.from({ length: 100 }, (_, n) => create(String(n), { email_consent: 'denied' }));
    const results = await target.write(session, writes);
    expect([...results.values()].every((each) => !each.ok && !each.lost)).toBe(true);
    expect(results.get('99')).toMatchObject({ fault: { kind: 'rate-limited' } });
    expect(session.sent.filter((each) => each.startsWith('preferences'))).toEqual([
      'preferences.write-batch',
    ]);
  });
});

describe('a person who unsubscribes', () => {
  test('by the link is the person, and their yes later is too', async () => {
    await using hubspot = await startHubspot();
    const { sandbox } = hubspot;
    const id = await created(hubspot, '1', { email_consent: 'granted' });
    const email = 'p1@example.test';
    sandbox.advance(1_000);
    sandbox.edit({ record: 'subscription', id: email, set: { [TOPIC]: 'UNSUBSCRIBED' }, by: 'person' });
    sandbox.advance(1_000);
    sandbox.edit({ record: 'subscription', id: email, set: { [TOPIC]: 'SUBSCRIBED' }, by: 'person' });
    sandbox.advance(1_000);
    sandbox.edit({ record: 'subscription', id: email, set: { [TOPIC]: 'UNSUBSCRIBED' }, by: 'staff' });
    expect(await shown(hubspot, id)).toEqual({
      consent: 'denied',
      history: [
        ['granted', 0, 'us'],
        ['denied', 1_000, 'person'],
        ['granted', 2_000, 'person'],
        ['denied', 3_000, 'other'],
      ],
    });
  });

  test('and then gives another address has not said yes by that', async () => {
    await using hubspot = await startHubspot();
    const { sandbox } = hubspot;
    const id = await created(hubspot, '1', { email_consent: 'denied' });
    sandbox.advance(60_000);
    sandbox.edit({ record: 'contact', id, set: { email: 'new@example.test' }, by: 'person' });
    expect((await shownHistory(hubspot, id)).filter(([, , by]) => by === 'person')).toEqual([]);
    sandbox.advance(60_000);
    sandbox.edit({
      record: 'subscription',
      id: 'new@example.test',
      set: { [TOPIC]: 'UNSUBSCRIBED' },
      by: 'person',
    });
    expect((await shownHistory(hubspot, id)).at(-1)).toEqual(['denied', 120_000, 'person']);
  });

  test('from everything has denied every topic, and a yes to one lifts that', async () => {
    await using hubspot = await startHubspot();
    const id = await created(hubspot, '1', { email_consent: 'granted' });
    hubspot.sandbox.advance(1_000);
    hubspot.sandbox.edit({
      record: 'subscription',
      id: 'p1@example.test',
      set: { all: 'UNSUBSCRIBED' },
      by: 'person',
    });
    expect(await shown(hubspot, id)).toMatchObject({ consent: 'denied' });
    hubspot.sandbox.advance(1_000);
    const done = await target.write(hubspot.session(), [update('1', id, { email_consent: 'granted' })]);
    expect(done.get('1')).toMatchObject({ ok: true });
    const { consent: now, history } = Object(await shown(hubspot, id));
    expect(now).toBe('granted');
    expect(history.slice(0, 2)).toEqual([
      ['granted', 0, 'us'],
      ['denied', 1_000, 'person'],
    ]);
    expect(history.at(-1)).toEqual(['granted', 2_000, 'us']);
  });
});

describe('a consent to every e-mail', () => {
  const all = contacts({ account, consent: [{ field: 'any_email' }, consent] });

  test('can be denied, and not be given back by us', async () => {
    await using hubspot = await startHubspot();
    const results = await all.write(hubspot.session(), [
      create('1', { any_email: 'denied' }),
      create('2', { any_email: 'granted' }),
    ]);
    expect(hubspot.sandbox.peek('subscription', 'p1@example.test')?.all).toBe('UNSUBSCRIBED');
    expect(results.get('1')).toMatchObject({ ok: true });
    expect(results.get('2')).toMatchObject({ fault: { kind: 'rejected', field: 'any_email' } });
    expect(said(results.get('2'))).toContain('by topic only');
  });

  test('holds when a topic is granted in the same write', async () => {
    await using hubspot = await startHubspot();
    await all.write(hubspot.session(), [create('1', { any_email: 'denied', email_consent: 'granted' })]);
    expect(hubspot.sandbox.peek('subscription', 'p1@example.test')?.all).toBe('UNSUBSCRIBED');
  });
});
