import * as z from 'zod';
import { cardOf } from './sandbox-cards.ts';
import { MetadataSchema, PAGING, paramsOf, WholeSchema } from './sandbox-form.ts';
import { bookRefund, bookRefundFailure } from './sandbox-ledger.ts';
import { pageOf } from './sandbox-lists.ts';
import { chargeObject, refundObject } from './sandbox-objects.ts';
import { missing, Refusal } from './sandbox-replies.ts';
import type { Charge, Json, Refund } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

const HOUR = 3_600_000;

const NewSchema = z.strictObject({
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
  amount: WholeSchema.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: MetadataSchema,
});

export function createRefund(world: World, { params }: Call): Json {
  const asked = paramsOf(params, NewSchema);
  const charge = chargeFor(world, asked);
  const left = refundable(charge);
  const amount = asked.amount ?? left;
  refuseImpossible(charge, amount, left);
  const refund: Refund = {
    ...{ id: world.newId('re'), charge: charge.id, intent: charge.intent, created: world.seconds(), amount },
    ...{ currency: charge.currency, reason: asked.reason ?? null, metadata: asked.metadata },
    ...{ status: 'pending', failureReason: null, movement: null, failureMovement: null },
  };
  charge.amountRefunded += amount;
  world.refunds.set(refund.id, refund);
  world.count('refunds');
  const card = cardOf(charge.paymentMethod);
  const pending = card?.refund === 'pending' || world.on.has('refunds-pending');
  const fails = card?.refund === 'fails' || world.on.has('refunds-fail');
  bookRefund(world, refund);
  if (!pending) refund.status = 'succeeded';
  world.outbox.tell('refund.created', refundObject(refund));
  world.outbox.tell('charge.refunded', chargeObject(world, charge));
  if (fails) world.later(HOUR, () => failRefund(world, refund));
  else if (pending) world.later(HOUR, () => completeRefund(world, refund));
  return refundObject(refund);
}

function chargeFor(
  world: World,
  asked: { payment_intent?: string | undefined; charge?: string | undefined },
): Charge {
  if (asked.payment_intent !== undefined) {
    const intent = world.intents.get(asked.payment_intent);
    if (!intent) throw missing('payment_intent', asked.payment_intent, 'payment_intent');
    const charge = world.charges.get(intent.charge ?? '');
    if (charge && !charge.failure) return charge;
    const message = `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`;
    throw new Refusal(400, { message, param: 'payment_intent' });
  }
  const charge = world.charges.get(asked.charge ?? '');
  if (charge) return charge;
  if (asked.charge !== undefined) throw missing('charge', asked.charge, 'charge');
  const message =
    'One of the following params should be provided for this request: payment_intent or charge.';
  throw new Refusal(400, { message });
}

/** What was captured and not given back. */
export function refundable(charge: Charge): number {
  const released = charge.captured ? charge.amount - charge.amountCaptured : 0;
  return charge.amountCaptured - (charge.amountRefunded - released);
}

function refuseImpossible(charge: Charge, amount: number, left: number): void {
  const refuse = (code: string | undefined, message: string) =>
    new Refusal(400, { message, ...(code !== undefined && { code }) }, { stored: true });
  if (!charge.captured) throw refuse(undefined, `Charge ${charge.id} has not been captured.`);
  if (charge.disputed)
    throw refuse('charge_disputed', `Charge ${charge.id} has been charged back; cannot issue a refund.`);
  if (left === 0) throw refuse('charge_already_refunded', `Charge ${charge.id} has already been refunded.`);
  if (amount < 1)
    throw new Refusal(400, {
      code: 'parameter_invalid_integer',
      message: 'Invalid positive integer',
      param: 'amount',
    });
  if (amount <= left) return;
  const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`;
  throw new Refusal(400, { message, param: 'amount' }, { stored: true });
}

function completeRefund(world: World, refund: Refund): void {
  if (refund.status !== 'pending') return;
  refund.status = 'succeeded';
  tellUpdate(world, refund, ['refund.updated']);
}

/** The bank sends the money back: the refund never was. */
export function failRefund(world: World, refund: Refund): void {
  if (refund.status === 'failed') return;
  refund.status = 'failed';
  refund.failureReason = 'expired_or_canceled_card';
  const charge = world.charges.get(refund.charge);
  if (charge) charge.amountRefunded -= refund.amount;
  bookRefundFailure(world, refund);
  tellUpdate(world, refund, ['refund.failed', 'refund.updated']);
}

function tellUpdate(world: World, refund: Refund, types: readonly string[]): void {
  world.changes.count += 1;
  for (const type of types) world.outbox.tell(type, refundObject(refund));
}

export function getRefund(world: World, { id }: Call): Json {
  const refund = world.refunds.get(id);
  if (!refund) throw missing('refund', id);
  return refundObject(refund);
}

const ListSchema = z.strictObject({
  ...PAGING,
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
});

export function listRefunds(world: World, { params }: Call): Json {
  const { payment_intent: intent, charge, ...paging } = paramsOf(params, ListSchema);
  const rows = [...world.refunds.values()].filter(
    (each) => (intent ?? each.intent) === each.intent && (charge ?? each.charge) === each.charge,
  );
  return pageOf('/v1/refunds', rows.map(refundObject), paging);
}
