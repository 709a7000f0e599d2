import { Hono } from 'hono';
import type { Asked, Show } from './sandbox-asked.ts';
import { Gate, type Route } from './sandbox-gate.ts';
import { listEvents, listWebhooks, resendEvent, verifyWebhook } from './sandbox-notifications.ts';
import { authorizeOrder, captureOrder, createOrder, getOrder, patchOrder } from './sandbox-orders.ts';
import { payerPage, payerSays } from './sandbox-payer.ts';
import {
  captureHold,
  getCapture,
  getHold,
  getRefund,
  refundCapture,
  voidAuthorization,
} from './sandbox-payments.ts';
import { json } from './sandbox-replies.ts';
import { acceptClaim, getDispute, listDisputes, listTransactions } from './sandbox-reports.ts';
import { issueToken } from './sandbox-token.ts';
import type { World } from './sandbox-world.ts';

const SIX_HOURS = 6 * 3_600_000;
const FORTY_FIVE_DAYS = 45 * 86_400_000;

type Handle = (world: World, asked: Asked) => Show;

/** The whole API. */
export function appFor(world: World): Hono {
  const app = new Hono();
  const gate = new Gate(world);
  const add = (
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    route: Omit<Route, 'handle'>,
    handle: Handle,
  ) => app.on(method, path, gate.guard({ ...route, handle: (asked) => handle(world, asked) }));
  const get = (path: string, operation: string, handle: Handle) =>
    add('GET', path, { operation, effect: 'read' }, handle);
  const post = (path: string, operation: string, keyLife: number, handle: Handle) =>
    add('POST', path, { operation, effect: 'write', keyLife }, handle);

  app.post('/v1/oauth2/token', (context) => issueToken(world, context));
  addPublic(app, world);

  post('/v2/checkout/orders', 'orders.create', SIX_HOURS, createOrder);
  get('/v2/checkout/orders/:id', 'orders.get', getOrder);
  add('PATCH', '/v2/checkout/orders/:id', { operation: 'orders.patch', effect: 'write' }, patchOrder);
  post('/v2/checkout/orders/:id/authorize', 'orders.authorize', SIX_HOURS, authorizeOrder);
  post('/v2/checkout/orders/:id/capture', 'orders.capture', SIX_HOURS, captureOrder);

  get('/v2/payments/authorizations/:id', 'authorizations.get', getHold);
  post('/v2/payments/authorizations/:id/capture', 'authorizations.capture', FORTY_FIVE_DAYS, captureHold);
  // The published OpenAPI document knows no request id here, so none is kept.
  const voiding: Omit<Route, 'handle'> = { operation: 'authorizations.void', effect: 'write' };
  add('POST', '/v2/payments/authorizations/:id/void', voiding, voidAuthorization);
  get('/v2/payments/captures/:id', 'captures.get', getCapture);
  post('/v2/payments/captures/:id/refund', 'captures.refund', FORTY_FIVE_DAYS, refundCapture);
  get('/v2/payments/refunds/:id', 'refunds.get', getRefund);

  get('/v1/reporting/transactions', 'transactions.list', listTransactions);
  get('/v1/customer/disputes', 'disputes.list', listDisputes);
  get('/v1/customer/disputes/:id', 'disputes.get', getDispute);
  const accepting: Omit<Route, 'handle'> = { operation: 'disputes.accept', effect: 'write' };
  add('POST', '/v1/customer/disputes/:id/accept-claim', accepting, acceptClaim);

  get('/v1/notifications/webhooks', 'webhooks.list', listWebhooks);
  get('/v1/notifications/webhooks-events', 'events.list', listEvents);
  const reading: Omit<Route, 'handle'> = { operation: 'webhooks.verify', effect: 'read' };
  add('POST', '/v1/notifications/verify-webhook-signature', reading, verifyWebhook);
  add(
    'POST',
    '/v1/notifications/webhooks-events/:id/resend',
    { operation: 'events.resend', effect: 'read' },
    resendEvent,
  );

  app.notFound(() => json({ name: 'RESOURCE_NOT_FOUND', message: 'No such path' }, 404));
  return app;
}

/** What needs no token: certificates, and the page for payers. */
function addPublic(app: Hono, world: World): void {
  app.get('/v1/notifications/certs/:name', (context) => {
    world.count('webhook.certificate');
    const number = Number(context.req.param('name').match(/^CERT-SANDBOX-(\d+)$/)?.[1] ?? 0);
    const chain = world.signer.chain(number);
    return chain === undefined ? context.text('Not found', 404) : context.text(chain);
  });
  app.get('/checkoutnow', (context) => payerPage(world, context));
  app.post('/checkoutnow', (context) => payerSays(world, context));
}
