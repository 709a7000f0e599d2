import { Hono } from 'hono';
import * as z from 'zod';
import { PAGING, paramsOf } from './sandbox-form.ts';
import { Gate, type Route } from './sandbox-gate.ts';
import {
  cancelIntent,
  captureIntent,
  confirmIntent,
  createIntent,
  getIntent,
  listIntents,
} from './sandbox-intents.ts';
import { balanceObject, movementsOf } from './sandbox-ledger.ts';
import { pageOf } from './sandbox-lists.ts';
import { chargeObject, disputeObject, objectOf, payoutObject } from './sandbox-objects.ts';
import { payerPage } from './sandbox-payer.ts';
import { createRefund, getRefund, listRefunds } from './sandbox-refunds.ts';
import { json, missing } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

const ROUTES: readonly Route[] = [
  { method: 'post', path: '/v1/payment_intents', operation: 'payment_intents.create', handle: createIntent },
  { method: 'get', path: '/v1/payment_intents', operation: 'payment_intents.list', handle: listIntents },
  {
    method: 'get',
    path: '/v1/payment_intents/:id',
    operation: 'payment_intents.retrieve',
    handle: getIntent,
  },
  {
    method: 'post',
    path: '/v1/payment_intents/:id/confirm',
    operation: 'payment_intents.confirm',
    handle: confirmIntent,
  },
  {
    method: 'post',
    path: '/v1/payment_intents/:id/capture',
    operation: 'payment_intents.capture',
    handle: captureIntent,
  },
  {
    method: 'post',
    path: '/v1/payment_intents/:id/cancel',
    operation: 'payment_intents.cancel',
    handle: cancelIntent,
  },
  { method: 'post', path: '/v1/refunds', operation: 'refunds.create', handle: createRefund },
  { method: 'get', path: '/v1/refunds', operation: 'refunds.list', handle: listRefunds },
  { method: 'get', path: '/v1/refunds/:id', operation: 'refunds.retrieve', handle: getRefund },
  { method: 'get', path: '/v1/balance', operation: 'balance.retrieve', handle: balanceObject },
  {
    method: 'get',
    path: '/v1/balance_transactions',
    operation: 'balance_transactions.list',
    handle: listMovements,
  },
  ...listed('charges', 'ch', (world) => [...world.charges.values()].map((each) => chargeObject(world, each))),
  ...listed('disputes', 'du', (world) => [...world.disputes.values()].map(disputeObject)),
  ...listed('payouts', 'po', (world) => [...world.payouts.values()].map(payoutObject)),
  ...listed('events', 'evt', (world) => world.outbox.events),
  byId('balance_transactions', 'txn'),
];

/** The API at the root of its port. */
export function appFor(world: World): Hono {
  const app = new Hono();
  const gate = new Gate(world);
  for (const route of ROUTES) app[route.method](route.path, gate.guard(route));
  app.get('/authenticate/:id', (context) => payerPage(world, context));
  app.notFound((context) => {
    const message = `Unrecognized request URL (${context.req.method}: ${context.req.path}).`;
    return json({ error: { type: 'invalid_request_error', message } }, 404);
  });
  return app;
}

function listed(name: string, prefix: string, rows: (world: World) => readonly Json[]): Route[] {
  const path = `/v1/${name}`;
  const handle = (world: World, { params }: Call) =>
    pageOf(path, rows(world), paramsOf(params, z.strictObject(PAGING)));
  return [{ method: 'get', path, operation: `${name}.list`, handle }, byId(name, prefix)];
}

function byId(name: string, prefix: string): Route {
  const handle = (world: World, { id }: Call) => {
    const found = id.startsWith(`${prefix}_`) ? (objectOf(world, id) ?? eventOf(world, id)) : undefined;
    if (!found) throw missing(name.replace(/s$/, ''), id);
    return found;
  };
  return { method: 'get', path: `/v1/${name}/:id`, operation: `${name}.retrieve`, handle };
}

function eventOf(world: World, id: string): Json | undefined {
  return world.outbox.events.find((each) => each.id === id);
}

const MovementsSchema = z.strictObject({
  ...PAGING,
  payout: z.string().optional(),
  type: z.string().optional(),
  source: z.string().optional(),
});

function listMovements(world: World, { params }: Call): Json {
  const { payout, type, source, ...paging } = paramsOf(params, MovementsSchema);
  if (payout !== undefined && !world.payouts.has(payout)) throw missing('payout', payout, 'payout');
  const rows = movementsOf(world, payout).filter(
    (each) => (type ?? each.type) === each.type && (source ?? each.source) === each.source,
  );
  return pageOf('/v1/balance_transactions', rows, paging);
}
