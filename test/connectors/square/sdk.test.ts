import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { SquareClient, SquareError, WebhooksHelper } from 'square';
import { expect, test } from 'vitest';
import type { SandboxRequest } from '../../../shared/connectors/sandbox.ts';
import { signatureProblem } from '../../../shared/connectors/square/webhook.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { type SquareWorld, startSquare } from './world.ts';

/** Square's own client for Node against the sandbox: it holds the sandbox to the real wire protocol. */
const clientOf = ({ baseUrl, secret }: SquareWorld, token = String(secret.accessToken)) =>
  new SquareClient({ token, baseUrl, maxRetries: 0 });
const request = (key: string, more: object = {}) => ({
  ...{ sourceId: 'cnon:card-nonce-ok', idempotencyKey: key, autocomplete: false },
  ...{ amountMoney: { amount: 5_000n, currency: 'USD' as const }, referenceId: 'club-7/inv-1' },
  ...more,
});

async function held(square: SquareWorld, key = 'k1'): Promise<string> {
  return (await clientOf(square).payments.create(request(key))).payment?.id ?? '';
}

async function failureOf(work: Promise<unknown>): Promise<SquareError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof SquareError) return thrown;
  throw new Error(`expected an error of Square's, got ${String(thrown)}`);
}

test('a payment is approved, completed and refunded', async () => {
  await using square = await startSquare();
  const sdk = clientOf(square);
  const { payment } = await sdk.payments.create(request('k1'));
  expect(payment).toMatchObject({
    ...{ status: 'APPROVED', referenceId: 'club-7/inv-1', sourceType: 'CARD', delayAction: 'CANCEL' },
    approvedMoney: { amount: 5_000n, currency: 'USD' },
  });
  const paymentId = payment?.id ?? '';
  const done = await sdk.payments.complete({ paymentId, versionToken: payment?.versionToken ?? '' });
  expect(done.payment).toMatchObject({ status: 'COMPLETED', totalMoney: { amount: 5_000n } });
  expect(done.payment?.cardDetails?.status).toBe('CAPTURED');
  const { refund } = await sdk.refunds.refundPayment({
    ...{ idempotencyKey: 'r1', paymentId, amountMoney: { amount: 1_500n, currency: 'USD' }, reason: 'rain' },
  });
  expect(refund).toMatchObject({ status: 'PENDING', paymentId, amountMoney: { amount: 1_500n } });
  square.sandbox.advance(60_000);
  const later = await sdk.refunds.get({ refundId: refund?.id ?? '' });
  expect(later.refund?.status).toBe('COMPLETED');
  const now = (await sdk.payments.get({ paymentId })).payment;
  expect(now).toMatchObject({ refundedMoney: { amount: 1_500n }, refundIds: [refund?.id] });
});

test('a payment is cancelled by its id and by its key', async () => {
  await using square = await startSquare();
  const sdk = clientOf(square);
  const first = await held(square);
  expect((await sdk.payments.cancel({ paymentId: first })).payment?.status).toBe('CANCELED');
  const second = await held(square, 'k2');
  expect((await sdk.payments.cancelByIdempotencyKey({ idempotencyKey: 'k2' })).errors).toBeUndefined();
  expect((await sdk.payments.get({ paymentId: second })).payment?.status).toBe('CANCELED');
  await sdk.payments.cancelByIdempotencyKey({ idempotencyKey: 'never-seen' });
  const twice = await failureOf(sdk.payments.complete({ paymentId: second }));
  expect(twice.statusCode).toBe(400);
});

test('the same key gives the same payment; another body under it is refused', async () => {
  await using square = await startSquare();
  const sdk = clientOf(square);
  const first = await sdk.payments.create(request('k1'));
  const again = await sdk.payments.create(request('k1'));
  expect(again.payment?.id).toBe(first.payment?.id);
  const error = await failureOf(sdk.payments.create(request('k1', { note: 'other' })));
  expect(error.errors[0]).toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
    category: 'INVALID_REQUEST_ERROR',
  });
  expect(square.sandbox.state(square.baseUrl).records.payment).toBe(1);
});

