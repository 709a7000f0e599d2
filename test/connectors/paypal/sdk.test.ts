import http from 'node:http';
import {
  ApiError,
  CheckoutPaymentIntent,
  Client,
  OrdersController,
  PatchOp,
  PaymentsController,
  TransactionSearchController,
} from '@paypal/paypal-server-sdk';
import { expect, test } from 'vitest';
import { type Paypal, startPaypal } from './world.ts';

/** PayPal's own client for Node against the sandbox; it knows no other host, so its transport is turned round. */
function clientOf({ baseUrl, secret }: Paypal, clientSecret = String(secret.clientSecret)): Client {
  const { port } = new URL(baseUrl);
  const request = (options: http.RequestOptions, callback: (reply: http.IncomingMessage) => void) =>
    http.request(
      {
        ...options,
        protocol: 'http:',
        hostname: '127.0.0.1',
        host: '127.0.0.1',
        port,
        agent: undefined,
        agents: undefined,
      } as http.RequestOptions,
      callback,
    );
  return new Client({
    clientCredentialsAuthCredentials: {
      oAuthClientId: String(secret.clientId),
      oAuthClientSecret: clientSecret,
    },
    timeout: 5_000,
    unstable_httpClientOptions: { proxy: false, transport: { request } },
  });
}

const representation = 'return=representation';
const orderOf = (reference: string, value = '42.00') => ({
  intent: CheckoutPaymentIntent.Authorize,
  purchaseUnits: [{ customId: reference, amount: { currencyCode: 'EUR', value } }],
});

async function held(paypal: Paypal, reference = 'club-7/inv-1') {
  const client = clientOf(paypal);
  const orders = new OrdersController(client);
  const made = await orders.createOrder({ body: orderOf(reference), paypalRequestId: `${reference}-p` });
  const id = made.result.id ?? '';
  const done = await orders.authorizeOrder({
    id,
    paypalRequestId: `${reference}-a`,
    prefer: representation,
    body: { paymentSource: { card: { vaultId: 'ok-visa' } } },
  });
  const authorization = done.result.purchaseUnits?.[0]?.payments?.authorizations?.[0];
  return { client, orders, payments: new PaymentsController(client), id, authorization, made, done };
}

test('an order is made, authorised, captured and refunded', async () => {
  await using paypal = await startPaypal();
  const { orders, payments, id, authorization, made, done } = await held(paypal);
  expect(made.statusCode).toBe(201);
  expect(made.result).toMatchObject({ status: 'CREATED', id: expect.stringMatching(/^[A-Z0-9]{17}$/) });
  expect(done.result.status).toBe('COMPLETED');
  expect(authorization).toMatchObject({ status: 'CREATED', amount: { currencyCode: 'EUR', value: '42.00' } });
  const captured = await payments.captureAuthorizedPayment({
    authorizationId: authorization?.id ?? '',
    prefer: representation,
    body: { amount: { currencyCode: 'EUR', value: '40.00' }, finalCapture: true },
  });
  expect(captured.result).toMatchObject({
    status: 'COMPLETED',
    finalCapture: true,
    sellerReceivableBreakdown: { netAmount: { value: '38.54' } },
  });
  const captureId = captured.result.id ?? '';
  const refund = await payments.refundCapturedPayment({
    captureId,
    prefer: representation,
    body: { amount: { currencyCode: 'EUR', value: '15.00' }, invoiceId: 'refund-1' },
  });
  expect(refund.result).toMatchObject({
    status: 'COMPLETED',
    amount: { value: '15.00' },
    invoiceId: 'refund-1',
  });
  const order = (await orders.getOrder({ id })).result.purchaseUnits?.[0];
  expect(order?.payments?.captures?.[0]?.status).toBe('PARTIALLY_REFUNDED');
  expect(order?.payments?.refunds?.[0]?.id).toBe(refund.result.id);
  expect((await payments.getRefund({ refundId: refund.result.id ?? '' })).result.status).toBe('COMPLETED');
  expect((await payments.getCapturedPayment({ captureId })).result.customId).toBe('club-7/inv-1');
});

