import { Signature } from '@hubspot/api-client';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contactWebhook, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import type { WebhookRequest } from '../../../shared/engine/webhook.ts';
import { testSession } from '../session.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const URL = 'https://hooks.example.org/hooks/ticketing-marketing/hubspot?site=a%2Fb';
const SECRETS = ['the-old-client-secret', 'the-new-client-secret'];
const PORTAL = 1_234_567;
const account = hubspotAccount('main');
const secret = (more: object = {}) => ({
  auth: { kind: 'token', accessToken: 'pat-na1-secret' },
  portalId: PORTAL,
  webhookSecrets: SECRETS,
  ...more,
});

function signed(body: string, more: { secret?: string; at?: number; version?: 'v1' | 'v3' } = {}) {
  const { secret: clientSecret = SECRETS[1] ?? '', at = NOW, version = 'v3' } = more;
  const url = URL.replace('%2F', '/');
  const given = { clientSecret, requestBody: body, url, timestamp: at, signature: '', httpMethod: 'POST' };
  const signature = Signature.getSignature('POST', version, given);
  const headers: Record<string, string> =
    version === 'v3'
      ? { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': String(at) }
      : { 'x-hubspot-signature': signature, 'x-hubspot-signature-version': 'v1' };
  return { method: 'POST', url: URL, headers, body: new TextEncoder().encode(body), receivedAt: NOW };
}

const event = (subscriptionType: string, more: object = {}) => ({
  eventId: 100,
  subscriptionId: 31_001,
  portalId: PORTAL,
  appId: 4711,
  occurredAt: NOW,
  subscriptionType,
  attemptNumber: 0,
  objectId: 51,
  changeSource: 'CRM_UI',
  ...more,
});

const endpoint = contactWebhook({
  account,
  collection: 'patron',
  companies: { collection: 'household' },
});

async function told(events: readonly unknown[]) {
  const verdict = await read(signed(JSON.stringify(events)));
  if (verdict.kind !== 'accepted') throw new Error(`refused: ${verdict.reason}`);
  return verdict;
}

const read = (request: WebhookRequest, of = endpoint, stored: object = secret()) =>
  of.read(testSession({ account: 'hubspot/main', secret: stored, now: () => NOW }), request);

const patron = (id: string, more: object = {}) => ({ collection: 'patron', id, atTarget: true, ...more });
const household = (id: string) => ({ collection: 'household', id, atTarget: true });

describe('what an event rings', () => {
  test.each<[string, object, object[]]>([
    ['contact.creation', {}, [patron('51')]],
    ['contact.deletion', { changeFlag: 'DELETED' }, [patron('51')]],
    ['contact.restore', {}, [patron('51')]],
    ['contact.privacyDeletion', {}, [patron('51', { erased: true })]],
    ['contact.propertyChange', { propertyName: 'firstname', propertyValue: 'Anna' }, [patron('51')]],
    ['contact.propertyChange', { propertyName: 'hs_email_optout_9' }, [patron('51', { urgent: true })]],
    ['object.propertyChange', { objectTypeId: '0-1', propertyName: 'email' }, [patron('51')]],
    ['object.creation', { objectTypeId: '0-2' }, [household('51')]],
    ['company.propertyChange', { propertyName: 'hs_email_optout' }, [household('51')]],
    ['company.deletion', {}, [household('51')]],
    [
      'contact.merge',
      { objectId: 99, primaryObjectId: 51, mergedObjectIds: [52, 53], newObjectId: 99 },
      [patron('99'), patron('51'), patron('52'), patron('53')],
    ],
    [
      'contact.associationChange',
      { associationType: 'CONTACT_TO_COMPANY', fromObjectId: 51, toObjectId: 81 },
      [household('81')],
    ],
    [
      'company.associationChange',
      { associationType: 'COMPANY_TO_CONTACT', fromObjectId: 81, toObjectId: 51, associationRemoved: true },
      [household('81')],
    ],
  ])('%s %j', async (type, more, changes) => {
    expect(await told([event(type, more)])).toEqual({ kind: 'accepted', changes, ignored: 0 });
  });

  test.each<[string, unknown]>([
    ['a type that does not exist yet', event('contact.levitation')],
    ['another kind of record', event('deal.creation')],
    ['another type of object', event('object.creation', { objectTypeId: '2-77' })],
    ['another account of the same app', event('contact.creation', { portalId: 7 })],
    ['no record', event('contact.creation', { objectId: null })],
    [
      'an association without a company',
      event('contact.associationChange', { associationType: 'CONTACT_TO_DEAL' }),
    ],
    ['no event at all', 'contact.creation'],
    ['an id that is none', event('contact.creation', { objectId: 'x'.repeat(300) })],
  ])('%s is counted and never refused', async (_, strange) => {
    const verdict = await told([strange, event('contact.creation')]);
    expect(verdict).toEqual({ kind: 'accepted', changes: [patron('51')], ignored: 1 });
  });

  test('companies are ignored by a flow that has none', async () => {
    const alone = contactWebhook({ account, collection: 'patron' });
    const body = JSON.stringify([event('company.creation'), event('contact.creation')]);
    expect(await read(signed(body), alone)).toEqual({
      kind: 'accepted',
      changes: [patron('51')],
      ignored: 1,
    });
  });

  test('a hundred events of one record ring it once, and remember the consent among them', async () => {
    const events = Array.from({ length: 100 }, (_, n) =>
      event('contact.propertyChange', { eventId: n, propertyName: n === 40 ? 'hs_email_optout' : 'city' }),
    );
    expect(await told(events)).toEqual({
      kind: 'accepted',
      changes: [patron('51', { urgent: true })],
      ignored: 0,
    });
  });

  test('the deletion that follows an erasure does not hide it', async () => {
    for (const types of [
      ['privacyDeletion', 'deletion'],
      ['deletion', 'privacyDeletion'],
    ]) {
      const { changes } = await told(types.map((type) => event(`contact.${type}`)));
      expect(changes).toEqual([patron('51', { erased: true })]);
    }
  });

  test('the flow may say what is urgent', async () => {
    const urgent = contactWebhook({ account, collection: 'patron', urgentProperties: ['do_not_call'] });
    const names = ['do_not_call', 'hs_email_optout'];
    const events = names.map((propertyName, n) =>
      event('contact.propertyChange', { objectId: n + 1, propertyName }),
    );
    expect(await read(signed(JSON.stringify(events)), urgent)).toMatchObject({
      changes: [patron('1', { urgent: true }), patron('2')],
    });
  });
});

test('whatever a signed list holds, every event rings something or is counted, and none is refused', async () => {
  const known = fc.constantFrom(
    'contact.creation',
    'company.merge',
    'object.propertyChange',
    'contact.associationChange',
  );
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.record({ subscriptionType: known, portalId: fc.constantFrom(PORTAL, 7) }),
    fc.record({ subscriptionType: known, portalId: fc.constant(PORTAL), objectId: fc.jsonValue() }),
    fc.constant(event('contact.creation')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(odd, { maxLength: 20 }), async (events) => {
      const { changes, ignored } = await told(events);
      expect(ignored).toBeLessThanOrEqual(events.length);
      expect(changes.length > 0).toBe(ignored < events.length);
      expect(changes.every(({ id, atTarget }) => /^\d{1,20}$/.test(id) && atTarget)).toBe(true);
    }),
  );
});

