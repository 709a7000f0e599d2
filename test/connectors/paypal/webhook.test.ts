import { expect, test } from 'vitest';
import type { ProviderVerdict } from '../../../shared/connectors/payment-provider.ts';
import { paypalProvider } from '../../../shared/connectors/paypal/index.ts';
import { makeAuthority, makeLeaf } from '../../../shared/connectors/paypal/sandbox-certificate.ts';
import { SecretSchema } from '../../../shared/connectors/paypal/schema.ts';
import {
  addressProblem,
  type Certificates,
  certificateAt,
} from '../../../shared/connectors/paypal/webhook-certificate.ts';
import { hintOf } from '../../../shared/connectors/paypal/webhook-events.ts';
import type { SandboxRequest } from '../../../shared/connectors/sandbox.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import type { WebhookRequest } from '../../../shared/engine/webhook.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { testSession } from '../session.ts';
import { type Paypal, startPaypal } from './world.ts';

const HOOK = 'https://pay.example.org/hooks/paypal';
const HOUR = 3_600_000;

/** What the sandbox sends after somebody paid at the desk. */
async function deliveries({ sandbox }: Paypal): Promise<SandboxRequest[]> {
  sandbox.webhooks.aim(HOOK);
  sandbox.edit({ record: 'payment', set: { amount: 1_000, currency: 'EUR', reference: 'inv-1' } });
  const all: SandboxRequest[] = [];
  await sandbox.webhooks.deliver(async (request) => {
    all.push(request);
    return 200;
  });
  return all;
}

function received(request: SandboxRequest, more: Partial<WebhookRequest> = {}): WebhookRequest {
  return { ...request, body: new TextEncoder().encode(request.body), receivedAt: PAYMENT_START, ...more };
}

test('the certificate is fetched once for all, and a new one when PayPal signs with another key', async () => {
  await using paypal = await startPaypal();
  const { webhook } = paypalProvider('main');
  const fetched = () => paypal.sandbox.state(paypal.baseUrl).counters['webhook.certificate'];
  for (const request of await deliveries(paypal))
    expect((await webhook(paypal.session(), received(request))).kind).toBe('accepted');
  expect(fetched()).toBe(1);
  paypal.sandbox.rotateCertificate();
  for (const request of await deliveries(paypal))
    expect((await webhook(paypal.session(), received(request))).kind).toBe('accepted');
  expect(fetched()).toBe(2);
});

test('two webhook ids are good while one is replaced, a wrong one alone is not', async () => {
  await using paypal = await startPaypal();
  const { webhook } = paypalProvider('main');
  const [request] = await deliveries(paypal);
  if (!request) throw new Error('nothing was sent');
  const [id] = paypal.secret.webhookIds as string[];
  const judge = (webhookIds: unknown) =>
    webhook(paypal.session({ secret: { ...paypal.secret, webhookIds } }), received(request));
  expect((await judge(['1JE4291016473214C', id])).kind).toBe('accepted');
  expect(await judge(['1JE4291016473214C'])).toEqual({ kind: 'forged', reason: 'wrong signature' });
  await expect(judge(undefined)).rejects.toMatchObject({ kind: 'auth-expired', field: 'webhookIds' });
});

test('every part of what is signed is judged, and the reason says which', async () => {
  await using paypal = await startPaypal();
  const { webhook } = paypalProvider('main');
  const [request] = await deliveries(paypal);
  if (!request) throw new Error('nothing was sent');
  const judge = async (headers: Record<string, string>, more: Partial<WebhookRequest> = {}) => {
    const all = Object.entries({ ...request.headers, ...headers }).filter(([, value]) => value !== '');
    const verdict = await webhook(
      paypal.session(),
      received(request, { headers: Object.fromEntries(all), ...more }),
    );
    return verdict.kind === 'accepted' ? 'accepted' : verdict.reason;
  };
  expect(await judge({})).toBe('accepted');
  expect(await judge({ 'paypal-transmission-id': 'another' })).toBe('wrong signature');
  expect(await judge({ 'paypal-transmission-time': '2026-11-24T12:00:01Z' })).toBe('wrong signature');
  expect(await judge({ 'paypal-transmission-time': 'yesterday' })).toBe('no usable timestamp');
  expect(await judge({ 'paypal-transmission-sig': '' })).toBe('no signature');
  expect(await judge({ 'paypal-transmission-sig': 'AAAA' })).toBe('wrong signature');
  expect(await judge({ 'paypal-auth-algo': 'SHA1withRSA' })).toContain('algorithm');
  expect(await judge({ 'paypal-cert-url': 'https://paypal.com.evil.test/cert' })).toContain(
    'not of this sandbox',
  );
  expect(await judge({}, { receivedAt: PAYMENT_START + 72 * HOUR })).toBe('accepted');
  expect(await judge({}, { receivedAt: PAYMENT_START + 74 * HOUR })).toBe('stale timestamp');
  expect(await judge({}, { receivedAt: PAYMENT_START - 200_000 })).toBe('accepted');
  expect(await judge({}, { receivedAt: PAYMENT_START - 400_000 })).toBe('timestamp from the future');
});

