import * as z from 'zod';
import { type Asked, bodyOf, made, type Show, shown } from './sandbox-asked.ts';
import { openHold, take } from './sandbox-books.ts';
import { type Instrument, instrumentOf, savedId } from './sandbox-instruments.ts';
import { MoneyBody, moneyOf } from './sandbox-money.ts';
import { invalid, type Json, notFound, unprocessable } from './sandbox-replies.ts';
import type { Order } from './sandbox-rows.ts';
import { orderBody } from './sandbox-shown.ts';
import type { World } from './sandbox-world.ts';

const HOUR = 3_600_000;

const Source = z.record(z.string(), z.unknown());
const UnitBody = z.object({
  custom_id: z.string().min(1).max(127).optional(),
  description: z.string().min(1).max(127).optional(),
  amount: MoneyBody,
});
const CreateBody = z.object({
  intent: z.enum(['AUTHORIZE', 'CAPTURE']),
  purchase_units: z.array(UnitBody).min(1).max(1),
  payment_source: Source.optional(),
});
const PayBody = z.object({ payment_source: Source.optional() });
const ContextBody = z.object({
  paypal: z.object({ experience_context: z.object({ return_url: z.url(), cancel_url: z.url() }) }),
});
const PatchBody = z.array(z.object({ op: z.string(), path: z.string(), value: z.unknown() }));

/** `POST /v2/checkout/orders`; with a saved card or wallet it is carried out at once. */
export function createOrder(world: World, asked: Asked): Show {
  const { intent, purchase_units, payment_source } = bodyOf(asked, CreateBody);
  const [unit] = purchase_units;
  if (!unit) throw invalid('INVALID_ARRAY_MIN_ITEMS', '/purchase_units');
  const saved = payment_source && savedId(payment_source);
  if (saved !== undefined && asked.key === undefined)
    throw invalid('PAYPAL_REQUEST_ID_REQUIRED', 'PayPal-Request-Id');
  const amount = moneyOf(unit.amount, '/purchase_units/0/amount');
  const instrument = saved === undefined ? undefined : instrumentOf(saved);
  const way = ContextBody.safeParse(payment_source).data?.paypal.experience_context;
  const order: Order = {
    id: world.newId(),
    created: world.now(),
    amount,
    customId: unit.custom_id,
    description: unit.description,
    intent,
    status: payment_source && saved === undefined ? 'PAYER_ACTION_REQUIRED' : 'CREATED',
    returnUrl: way?.return_url,
    source: payment_source,
  };
  world.orders.set(order.id, order);
  world.changes.count += 1;
  if (instrument) pay(world, order, instrument);
  return made(() => orderBody(world, order));
}

export function getOrder(world: World, { params }: Asked): Show {
  return shown(orderBody(world, orderAt(world, params.id)));
}

/** `PATCH`: only what the connector and tests need of the patchable fields; 204. */
export function patchOrder(world: World, asked: Asked): Show {
  const order = orderAt(world, asked.params.id);
  const patches = bodyOf(asked, PatchBody);
  if (order.status === 'COMPLETED' || order.status === 'VOIDED')
    throw unprocessable('ORDER_ALREADY_COMPLETED');
  for (const { op, path, value } of patches) {
    if (path === '/intent' && op === 'replace') order.intent = intentOf(value);
    else if (path.endsWith('/custom_id') && op !== 'remove') order.customId = String(value);
    else throw unprocessable('NOT_PATCHABLE', path);
  }
  world.changes.count += 1;
  return () => ({ status: 204 });
}

function intentOf(value: unknown): Order['intent'] {
  if (value === 'AUTHORIZE' || value === 'CAPTURE') return value;
  throw unprocessable('UNSUPPORTED_PATCH_PARAMETER_VALUE', '/intent');
}

export function authorizeOrder(world: World, asked: Asked): Show {
  return payOrder(world, asked, 'AUTHORIZE');
}

export function captureOrder(world: World, asked: Asked): Show {
  return payOrder(world, asked, 'CAPTURE');
}

function payOrder(world: World, asked: Asked, intent: Order['intent']): Show {
  const order = orderAt(world, asked.params.id);
  const { payment_source: source } = bodyOf(asked, PayBody);
  if (order.hold) throw unprocessable('ORDER_ALREADY_AUTHORIZED');
  if (order.direct) throw unprocessable('ORDER_ALREADY_CAPTURED');
  if (order.intent !== intent) throw unprocessable('ACTION_DOES_NOT_MATCH_INTENT');
  if (order.status === 'VOIDED') throw unprocessable('ORDER_COMPLETED_OR_VOIDED');
  pay(world, order, instrumentFor(world, order, source));
  return made(() => orderBody(world, order));
}

function instrumentFor(world: World, order: Order, source: Json | undefined): Instrument {
  const id = source && savedId(source);
  if (order.status === 'APPROVED') return instrumentOf('ok');
  if (id === undefined) throw unprocessable('ORDER_NOT_APPROVED', undefined, payerLink(world, order));
  const instrument = instrumentOf(id);
  if (instrument.challenge || world.on.has('challenge'))
    throw unprocessable('PAYER_ACTION_REQUIRED', undefined, payerLink(world, order));
  return instrument;
}

function pay(world: World, order: Order, instrument: Instrument): void {
  if (order.intent === 'AUTHORIZE') openHold(world, order, instrument);
  else {
    if (instrument.denied) throw unprocessable('INSTRUMENT_DECLINED');
    take(world, { order, instrument }, { amount: order.amount, final: true });
    order.status = 'COMPLETED';
  }
}

function payerLink({ place }: World, { id }: Order): Json[] {
  return [{ href: `${place.base}/checkoutnow?token=${id}`, rel: 'payer-action', method: 'GET' }];
}

/** An order that nobody approved is gone after three hours, an approved one after three days. */
function orderAt(world: World, id: string | undefined): Order {
  const order = world.orders.get(id ?? '');
  if (!order) throw notFound();
  const age = world.now() - order.created;
  const life = order.status === 'APPROVED' ? 72 * HOUR : 3 * HOUR;
  if (order.status !== 'COMPLETED' && age > life) throw notFound();
  return order;
}
