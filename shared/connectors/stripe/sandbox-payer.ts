import type { Context } from 'hono';
import { passChallenge } from './sandbox-payment.ts';
import type { Intent } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** The page of the payer's bank: it asks, and sends the payer back with the outcome in the address, as Stripe does. */
export function payerPage(world: World, context: Context): Response {
  const intent = world.intents.get(context.req.param('id') ?? '');
  const outcome = context.req.query('outcome');
  if (!intent?.returnUrl) return context.text('There is nothing to confirm here.', 404);
  if (outcome === 'succeed' || outcome === 'fail') {
    world.changes.count += 1;
    passChallenge(world, intent, outcome === 'succeed');
    return context.redirect(backTo(intent, intent.returnUrl, outcome), 303);
  }
  return context.html(
    `<!doctype html><title>Your bank</title><h1>Confirm ${intent.amount} ${intent.currency}?</h1>
     <p><a href="?outcome=succeed">Confirm</a> <a href="?outcome=fail">Refuse</a></p>`,
  );
}

function backTo(intent: Intent, returnUrl: string, outcome: 'succeed' | 'fail'): string {
  const url = new URL(returnUrl);
  url.searchParams.set('payment_intent', intent.id);
  url.searchParams.set('payment_intent_client_secret', intent.clientSecret);
  url.searchParams.set('redirect_status', outcome === 'succeed' ? 'succeeded' : 'failed');
  return url.href;
}
