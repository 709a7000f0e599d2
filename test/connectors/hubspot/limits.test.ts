import { describe, expect, test } from 'vitest';
import { accountLimits, observedLimits } from '../../../shared/connectors/hubspot/limits.ts';
import { dayIn, untilMidnight } from '../../../shared/connectors/hubspot/midnight.ts';
import { SecretSchema } from '../../../shared/connectors/hubspot/schema.ts';
import { daysOfSupport, pathOf } from '../../../shared/connectors/hubspot/versions.ts';

const secret = { auth: { kind: 'token', accessToken: 'pat-na1-x' }, portalId: 1 };
const oauth = { kind: 'oauth', clientId: 'c', clientSecret: 'client-secret', refreshToken: 'refresh-token' };

describe('limits of an account', () => {
  test.each([
    [{ tier: 'starter' }, 100, 250_000],
    [{}, 190, 650_000],
    [{ tier: 'enterprise' }, 190, 1_000_000],
    [{ tier: 'enterprise', capacityPacks: 2 }, 250, 3_000_000],
    [{ limits: { callsPer10Seconds: 50, callsPerDay: 1_000 } }, 50, 1_000],
  ])('%j', (more, calls, daily) => {
    expect(accountLimits({ ...secret, ...more })).toEqual({
      rate: { calls, windowMs: 10_000 },
      daily: { calls: daily, timeZone: 'UTC' },
    });
  });

  test('an app installed by OAuth has no daily quota', () => {
    expect(accountLimits({ ...secret, auth: oauth })).toEqual({ rate: { calls: 110, windowMs: 10_000 } });
  });

  test('no limits are none, and a secret that does not fit gives none', () => {
    expect(accountLimits({ ...secret, limits: { callsPer10Seconds: null, callsPerDay: null } })).toEqual({});
    expect(accountLimits('nonsense')).toEqual({});
  });
});

test('headers of the limits, also where some or all are missing or odd', () => {
  expect(observedLimits({ 'x-hubspot-ratelimit-max': '190', 'x-hubspot-ratelimit-remaining': '0' })).toEqual({
    limit: 190,
    remaining: 0,
  });
  expect(observedLimits({})).toEqual({});
  expect(
    observedLimits({ 'x-hubspot-ratelimit-remaining': '-1', 'x-hubspot-ratelimit-daily': 'many' }),
  ).toEqual({});
});

describe('midnight of the account', () => {
  test.each([
    ['UTC', '2026-11-24T17:00:00Z', 7],
    ['America/New_York', '2026-11-24T17:00:00Z', 12],
    ['Asia/Kolkata', '2026-11-24T17:00:00Z', 1.5],
    ['Europe/London', '2026-10-24T23:30:00Z', 24.5],
    ['America/Sao_Paulo', '2026-11-24T03:00:00Z', 24],
  ])('%s at %s is %d hours away', (timeZone, at, hours) => {
    const now = Date.parse(at);
    expect(untilMidnight(now, timeZone)).toBe(hours * 3_600_000);
    expect(dayIn(now + hours * 3_600_000, timeZone)).not.toBe(dayIn(now, timeZone));
  });
});

describe('the secret', () => {
  test.each([
    ['portalId', { ...secret, portalId: '1' }],
    ['auth.accessToken', { ...secret, auth: { kind: 'token' } }],
    ['auth.kind', { ...secret, auth: { kind: 'magic' } }],
    ['baseUrl', { ...secret, baseUrl: 'https://api.hubapi.com/crm' }],
    ['baseUrl', { ...secret, baseUrl: 'http://localhost:80' }],
    ['apiVersion', { ...secret, apiVersion: '2025-01' }],
    ['timeZone', { ...secret, timeZone: 'London' }],
    ['webhookSecrets', { ...secret, webhookSecrets: [] }],
  ])('a wrong %s is named', (field, value) => {
    expect(SecretSchema.safeParse(value).error?.issues[0]?.path.join('.')).toBe(field);
  });

  test('defaults go to HubSpot itself with the newest version', () => {
    expect(SecretSchema.parse(secret)).toMatchObject({
      baseUrl: 'https://api.hubapi.com',
      apiVersion: '2026-09',
    });
  });
});

describe('versions', () => {
  test('stand where HubSpot put them', () => {
    expect([pathOf('contacts', 'v3'), pathOf('contacts', '2026-09')]).toEqual([
      '/crm/v3/objects/contacts',
      '/crm/objects/2026-09/contacts',
    ]);
    expect(pathOf('oauth', '2026-03')).toBe('/oauth/2026-03/token');
  });

  test('have an end of support', () => {
    expect(daysOfSupport('2026-03', Date.parse('2027-09-29T12:00:00Z'))).toBe(0);
    expect(daysOfSupport('v3', Date.parse('2028-01-01T00:00:00Z'))).toBeLessThan(0);
  });
});
