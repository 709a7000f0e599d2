import { cardOf } from './sandbox-cards.ts';
import { openDispute } from './sandbox-disputes.ts';
import { bookCapture } from './sandbox-ledger.ts';
import { chargeObject, intentObject } from './sandbox-objects.ts';
import type { Charge, Intent, LastError } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** Seconds that a hold of a card lasts ("Place a hold"). */
const HOLD = 7 * 86_400;
const MINUTE = 60_000;

/** After a confirmation: a step of the payer, some time of processing, or the card's answer. */
export function proceed(world: World, intent: Intent): void {
  const card = cardOf(intent.paymentMethod ?? '');
  if (card?.challenge || world.on.has('challenge')) challenge(world, intent);
  else if (world.on.has('processing')) process(world, intent);
  else askIssuer(world, intent);
}

function challenge(world: World, intent: Intent): void {
  intent.status = 'requires_action';
  intent.nextAction =
    intent.returnUrl === null
      ? { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } }
      : {
          type: 'redirect_to_url',
          redirect_to_url: {
            return_url: intent.returnUrl,
            url: `${world.seen.origin}/authenticate/${intent.id}`,
          },
        };
  tellIntent(world, 'requires_action', intent);
}

/** The payer came back. */
export function passChallenge(world: World, intent: Intent, passed: boolean): void {
  if (intent.status !== 'requires_action') return;
  intent.nextAction = null;
  const message = 'The provided PaymentMethod has failed authentication.';
  if (passed) askIssuer(world, intent);
  else
    fail(world, intent, {
      type: 'invalid_request_error',
      code: 'payment_intent_authentication_failure',
      message,
    });
}

function process(world: World, intent: Intent): void {
  intent.status = 'processing';
  tellIntent(world, 'processing', intent);
  world.later(MINUTE, () => {
    if (intent.status === 'processing') askIssuer(world, intent);
  });
}

function askIssuer(world: World, intent: Intent): void {
  const declines = cardOf(intent.paymentMethod ?? '')?.declines;
  const failure: LastError | null = declines
    ? { ...declines, type: 'card_error', message: 'Your card was declined.' }
    : null;
  const charge = makeCharge(world, intent, failure);
  intent.charge = charge.id;
  if (failure) {
    world.outbox.tell('charge.failed', chargeObject(world, charge));
    fail(world, intent, { ...failure, charge: charge.id });
  } else hold(world, intent, charge);
}

function hold(world: World, intent: Intent, charge: Charge): void {
  intent.lastError = null;
  intent.status = 'requires_capture';
  world.count('holds');
  world.outbox.tell('charge.succeeded', chargeObject(world, charge));
  if (intent.captureMethod === 'manual') {
    tellIntent(world, 'amount_capturable_updated', intent);
    world.later(HOLD * 1_000, () => expire(world, intent));
  } else take(world, intent, intent.amount);
}

function makeCharge(world: World, intent: Intent, failure: LastError | null): Charge {
  const created = world.seconds();
  const { id, amount, currency, paymentMethod } = intent;
  const charge: Charge = {
    ...{ id: world.newId('ch'), intent: id, created, amount, currency, failure },
    ...{ paymentMethod: paymentMethod ?? '', holdEnds: created + HOLD, disputed: false },
    ...{ captured: false, amountCaptured: 0, amountRefunded: 0, movement: null },
  };
  world.charges.set(charge.id, charge);
  return charge;
}

function fail(world: World, intent: Intent, error: LastError): void {
  intent.status = 'requires_payment_method';
  intent.paymentMethod = null;
  intent.lastError = error;
  tellIntent(world, 'payment_failed', intent);
}

/** Takes the money of a hold; the rest is released, and counted as refunded on the charge. */
export function take(world: World, intent: Intent, amount: number): void {
  const charge = world.charges.get(intent.charge ?? '');
  if (!charge) return;
  charge.captured = true;
  charge.amountCaptured = amount;
  charge.amountRefunded = charge.amount - amount;
  intent.status = 'succeeded';
  intent.received = amount;
  bookCapture(world, charge);
  world.count('captures');
  world.outbox.tell('charge.captured', chargeObject(world, charge));
  tellIntent(world, 'succeeded', intent);
  if (cardOf(charge.paymentMethod)?.disputed) openDispute(world, charge);
}

export function endIntent(world: World, intent: Intent, reason: string): void {
  const charge = world.charges.get(intent.charge ?? '');
  if (charge && intent.status === 'requires_capture') charge.amountRefunded = charge.amount;
  intent.status = 'canceled';
  intent.nextAction = null;
  intent.canceledAt = world.seconds();
  intent.cancellationReason = reason;
  tellIntent(world, 'canceled', intent);
}

function expire(world: World, intent: Intent): void {
  if (intent.status !== 'requires_capture') return;
  world.changes.count += 1;
  endIntent(world, intent, 'automatic');
}

export function tellIntent(world: World, what: string, intent: Intent): void {
  world.outbox.tell(`payment_intent.${what}`, intentObject(intent));
}
