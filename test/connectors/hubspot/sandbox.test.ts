import { describe, expect, test } from 'vitest';
import { hubspotSandbox } from '../../../shared/connectors/hubspot/sandbox.ts';
import type { SandboxOptions } from '../../../shared/connectors/sandbox.ts';
import { START } from './world.ts';

type Json = Record<string, unknown>;
const DATED = '/crm/objects/2026-09/contacts';
const V3 = '/crm/v3/objects/contacts';
const reference = 'tessitura_constituent_id';

function open(options: Partial<SandboxOptions> = {}) {
  const sandbox = hubspotSandbox({ seed: 3, size: 0, now: () => START, ...options });
  const auth = sandbox.state('http://127.0.0.1:1').secret.auth as { accessToken: string };
  const call = async (method: string, path: string, body?: unknown, token = auth.accessToken) => {
    const reply = await sandbox.app.request(path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await reply.text();
    const json: Json = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: reply.status, headers: reply.headers, json };
  };
  const counters = () => sandbox.state('').counters;
  return { sandbox, call, counters };
}
const input = (id: string, properties: Json = {}, more: Json = {}) => ({
  id,
  idProperty: reference,
  objectWriteTraceId: id,
  properties: { lastname: `N${id}`, ...properties },
  ...more,
});

describe('refused as HubSpot refuses', () => {
  const many = Array.from({ length: 101 }, (_, n) => input(String(n)));
  test.each(
    [
      ['a wrong token', 401, 'GET', DATED, undefined, 'nobody'],
      ['no JSON', 400, 'POST', `${DATED}/batch/upsert`, 'oops', undefined],
      ['no inputs', 400, 'POST', `${DATED}/batch/upsert`, {}, undefined],
      ['101 inputs', 400, 'POST', `${DATED}/batch/upsert`, { inputs: many }, undefined],
      ['an id twice', 400, 'POST', `${DATED}/batch/upsert`, { inputs: [input('1'), input('1')] }, undefined],
      [
        'an upsert without idProperty',
        400,
        'POST',
        `${DATED}/batch/upsert`,
        { inputs: [{ id: '1', properties: {} }] },
        undefined,
      ],
      [
        'an upsert by a property that is not unique',
        400,
        'POST',
        `${DATED}/batch/upsert`,
        { inputs: [input('1', {}, { idProperty: 'lastname' })] },
        undefined,
      ],
      [
        'a number as a value',
        400,
        'POST',
        `${DATED}/batch/upsert`,
        { inputs: [input('1', { zip: 8001 })] },
        undefined,
      ],
      ['a list of more than 100', 400, 'GET', `${DATED}?limit=101`, undefined, undefined],
      ['a contact that is not there', 404, 'GET', `${DATED}/1`, undefined, undefined],
      ['a path of an unknown version', 404, 'GET', '/crm/objects/2025-01/contacts', undefined, undefined],
      ['a search past 10,000', 400, 'POST', `${DATED}/search`, { limit: 100, after: '9901' }, undefined],
      ['a search with 201 per page', 400, 'POST', `${DATED}/search`, { limit: 201 }, undefined],
    ].map(([name, status, method, path, body, token]) => ({ name, status, method, path, body, token })),
  )('$name', async ({ status, method, path, body, token }) => {
    const { call, sandbox } = open();
    const reply = await call(
      String(method),
      String(path),
      body,
      token === undefined ? undefined : String(token),
    );
    expect(reply.status).toBe(status);
    expect(sandbox.state('').records.contact).toBe(0);
  });

  test.each([
    ['an unknown property', { shoe_size: '44' }, 'PROPERTY_DOESNT_EXIST', 'shoe_size'],
    ['a read-only property', { createdate: '1' }, 'READ_ONLY_VALUE', 'createdate'],
    ['a bad e-mail address', { email: 'a@b' }, 'INVALID_EMAIL', 'email'],
    ['a value that is no option', { lifecyclestage: 'friend' }, 'INVALID_OPTION', 'lifecyclestage'],
    ['a number that is none', { numemployees: 'few' }, 'INVALID_NUMERIC', 'numemployees'],
    [
      'a yes that is not true',
      { tessitura_membership_via_household: 'yes' },
      'INVALID_OPTION',
      'tessitura_membership_via_household',
    ],
    ['a day that is none', { closedate: '2026-13-40' }, 'INVALID_DATE', 'closedate'],
  ])('%s', async (_, properties, code, name) => {
    const { call } = open();
    const reply = await call('POST', DATED, { properties });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      category: 'VALIDATION_ERROR',
      errors: [{ code, context: { propertyName: [name] } }],
    });
  });

  test('a second contact with the same e-mail, naming the first', async () => {
    const { call, sandbox } = open();
    const id = sandbox.edit({ record: 'contact', set: { email: 'ann@example.test' } });
    const reply = await call('POST', DATED, { properties: { email: ' ANN@example.test' } });
    expect(reply).toMatchObject({ status: 409, json: { category: 'CONFLICT' } });
    expect(reply.json.message).toBe(`Contact already exists. Existing ID: ${id}`);
  });

  test('one bad input refuses the whole batch where an input lacks a trace id', async () => {
    const { call, sandbox } = open();
    const inputs = [input('1'), { ...input('2', { email: 'bad' }), objectWriteTraceId: undefined }];
    expect((await call('POST', `${DATED}/batch/upsert`, { inputs })).status).toBe(400);
    expect(sandbox.state('').records.contact).toBe(0);
  });
});