test('what is signed and no event is malformed; a type that we do not use is counted', async () => {
  await using paypal = await startPaypal();
  const { webhook } = paypalProvider('main');
  const { sandbox, session } = paypal;
  sandbox.webhooks.aim(HOOK);
  const outbox = sandbox.webhooks as unknown as { send(event: unknown): void };
  const verdicts: ProviderVerdict[] = [];
  for (const event of [{ id: 'WH-1', event_type: 'BILLING.PLAN.CREATED', resource: {} }, ['no event']]) {
    outbox.send(event);
    await sandbox.webhooks.deliver(async (request) => {
      verdicts.push(await webhook(session(), received(request)));
      return 200;
    });
  }
  expect(verdicts).toEqual([
    { kind: 'accepted', hints: [], ignored: 1 },
    { kind: 'malformed', reason: 'not an event of PayPal' },
  ]);
});

test('a certificate that cannot be fetched now is a fault, so that PayPal sends again', async () => {
  await using paypal = await startPaypal();
  const { webhook } = paypalProvider('main');
  const [request] = await deliveries(paypal);
  if (!request) throw new Error('nothing was sent');
  await paypal.stop();
  await expect(webhook(paypal.session(), received(request))).rejects.toMatchObject({ kind: 'unavailable' });
});

test.each([
  ['https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270', undefined],
  ['https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1', undefined],
  ['http://api.paypal.com/v1/notifications/certs/CERT-1', 'not at paypal.com'],
  ['https://api.paypal.com:8443/certs/CERT-1', 'not at paypal.com'],
  ['https://paypal.com.evil.test/certs/CERT-1', 'not at paypal.com'],
  ['https://evilpaypal.com/certs/CERT-1', 'not at paypal.com'],
  ['https://user:word@api.paypal.com/certs/CERT-1', 'no usable address'],
  ['https://api.paypal.com@evil.test/certs/CERT-1', 'no usable address'],
  ['http://127.0.0.1:80/certs/CERT-1', 'not at paypal.com'],
  ['file:///etc/passwd', 'not at paypal.com'],
  ['not an address', 'no usable address'],
  ['', 'no usable address'],
])('a live account takes certificates from paypal.com only: %s', (address, problem) => {
  const secret = SecretSchema.parse({ clientId: 'client-id-1', clientSecret: 'client-secret-1' });
  const found = addressProblem(address, secret);
  if (problem === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(problem);
});

test('roots of its own has a sandbox on this machine only', () => {
  const { pem } = makeAuthority();
  const live = { clientId: 'client-id-1', clientSecret: 'client-secret-1', webhookRoots: [pem] };
  expect(SecretSchema.safeParse(live).error?.issues[0]?.path).toEqual(['webhookRoots']);
  expect(SecretSchema.safeParse({ ...live, baseUrl: 'http://127.0.0.1:1234' }).success).toBe(true);
});

const authority = makeAuthority();
const other = makeAuthority('Somebody else');
const sameName = makeAuthority();
const good = makeLeaf(authority);

test.each([
  ['a good chain', `${good.pem}${authority.pem}`, undefined],
  ['a leaf whose root is known', good.pem, undefined],
  ['another name', makeLeaf(authority, { subject: 'www.paypal.com' }).pem, 'another name'],
  [
    'a name that only ends so',
    makeLeaf(authority, { subject: 'x-messageverificationcerts.paypal.com' }).pem,
    'another name',
  ],
  ['too old', makeLeaf(authority, { to: '250101000000Z' }).pem, 'not valid now'],
  ['too young', makeLeaf(authority, { from: '300101000000Z' }).pem, 'not valid now'],
  ['another root', `${makeLeaf(other).pem}${other.pem}`, 'known root'],
  ['a root of the same name with another key', `${makeLeaf(sameName).pem}${sameName.pem}`, 'known root'],
  ['a root that did not sign it', `${makeLeaf(other).pem}${authority.pem}`, 'broken'],
  ['a leaf that plays the authority', `${good.pem}${good.pem}${authority.pem}`, 'broken'],
  ['nothing', '', 'cannot be read'],
  ['rubbish', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'cannot be read'],
])('a certificate with %s', async (_, body, problem) => {
  const http: Http = async () => ({ status: 200, headers: {}, body });
  const session = testSession({ account: 'paypal/main', secret: {}, now: () => PAYMENT_START, http });
  const secret = SecretSchema.parse({
    clientId: 'client-id-1',
    clientSecret: 'client-secret-1',
    baseUrl: 'http://127.0.0.1:1234',
    webhookRoots: [authority.pem],
  });
  const cache: Certificates = new Map();
  const found = await certificateAt(session, { address: 'http://127.0.0.1:1234/cert', secret, cache });
  expect(typeof found === 'string').toBe(problem !== undefined);
  if (problem !== undefined) expect(found).toContain(problem);
  expect(cache.size).toBe(problem === undefined ? 1 : 0);
});

test.each([
  [
    'CHECKOUT.ORDER.APPROVED',
    { id: 'O1', purchase_units: [{ custom_id: 'inv-1' }] },
    { about: 'payment', id: 'O1', reference: 'inv-1' },
  ],
  [
    'PAYMENT.AUTHORIZATION.VOIDED',
    { id: 'A1', supplementary_data: { related_ids: { order_id: 'O1' } } },
    { about: 'payment', id: 'O1' },
  ],
  [
    'PAYMENT.AUTHORIZATION.VOIDED',
    { id: 'A1', links: [{ rel: 'up', href: 'https://api.paypal.com/v2/checkout/orders/O1' }] },
    { about: 'payment', id: 'O1' },
  ],
  [
    'PAYMENT.CAPTURE.PENDING',
    { id: 'C1', custom_id: 'inv-1', supplementary_data: { related_ids: { order_id: 'O1' } } },
    { about: 'payment', id: 'O1', reference: 'inv-1' },
  ],
  ['PAYMENT.CAPTURE.COMPLETED', { id: 'C1' }, undefined],
  ['PAYMENT.CAPTURE.REFUNDED', { id: 'R1' }, { about: 'refund', id: 'R1' }],
  ['PAYMENT.REFUND.FAILED', { id: 'R1' }, { about: 'refund', id: 'R1' }],
  ['CUSTOMER.DISPUTE.CREATED', { dispute_id: 'PP-D-1' }, { about: 'dispute', id: 'PP-D-1' }],
  ['CUSTOMER.DISPUTE.CREATED', {}, undefined],
  ['SOMETHING.NEW', { id: 'X' }, undefined],
])('%s of %j is a hint of %j', (event_type, resource, hint) => {
  expect(hintOf({ id: 'WH-1', event_type, resource })).toEqual(hint);
});

test("PayPal's own check says the same of what the sandbox sends", async () => {
  await using paypal = await startPaypal();
  const [request] = await deliveries(paypal);
  if (!request) throw new Error('nothing was sent');
  const { headers, body } = request;
  const session = paypal.session();
  await provideToken(paypal, session);
  const { accessToken } = session.stored() as { accessToken: string };
  const ask = async (event: unknown) => {
    const reply = await fetch(`${paypal.baseUrl}/v1/notifications/verify-webhook-signature`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        auth_algo: headers['paypal-auth-algo'],
        cert_url: headers['paypal-cert-url'],
        transmission_id: headers['paypal-transmission-id'],
        transmission_sig: headers['paypal-transmission-sig'],
        transmission_time: headers['paypal-transmission-time'],
        webhook_id: (paypal.secret.webhookIds as string[])[0],
        webhook_event: event,
      }),
    });
    return (await reply.json()) as { verification_status: string };
  };
  expect(await ask(JSON.parse(body))).toEqual({ verification_status: 'SUCCESS' });
  expect(await ask({ ...JSON.parse(body), id: 'WH-other' })).toEqual({ verification_status: 'FAILURE' });
});

async function provideToken(paypal: Paypal, session: ReturnType<Paypal['session']>): Promise<void> {
  const known = paypal.sandbox.edit({ record: 'payment', set: { amount: 1, currency: 'EUR' } });
  await paypalProvider('main').read(session, known);
}
