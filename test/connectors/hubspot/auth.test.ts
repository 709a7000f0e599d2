import { describe, expect, test } from 'vitest';
import { connector, contacts, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import { faultOf } from '../contract.ts';
import { START, startHubspot } from './world.ts';

const target = contacts({ account: hubspotAccount('main') });

describe('OAuth', () => {
  test('many calls at once share one renewal, and the new token is stored with its end', async () => {
    await using hubspot = await startHubspot();
    const session = hubspot.session({ secret: hubspot.sandbox.oauthSecret(hubspot.baseUrl) });
    await Promise.all(Array.from({ length: 8 }, () => target.list(session)));
    expect(session.renewals).toBe(1);
    expect(session.sent.filter((each) => each === 'oauth.refresh')).toHaveLength(1);
    expect(session.stored()).toMatchObject({ auth: { expiresAt: START + 1_800_000 }, portalId: 4_000_007 });
  });

  test('a token is renewed five minutes before its end, not by a 401', async () => {
    await using hubspot = await startHubspot();
    let now = START;
    const session = hubspot.session({
      secret: hubspot.sandbox.oauthSecret(hubspot.baseUrl),
      now: () => now,
    });
    await target.list(session);
    now = START + 1_800_000 - 300_001;
    await target.list(session);
    expect(session.renewals).toBe(1);
    now += 1;
    await target.list(session);
    expect(session.renewals).toBe(2);
    expect(hubspot.sandbox.state('').counters['oauth.token']).toBe(2);
  });

  test('a token that HubSpot ends early is renewed once and the call repeated', async () => {
    await using hubspot = await startHubspot();
    const session = hubspot.session({ secret: hubspot.sandbox.oauthSecret(hubspot.baseUrl) });
    await target.list(session);
    hubspot.sandbox.advance(1_800_001);
    expect((await target.list(session)).items).toEqual([]);
    expect(session.sent).toEqual([
      'oauth.refresh',
      'contacts.list',
      'contacts.list',
      'oauth.refresh',
      'contacts.list',
    ]);
  });

  test('a refused refresh token holds the account and says how to mend it', async () => {
    await using hubspot = await startHubspot();
    const session = hubspot.session({ secret: hubspot.sandbox.oauthSecret(hubspot.baseUrl) });
    await target.list(session);
    hubspot.sandbox.setFaults({ 'token-revoked': true });
    const fault = await faultOf(target.list(session));
    expect(fault).toMatchObject({
      kind: 'auth-expired',
      operation: 'oauth.refresh',
      mend: 'npm run intertie -- connect hubspot',
    });
    expect(fault?.message).toContain('uninstalled');
    expect(session.sent.filter((each) => each === 'oauth.refresh')).toHaveLength(2);
  });

  test('an outage of the token endpoint is an outage, not lost credentials', async () => {
    await using hubspot = await startHubspot();
    hubspot.sandbox.setFaults({ outage: true });
    const session = hubspot.session({ secret: hubspot.sandbox.oauthSecret(hubspot.baseUrl) });
    expect(await faultOf(target.list(session))).toMatchObject({ kind: 'unavailable' });
  });
});

test('a static token that is refused is not sent again', async () => {
  await using hubspot = await startHubspot();
  hubspot.sandbox.setFaults({ 'token-revoked': true });
  const session = hubspot.session();
  expect(await faultOf(target.list(session))).toMatchObject({ kind: 'auth-expired', status: 401 });
  expect(session.sent).toEqual(['contacts.list']);
});

test('check refuses credentials of another account', async () => {
  await using hubspot = await startHubspot();
  const session = hubspot.session({ secret: { ...hubspot.secret, portalId: 1 } });
  expect(await faultOf(connector.check(session))).toMatchObject({ kind: 'auth-expired', field: 'portalId' });
});

test.each([
  ['2026-09', START, 'supported until 2028-03-08'],
  ['v3', Date.parse('2027-08-01T00:00:00Z'), 'SUPPORT ENDS 2027-09-01'],
])('check tells how long API %s is supported', async (apiVersion, now, words) => {
  await using hubspot = await startHubspot();
  const session = hubspot.session({ secret: { ...hubspot.secret, apiVersion }, now: () => now });
  expect(await connector.check(session)).toContain(words);
});