test.each([
  [V3, 207],
  ['/crm/objects/2026-03/contacts', 207],
  [DATED, 200],
])('a partial failure at %s is %d', async (base, status) => {
  const { call } = open();
  const reply = await call('POST', `${base}/batch/upsert`, {
    inputs: [input('1'), input('2', { email: 'bad' })],
  });
  expect(reply.status).toBe(status);
  expect(reply.json).toMatchObject({ numErrors: 1, results: [{ objectWriteTraceId: '1', new: true }] });
});

describe('limits', () => {
  test('search has its own limit and tells none in headers', async () => {
    const { call, sandbox } = open();
    for (let n = 0; n < 5; n += 1) expect((await call('POST', `${DATED}/search`, {})).status).toBe(200);
    const sixth = await call('POST', `${DATED}/search`, {});
    expect(sixth).toMatchObject({ status: 429, json: { policyName: 'SECONDLY' } });
    expect(sixth.headers.get('x-hubspot-ratelimit-max')).toBeNull();
    expect((await call('GET', DATED)).headers.get('x-hubspot-ratelimit-remaining')).toBe('189');
    sandbox.advance(1_000);
    expect((await call('POST', `${DATED}/search`, {})).status).toBe(200);
  });

  test('the window slides', async () => {
    const { call, sandbox, counters } = open({ rateScale: 2 / 190 });
    const statuses = [];
    for (const wait of [0, 6_000, 0, 4_000, 0]) {
      sandbox.advance(wait);
      statuses.push((await call('GET', DATED)).status);
    }
    expect(statuses).toEqual([200, 200, 429, 200, 429]);
    expect(counters()).toMatchObject({ refused: 2, 'contacts.list': 5 });
  });

  test('the day is used up until midnight in New York', async () => {
    const { call, sandbox } = open({ rateScale: 1 / 650_000 });
    expect((await call('GET', DATED)).status).toBe(200);
    sandbox.advance(60_000);
    expect((await call('GET', DATED)).json.policyName).toBe('DAILY');
    sandbox.advance(17 * 3_600_000);
    expect((await call('GET', DATED)).status).toBe(200);
  });

  test('no limit at all for benchmarks, and the secret says so', async () => {
    const { call, sandbox } = open({ rateScale: Number.POSITIVE_INFINITY });
    for (let n = 0; n < 300; n += 1) expect((await call('GET', DATED)).status).toBe(200);
    const limits = { callsPer10Seconds: null, callsPerDay: null };
    expect(sandbox.state('').secret.limits).toEqual(limits);
  });
});

