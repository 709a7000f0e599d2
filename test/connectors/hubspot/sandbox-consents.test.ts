import { PublicUpdateSubscriptionStatusRequestLegalBasisEnum as Basis } from '@hubspot/api-client/lib/codegen/communication_preferences/models/PublicUpdateSubscriptionStatusRequest.js';
import { describe, expect, test } from 'vitest';
import { type Json, officialClient, openAccount, receiver } from './sandbox-account.ts';

const BASE = '/communication-preferences/2026-09';
const EMAIL = 'ann@example.test';
const ALL = `${BASE}/statuses/${EMAIL}/unsubscribe-all?channel=EMAIL`;
const CONTACTS = '/crm/objects/2026-09/contacts';
const [MARKETING, MEMBERS] = [801_001, 801_002];

function open() {
  const account = openAccount();
  const { call } = account;
  const set = async (subscriptionId: number, statusState: string, more: Json = {}) =>
    await call('POST', `${BASE}/statuses/${EMAIL}`, {
      subscriptionId,
      statusState,
      channel: 'EMAIL',
      ...more,
    });
  const states = async () => {
    const { json } = await call('GET', `${BASE}/statuses/${EMAIL}?channel=EMAIL`);
    return Object.fromEntries((json.results as Json[]).map((each) => [each.subscriptionId, each.status]));
  };
  const optouts = (id: string) => {
    const shown = Object.entries(account.sandbox.peek('contact', id) ?? {});
    return Object.fromEntries(shown.filter(([name]) => name.startsWith('hs_email_optout')));
  };
  return { ...account, set, states, optouts };
}

test('preferences belong to the address: without a contact, and for the one that comes later', async () => {
  const { sandbox, set, states, optouts } = open();
  expect(await states()).toEqual({
    801001: 'NOT_SPECIFIED',
    801002: 'NOT_SPECIFIED',
    801003: 'NOT_SPECIFIED',
  });
  await set(MARKETING, 'UNSUBSCRIBED');
  await set(MEMBERS, 'SUBSCRIBED');
  expect(await states()).toEqual({ 801001: 'UNSUBSCRIBED', 801002: 'SUBSCRIBED', 801003: 'NOT_SPECIFIED' });
  const id = sandbox.edit({ record: 'contact', set: { email: ' ANN@example.test' } });
  expect(optouts(id)).toEqual({ hs_email_optout_801001: 'true', hs_email_optout_801002: 'false' });
  sandbox.edit({ record: 'contact', id, set: { email: 'new@example.test' } });
  expect(optouts(id)).toEqual({ hs_email_optout_801001: 'false', hs_email_optout_801002: 'false' });
});

test('the reason says whether a write changed anything', async () => {
  const { set, call } = open();
  const reason = async (state: string) =>
    ((await set(MARKETING, state)).json.results as Json[])[0]?.setStatusSuccessReason;
  expect(await reason('SUBSCRIBED')).toBe('REQUESTED_CHANGE_OCCURRED');
  expect(await reason('SUBSCRIBED')).toBe('NO_STATUS_CHANGE');
  expect(await reason('UNSUBSCRIBED')).toBe('REQUESTED_CHANGE_OCCURRED');
  expect(await reason('SUBSCRIBED')).toBe('RESUBSCRIBE_OCCURRED');
  const all = await call('POST', `${ALL}&verbose=true`);
  expect(all.json.results).toEqual([1, 2, 3].map(() => expect.objectContaining({ status: 'UNSUBSCRIBED' })));
});

test('unsubscribed from all covers every topic, until one is granted again', async () => {
  const { call, set, states, sandbox, optouts } = open();
  const id = sandbox.edit({ record: 'contact', set: { email: EMAIL } });
  await set(MEMBERS, 'SUBSCRIBED');
  expect((await call('GET', ALL)).json.results).toEqual([]);
  await call('POST', ALL);
  expect((await call('GET', ALL)).json.results).toMatchObject([
    { status: 'UNSUBSCRIBED', wideStatusType: 'PORTAL_WIDE' },
  ]);
  expect(new Set(Object.values(await states()))).toEqual(new Set(['UNSUBSCRIBED']));
  expect(optouts(id)).toEqual({ hs_email_optout: 'true', hs_email_optout_801002: 'false' });
  await set(MEMBERS, 'SUBSCRIBED');
  expect(await states()).toEqual({ 801001: 'UNSUBSCRIBED', 801002: 'SUBSCRIBED', 801003: 'UNSUBSCRIBED' });
  expect(optouts(id)).toEqual({
    hs_email_optout: 'false',
    hs_email_optout_801001: 'true',
    hs_email_optout_801002: 'false',
    hs_email_optout_801003: 'true',
  });
});