test('a decline is an error of the payment method that carries the failed payment', async () => {
  await using square = await startSquare();
  const declined = request('k1', { sourceId: 'cnon:card-nonce-rejected-cvv' });
  const error = await failureOf(clientOf(square).payments.create(declined));
  expect(error.statusCode).toBe(400);
  expect(error.errors[0]).toMatchObject({ category: 'PAYMENT_METHOD_ERROR', code: 'CVV_FAILURE' });
  expect(error.body).toMatchObject({ payment: { status: 'FAILED', card_details: { status: 'FAILED' } } });
});

test('errors are of the categories that the client knows', async () => {
  await using square = await startSquare();
  const wrong = clientOf(square, 'not-the-token');
  expect(await failureOf(wrong.locations.list())).toMatchObject({
    ...{ statusCode: 401, errors: [{ category: 'AUTHENTICATION_ERROR', code: 'UNAUTHORIZED' }] },
  });
  const missing = await failureOf(clientOf(square).payments.get({ paymentId: 'nobody' }));
  expect(missing).toMatchObject({ statusCode: 404, errors: [{ code: 'NOT_FOUND' }] });
  const long = await failureOf(clientOf(square).payments.create(request('k'.repeat(46))));
  expect(long.errors[0]).toMatchObject({ code: 'VALUE_TOO_LONG', field: 'idempotency_key' });
});

test('the client pages through payments and refunds by itself, some seconds behind', async () => {
  await using square = await startSquare();
  const sdk = clientOf(square);
  for (let n = 0; n < 7; n += 1) square.sandbox.edit({ record: 'payment', set: { complete: true } });
  const window = { beginTime: '2026-11-24T00:00:00Z', endTime: '2026-11-25T00:00:00Z' };
  const listed = async () => {
    const seen: string[] = [];
    for await (const each of await sdk.payments.list({ ...window, limit: 3, sortOrder: 'ASC' }))
      seen.push(each.id ?? '');
    return seen;
  };
  expect(await listed()).toEqual([]);
  square.sandbox.advance(5_000);
  const seen = await listed();
  expect(new Set(seen).size).toBe(7);
  square.sandbox.edit({ record: 'refund', set: { payment_id: seen[0] ?? '', amount: 5 } });
  square.sandbox.advance(5_000);
  const refunds = await sdk.refunds.list({ ...window });
  expect(refunds.data).toMatchObject([{ paymentId: seen[0], amountMoney: { amount: 5n } }]);
  const earlier = await sdk.payments.list({ ...window, endTime: new Date(PAYMENT_START).toISOString() });
  expect(earlier.data).toEqual([]);
});

test('the money of a payout adds up, by its entries', async () => {
  await using square = await startSquare();
  const sdk = clientOf(square);
  const id = square.sandbox.edit({ record: 'payment', set: { amount: 9_000, complete: true } });
  square.sandbox.edit({ record: 'refund', set: { payment_id: id, amount: 1_000 } });
  square.sandbox.advance(86_400_000);
  const [payout] = (await sdk.payouts.list({})).data;
  expect(payout).toMatchObject({ status: 'SENT', amountMoney: { amount: BigInt(9_000 - 291 - 1_000) } });
  const { data } = await sdk.payouts.listEntries({ payoutId: payout?.id ?? '', sortOrder: 'ASC' });
  expect(data.map(({ type }) => type)).toEqual(['CHARGE', 'REFUND']);
  expect(data[0]).toMatchObject({ typeChargeDetails: { paymentId: id }, feeAmountMoney: { amount: 291n } });
  const net = data.reduce((sum, { netAmountMoney }) => sum + (netAmountMoney?.amount ?? 0n), 0n);
  expect(net).toBe(payout?.amountMoney?.amount);
  square.sandbox.advance(86_400_000);
  expect((await sdk.payouts.get({ payoutId: payout?.id ?? '' })).payout?.status).toBe('PAID');
});