describe('faults', () => {
  test('a lost reply: the write is done', async () => {
    const { call, sandbox } = open();
    sandbox.setFaults({ 'reply-lost': true });
    await expect(call('POST', DATED, { properties: { email: 'a@example.test' } })).rejects.toThrow('broke');
    expect(sandbox.peek('contact', 'email:a@example.test')).toMatchObject({ email: 'a@example.test' });
  });

  test('a late write: done later, and only once', async () => {
    const { call, sandbox } = open();
    sandbox.setFaults({ 'late-writes': true });
    await expect(call('POST', DATED, { properties: { email: 'a@example.test' } })).rejects.toThrow('broke');
    sandbox.advance(7_999);
    expect((await call('GET', DATED)).json).toMatchObject({ results: [] });
    sandbox.advance(1);
    await call('GET', DATED);
    await call('GET', DATED);
    expect(sandbox.state('').counters.creates).toBe(1);
  });

  test.each([
    ['daily-limit', [429, 429, 429]],
    ['rate-limit-burst', [429, 429, 200]],
    ['outage', [502, 503, 502]],
    ['token-revoked', [401, 401, 401]],
    ['locked', [200, 200, 200]],
  ])('%s on reads: %j, and 200 again when it is off', async (fault, expected) => {
    const { call, sandbox } = open();
    sandbox.setFaults({ [fault]: true });
    const statuses = [];
    for (const _ of expected) statuses.push((await call('GET', DATED)).status);
    expect(statuses).toEqual(expected);
    sandbox.setFaults({ [fault]: false });
    expect((await call('GET', DATED)).status).toBe(200);
  });

  test('locked records refuse writes', async () => {
    const { call, sandbox } = open();
    sandbox.setFaults({ locked: true });
    expect((await call('POST', DATED, { properties: {} })).status).toBe(423);
  });
});

describe('a person at HubSpot', () => {
  test('adds, edits and removes; the API sees it', async () => {
    const { call, sandbox } = open();
    const id = sandbox.edit({ record: 'contact', set: { email: 'A@Example.test', numemployees: 3 } });
    sandbox.edit({
      record: 'contact',
      id: 'email:a@example.test',
      set: { lastname: 'B', numemployees: null },
    });
    expect(sandbox.peek('contact', id)).toEqual({ id, email: 'a@example.test', lastname: 'B' });
    sandbox.edit({ record: 'contact', id, remove: true });
    expect((await call('GET', `${DATED}/${id}`)).status).toBe(404);
    expect(sandbox.state('').records).toMatchObject({ contact: 0, 'recycle bin': 1 });
    expect(sandbox.edit({ record: 'contact', set: { email: 'a@example.test' } })).not.toBe(id);
  });

  test('meets the same rules, and is told which', () => {
    const { sandbox } = open();
    expect(() => sandbox.edit({ record: 'deal', set: {} })).toThrow('keeps contact, company');
    expect(() => sandbox.edit({ record: 'contact', id: '1', set: {} })).toThrow('no contact 1');
    expect(() => sandbox.edit({ record: 'contact', set: { shoe: '44' } })).toThrow(/shoe.* does not exist/);
  });

  test('moves a lifecycle stage forward only, unless it is cleared', async () => {
    const { call, sandbox } = open();
    const id = sandbox.edit({ record: 'contact', set: { lifecyclestage: 'customer' } });
    const set = async (lifecyclestage: string) => {
      await call('PATCH', `${DATED}/${id}`, { properties: { lifecyclestage } });
      return sandbox.peek('contact', id)?.lifecyclestage;
    };
    expect([await set('lead'), await set(''), await set('lead')]).toEqual(['customer', undefined, 'lead']);
  });

  test('activity changes one contact at a time and never fails on an empty account', () => {
    const { sandbox } = open();
    sandbox.act();
    const id = sandbox.edit({ record: 'contact', set: { lastname: 'X' } });
    sandbox.act();
    expect(sandbox.peek('contact', id)).toEqual({ id, lastname: 'X', lifecyclestage: 'subscriber' });
  });
});