describe('who decided', () => {
  test.each([
    ['person', 'EMAIL', 'Unsubscribe link'],
    ['staff', 'CRM_UI', 'CRM_UI'],
  ] as const)('a %s: in the history, in the webhook and in the status', async (by, sourceType, source) => {
    const { sandbox, call } = open();
    const id = sandbox.edit({ record: 'contact', set: { email: EMAIL } });
    const { events, deliver } = receiver(sandbox);
    sandbox.advance(1_000);
    sandbox.edit({
      record: 'subscription',
      id: EMAIL,
      by,
      set: { all: 'UNSUBSCRIBED', [MARKETING]: 'UNSUBSCRIBED' },
    });
    const { json } = await call('GET', `${CONTACTS}/${id}?propertiesWithHistory=hs_email_optout`);
    expect(json.propertiesWithHistory).toMatchObject({ hs_email_optout: [{ value: 'true', sourceType }] });
    await deliver();
    expect(events().map((each) => [each.propertyName, each.propertyValue, each.changeSource])).toEqual([
      ['hs_email_optout_801001', 'true', sourceType],
      ['hs_email_optout', 'true', sourceType],
    ]);
    const status = await call('GET', `${BASE}/statuses/${EMAIL}?channel=EMAIL`);
    expect((status.json.results as Json[])[0]).toMatchObject({
      source,
      timestamp: '2026-11-24T12:00:01.000Z',
    });
  });

  test('an app, by its id', async () => {
    const { sandbox, call, set } = open();
    const id = sandbox.edit({ record: 'contact', set: { email: EMAIL } });
    await set(MARKETING, 'UNSUBSCRIBED');
    const name = `hs_email_optout_${MARKETING}`;
    const { json } = await call('GET', `${CONTACTS}/${id}?propertiesWithHistory=${name}`);
    const sourceId = String(sandbox.appId);
    expect(json.propertiesWithHistory).toMatchObject({ [name]: [{ sourceType: 'INTEGRATION', sourceId }] });
  });
});

describe('refused', () => {
  test('the properties cannot be written', async () => {
    const { call } = open();
    for (const name of ['hs_email_optout', `hs_email_optout_${MARKETING}`]) {
      const reply = await call('POST', CONTACTS, { properties: { [name]: 'false' } });
      expect(reply).toMatchObject({ status: 400, json: { errors: [{ code: 'READ_ONLY_VALUE' }] } });
    }
  });

  test('an unknown topic, another channel, no address', async () => {
    const { call, set } = open();
    expect(await set(4711, 'SUBSCRIBED')).toMatchObject({
      status: 400,
      json: { category: 'VALIDATION_ERROR' },
    });
    expect((await call('GET', `${BASE}/statuses/${EMAIL}`)).status).toBe(400);
    expect((await call('GET', `${BASE}/statuses/nobody?channel=EMAIL`)).status).toBe(400);
    expect((await set(MARKETING, 'SUBSCRIBED', { channel: 'SMS' })).status).toBe(400);
  });

  test('a grant without a legal basis where data privacy is on; a denial needs none', async () => {
    const { sandbox, set } = open();
    sandbox.setFaults({ 'data-privacy': true });
    expect((await set(MARKETING, 'UNSUBSCRIBED')).status).toBe(200);
    expect((await set(MARKETING, 'SUBSCRIBED')).status).toBe(400);
    const basis = { legalBasis: 'CONSENT_WITH_NOTICE', legalBasisExplanation: 'box office' };
    expect((await set(MARKETING, 'SUBSCRIBED', basis)).json.results).toMatchObject([basis]);
  });

  test('what no person can do', () => {
    const { sandbox } = open();
    const edit = (id: string, set: Record<string, string>) => () =>
      sandbox.edit({ record: 'subscription', id, set });
    expect(edit('51000001', { all: 'UNSUBSCRIBED' })).toThrow('e-mail address');
    expect(edit(EMAIL, { all: 'SUBSCRIBED' })).toThrow('nobody subscribes to everything');
    expect(edit(EMAIL, { 1: 'UNSUBSCRIBED' })).toThrow('no subscription type 1');
    expect(edit(EMAIL, { 801001: 'maybe' })).toThrow('not maybe');
  });
});

test('a bounce shows on the contact', async () => {
  const { sandbox, call } = open();
  const id = sandbox.edit({ record: 'contact', set: { email: EMAIL } });
  sandbox.edit({ record: 'bounce', id: `email:${EMAIL}`, set: { reason: 'MAILBOX_FULL' } });
  const name = 'hs_email_hard_bounce_reason_enum';
  const { json } = await call('GET', `${CONTACTS}/${id}?propertiesWithHistory=${name}`);
  expect(json.properties).toMatchObject({ [name]: 'MAILBOX_FULL' });
});

test('the official client knows the v3 form, which never grants again what was denied', async () => {
  await using account = await officialClient();
  const { definitionApi, statusApi } = account.client.communicationPreferences;
  const { subscriptionDefinitions } = await definitionApi.getPage();
  expect(subscriptionDefinitions.map((each) => each.name)).toContain('Membership');
  const request = {
    emailAddress: EMAIL,
    subscriptionId: String(MEMBERS),
    legalBasis: Basis.NonGdpr,
    legalBasisExplanation: 'box office',
  };
  expect(await statusApi.subscribe(request)).toMatchObject({ status: 'SUBSCRIBED', legalBasis: 'NON_GDPR' });
  expect(await statusApi.unsubscribe(request)).toMatchObject({ status: 'NOT_SUBSCRIBED' });
  await expect(statusApi.subscribe(request)).rejects.toMatchObject({ code: 400 });
  const { subscriptionStatuses } = await statusApi.getEmailStatus(EMAIL);
  expect(subscriptionStatuses.map((each) => each.status)).toEqual(Array(3).fill('NOT_SUBSCRIBED'));
});