describe('who may tell', () => {
  const body = JSON.stringify([event('contact.creation')]);

  test.each([0, 1])('secret %d of a rotation', async (n) => {
    const verdict = await read(signed(body, { secret: SECRETS[n] ?? '' }));
    expect(verdict.kind).toBe('accepted');
  });

  test.each([
    ['five minutes old', NOW - 300_000, 'accepted'],
    ['older', NOW - 300_001, 'forged'],
    ['five minutes ahead', NOW + 300_000, 'accepted'],
    ['further ahead', NOW + 300_001, 'forged'],
  ])('a request that is %s', async (_, at, kind) => {
    expect((await read(signed(body, { at }))).kind).toBe(kind);
  });

  test('not who has another secret, nor who changed a byte', async () => {
    expect(await read(signed(body, { secret: 'somebody-elses-secret' }))).toEqual({
      kind: 'forged',
      reason: 'wrong v3 signature',
    });
    const request = signed(body);
    request.body[5] = (request.body[5] ?? 0) ^ 1;
    expect((await read(request)).kind).toBe('forged');
  });

  test('v1 only where it was asked for', async () => {
    const older = contactWebhook({ account, collection: 'patron', accept: ['v1'] });
    const request = signed(body, { version: 'v1' });
    expect(await read(request)).toEqual({ kind: 'forged', reason: 'a v1 signature is not accepted here' });
    expect((await read(request, older)).kind).toBe('accepted');
  });

  test.each(['{"not":"a list"}', '[', '', '\u0000'])('but %j is not what HubSpot sends', async (text) => {
    expect(await read(signed(text))).toEqual({ kind: 'malformed', reason: 'not a list of events' });
  });

  test('an account without a signing secret says what to add', async () => {
    const stored = secret({ webhookSecrets: undefined });
    await expect(read(signed(body), endpoint, stored)).rejects.toMatchObject({
      kind: 'auth-expired',
      field: 'webhookSecrets',
      mend: 'npm run intertie -- connect hubspot',
    });
  });

  test('the client secret of an OAuth app signs too', async () => {
    const auth = { kind: 'oauth', clientId: 'c', clientSecret: SECRETS[0], refreshToken: 'refresh-me' };
    const verdict = await read(signed(body, { secret: SECRETS[0] ?? '' }), endpoint, {
      ...secret({ webhookSecrets: undefined }),
      auth,
    });
    expect(verdict.kind).toBe('accepted');
  });
});