test('a dispute is listed and read', async () => {
  await using square = await startSquare();
  const sdk = clientOf(square);
  const declared = request('k1', { sourceId: 'cnon:sandbox-disputed', autocomplete: true });
  const { payment } = await sdk.payments.create(declared);
  const [dispute] = (await sdk.disputes.list({ states: 'EVIDENCE_REQUIRED' })).data;
  expect(dispute).toMatchObject({
    disputedPayment: { paymentId: payment?.id },
    amountMoney: { amount: 5_000n },
  });
  square.sandbox.edit({ record: 'dispute', id: dispute?.id ?? '', set: { state: 'WON' } });
  expect((await sdk.disputes.get({ disputeId: dispute?.id ?? '' })).dispute?.state).toBe('WON');
  expect((await sdk.disputes.list({ states: 'EVIDENCE_REQUIRED' })).data).toEqual([]);
});

test('a token of OAuth ends after 30 days, and is renewed', async () => {
  await using square = await startSquare();
  const grant = square.sandbox.grant();
  const client = (token: string) => clientOf(square, token);
  expect((await client(grant.accessToken).locations.list()).locations).toHaveLength(1);
  square.sandbox.advance(30 * 86_400_000);
  const error = await failureOf(client(grant.accessToken).locations.list());
  expect(error.errors[0]).toMatchObject({ code: 'ACCESS_TOKEN_EXPIRED' });
  const { clientId, clientSecret, refreshToken } = grant;
  const asked = { clientId, clientSecret, refreshToken, grantType: 'refresh_token' };
  const fresh = await client('').oAuth.obtainToken(asked);
  expect((await client(fresh.accessToken ?? '').locations.list()).locations).toHaveLength(1);
});

test('with its defaults the client sends a payment three times', async () => {
  await using square = await startSquare();
  square.sandbox.setFaults({ 'error-before': true });
  const usual = new SquareClient({ token: String(square.secret.accessToken), baseUrl: square.baseUrl });
  await failureOf(usual.payments.create(request('k1')));
  // Why the connector does not send through it.
  expect(square.sandbox.state(square.baseUrl).counters['payments.create']).toBe(3);
}, 20_000);

const URL = 'https://intertie.example.test/hook?flow=payments';

test("a signature is good to the client's helper exactly when it is good to us", async () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  const key = fc.constantFrom('first-of-two-keys', 'second-of-two-keys');
  await fc.assert(
    fc.asyncProperty(text, key, fc.boolean(), async (requestBody, signatureKey, isIntact) => {
      const signatureHeader = createHmac('sha256', signatureKey)
        .update(`${URL}${requestBody}${isIntact ? '' : '!'}`)
        .digest('base64');
      const asked = {
        ...{ method: 'POST', url: URL, headers: { 'x-square-hmacsha256-signature': signatureHeader } },
        ...{ body: new TextEncoder().encode(requestBody), receivedAt: PAYMENT_START },
      };
      const oracle = { requestBody, signatureHeader, signatureKey, notificationUrl: URL };
      expect(await WebhooksHelper.verifySignature(oracle)).toBe(isIntact);
      expect(signatureProblem(asked, [signatureKey]) === undefined).toBe(isIntact);
    }),
    { numRuns: 50 },
  );
});

test('the helper accepts what the sandbox delivers, with the new key after a rotation', async () => {
  await using square = await startSquare();
  const { sandbox } = square;
  const [key = ''] = square.secret.webhookKeys as string[];
  const delivered = async (signatureKey: string) => {
    const sent: SandboxRequest[] = [];
    await sandbox.webhooks.deliver(async (each) => {
      sent.push(each);
      return 200;
    });
    for (const { body: requestBody, headers } of sent) {
      const signatureHeader = headers['x-square-hmacsha256-signature'] ?? '';
      const oracle = { requestBody, signatureKey, notificationUrl: URL, signatureHeader };
      expect(await WebhooksHelper.verifySignature(oracle)).toBe(true);
    }
    return sent.map(({ body }) => JSON.parse(body).type);
  };
  sandbox.webhooks.aim(URL);
  const id = sandbox.edit({ record: 'payment', set: { complete: true } });
  sandbox.edit({ record: 'refund', set: { payment_id: id, amount: 5 } });
  expect(await delivered(key)).toEqual(['payment.created', 'refund.created', 'payment.updated']);
  sandbox.rotateWebhookKey('another-key');
  sandbox.edit({ record: 'dispute', set: { payment_id: id } });
  expect(await delivered('another-key')).toEqual(['dispute.created']);
});
