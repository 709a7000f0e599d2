import type { Context } from 'hono';
import { approve } from './sandbox-books.ts';
import type { Order } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** The page at PayPal where a payer says yes or no. */
export function payerPage(world: World, context: Context): Response {
  const order = waiting(world, context);
  if (!order) return context.text('There is nothing to approve here.', 404);
  const { units, currency } = order.amount;
  return context.html(`<!doctype html><title>PayPal sandbox</title><h1>PayPal sandbox</h1>
<p>Pay ${units} (smallest units) ${currency}?</p>
<form method="post"><button name="say" value="yes">Pay</button> <button name="say" value="no">Cancel</button></form>`);
}

/** Sends the payer back, as PayPal does, with the order's id as `token`. */
export async function payerSays(world: World, context: Context): Promise<Response> {
  const order = waiting(world, context);
  if (!order) return context.text('There is nothing to approve here.', 404);
  const isYes = new URLSearchParams(await context.req.text()).get('say') !== 'no';
  if (isYes) approve(world, order);
  if (order.returnUrl === undefined) return context.text(isYes ? 'Approved.' : 'Cancelled.');
  const back = new URL(order.returnUrl);
  back.searchParams.set('token', order.id);
  if (isYes) back.searchParams.set('PayerID', 'SANDBOXPAYER1');
  return context.redirect(back.toString());
}

function waiting({ orders }: World, context: Context): Order | undefined {
  const order = orders.get(context.req.query('token') ?? '');
  return order?.status === 'CREATED' || order?.status === 'PAYER_ACTION_REQUIRED' ? order : undefined;
}
