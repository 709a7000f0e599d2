import { Hono } from 'hono';
import { createPayment } from './sandbox-create.ts';
import { Gate, type Route } from './sandbox-gate.ts';
import { cancelByKey, cancelPayment, completePayment, getPayment } from './sandbox-holds.ts';
import { listDisputes, listEntries, listPayments, listPayouts, listRefunds } from './sandbox-lists.ts';
import { disputeObject, payoutObject } from './sandbox-objects.ts';
import { createRefund, getRefund } from './sandbox-refunds.ts';
import { missing } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

const ROUTES: readonly Route[] = [
  { method: 'post', path: '/v2/payments', operation: 'payments.create', keyed: true, handle: createPayment },
  { method: 'get', path: '/v2/payments', operation: 'payments.list', handle: listPayments },
  { method: 'post', path: '/v2/payments/cancel', operation: 'payments.cancelByKey', handle: cancelByKey },
  { method: 'get', path: '/v2/payments/:id', operation: 'payments.get', handle: getPayment },
  {
    method: 'post',
    path: '/v2/payments/:id/complete',
    operation: 'payments.complete',
    handle: completePayment,
  },
  { method: 'post', path: '/v2/payments/:id/cancel', operation: 'payments.cancel', handle: cancelPayment },
  { method: 'post', path: '/v2/refunds', operation: 'refunds.create', keyed: true, handle: createRefund },
  { method: 'get', path: '/v2/refunds', operation: 'refunds.list', handle: listRefunds },
  { method: 'get', path: '/v2/refunds/:id', operation: 'refunds.get', handle: getRefund },
  { method: 'get', path: '/v2/payouts', operation: 'payouts.list', handle: listPayouts },
  { method: 'get', path: '/v2/payouts/:id', operation: 'payouts.get', handle: getPayout },
  {
    method: 'get',
    path: '/v2/payouts/:id/payout-entries',
    operation: 'payouts.entries',
    handle: listEntries,
  },
  { method: 'get', path: '/v2/disputes', operation: 'disputes.list', handle: listDisputes },
  { method: 'get', path: '/v2/disputes/:id', operation: 'disputes.get', handle: getDispute },
  { method: 'get', path: '/v2/locations', operation: 'locations.list', handle: listLocations },
  { method: 'get', path: '/v2/locations/:id', operation: 'locations.get', handle: getLocation },
];

/** The API at the root of its port. */
export function appFor(world: World): Hono {
  const app = new Hono();
  const gate = new Gate(world);
  app.post('/oauth2/token', gate.tokens());
  for (const route of ROUTES) app[route.method](route.path, gate.guard(route));
  app.notFound((context) =>
    context.json(
      { errors: [{ category: 'INVALID_REQUEST_ERROR', code: 'NOT_FOUND', detail: 'Resource not found.' }] },
      404,
    ),
  );
  return app;
}

function getPayout(world: World, { id }: Call): Json {
  const payout = world.payouts.get(id);
  if (!payout) throw missing('payout', id);
  return { payout: payoutObject(world, payout) };
}

function getDispute(world: World, { id }: Call): Json {
  const dispute = world.disputes.get(id);
  if (!dispute) throw missing('dispute', id);
  return { dispute: disputeObject(world, dispute) };
}

function listLocations(world: World): Json {
  return { locations: [locationObject(world)] };
}

function getLocation(world: World, { id }: Call): Json {
  if (id !== world.locationId && id !== 'main') throw missing('location', id);
  return { location: locationObject(world) };
}

function locationObject({ locationId: id, merchantId, location: { currency } }: World): Json {
  return {
    ...{ id, name: 'Sandbox club', merchant_id: merchantId, currency, status: 'ACTIVE', country: 'US' },
    ...{ timezone: 'America/New_York', type: 'PHYSICAL', capabilities: ['CREDIT_CARD_PROCESSING'] },
  };
}