test('without a preference an answer is minimal, and a void has none at all', async () => {
  await using paypal = await startPaypal();
  const { payments, authorization, made } = await held(paypal);
  expect(made.result.purchaseUnits).toBeUndefined();
  const voided = await payments.voidPayment({ authorizationId: authorization?.id ?? '' });
  expect(voided.statusCode).toBe(204);
  const found = await payments.getAuthorizedPayment({ authorizationId: authorization?.id ?? '' });
  expect(found.result.status).toBe('VOIDED');
});

test('a repeated request id answers 200 with the latest state', async () => {
  await using paypal = await startPaypal();
  const { orders, payments, id, authorization } = await held(paypal);
  await payments.voidPayment({ authorizationId: authorization?.id ?? '' });
  const again = await orders.authorizeOrder({
    id,
    paypalRequestId: 'club-7/inv-1-a',
    prefer: representation,
  });
  expect(again.statusCode).toBe(200);
  expect(again.result.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.status).toBe('VOIDED');
});

test('a refusal is an ApiError with its issue', async () => {
  await using paypal = await startPaypal();
  const { orders, id } = await held(paypal);
  const error = await orders
    .authorizeOrder({ id, paypalRequestId: 'other' })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ statusCode: 422, result: { name: 'UNPROCESSABLE_ENTITY' } });
  expect(JSON.stringify((error as ApiError).result)).toContain('ORDER_ALREADY_AUTHORIZED');
});

test('an order whose intent was replaced can no longer be authorised', async () => {
  await using paypal = await startPaypal();
  const orders = new OrdersController(clientOf(paypal));
  const made = await orders.createOrder({ body: orderOf('retired'), paypalRequestId: 'retired-p' });
  const id = made.result.id ?? '';
  const patched = await orders.patchOrder({
    id,
    body: [{ op: PatchOp.Replace, path: '/intent', value: 'CAPTURE' }],
  });
  expect(patched.statusCode).toBe(204);
  const body = { paymentSource: { card: { vaultId: 'ok-visa' } } };
  const error = await orders.authorizeOrder({ id, body }).catch((thrown: unknown) => thrown);
  expect(JSON.stringify((error as ApiError).result)).toContain('ACTION_DOES_NOT_MATCH_INTENT');
});

test('an order that names a saved card is carried out at once, and needs a request id', async () => {
  await using paypal = await startPaypal();
  const orders = new OrdersController(clientOf(paypal));
  const body = { ...orderOf('at-once'), paymentSource: { card: { vaultId: 'ok-visa' } } };
  const refused = await orders.createOrder({ body }).catch((thrown: unknown) => thrown);
  expect((refused as ApiError).statusCode).toBe(400);
  const made = await orders.createOrder({ body, paypalRequestId: 'at-once-p' });
  expect(made.result.status).toBe('COMPLETED');
  expect(paypal.sandbox.peek('books', 'at-once')).toMatchObject({ held: 1 });
});

test('the transaction list is three hours late and shows fees as what leaves the account', async () => {
  await using paypal = await startPaypal();
  const { client, payments, authorization } = await held(paypal);
  await payments.captureAuthorizedPayment({
    authorizationId: authorization?.id ?? '',
    body: { finalCapture: true },
  });
  const search = new TransactionSearchController(client);
  const window = { startDate: '2026-11-24T00:00:00Z', endDate: '2026-11-25T00:00:00Z' };
  const early = await search.searchTransactions({ ...window, fields: 'transaction_info' });
  expect(early.result.transactionDetails).toEqual([]);
  paypal.sandbox.advance(3 * 3_600_000);
  const late = await search.searchTransactions({ ...window, fields: 'transaction_info' });
  expect(late.result.transactionDetails).toMatchObject([
    {
      transactionInfo: {
        transactionEventCode: 'T0006',
        transactionAmount: { value: '42.00' },
        feeAmount: { value: '-1.52' },
        customField: 'club-7/inv-1',
      },
    },
  ]);
});

test('wrong credentials give no token', async () => {
  await using paypal = await startPaypal();
  const orders = new OrdersController(clientOf(paypal, 'not-the-secret'));
  await expect(orders.createOrder({ body: orderOf('x') })).rejects.toThrow();
});
