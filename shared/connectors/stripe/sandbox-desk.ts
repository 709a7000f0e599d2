import type { SandboxEdit } from '../sandbox.ts';
import { closeDispute, openDispute } from './sandbox-disputes.ts';
import { cancelIntent, captureIntent, confirmIntent, createIntent } from './sandbox-intents.ts';
import { payOut } from './sandbox-ledger.ts';
import { passChallenge } from './sandbox-payment.ts';
import { createRefund, failRefund, refundable } from './sandbox-refunds.ts';
import { Refusal } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';
import { REFERENCE } from './shown.ts';

/** What people at the desk may touch, the usual one first. */
export const RECORDS = ['payment_intent', 'refund', 'dispute', 'payout'] as const;

/**
 * As people would in the dashboard, at the bank or on the payer's phone. A new `payment_intent` is held and, with
 * `capture`, taken; an existing one takes `authenticate` (`succeed` or `fail`), `capture` or `cancel`. A `dispute`
 * or `refund` begins with a `payment_intent`; later their `status` may become `won`, `lost` or `failed`. A new
 * `payout` pays out all there is.
 */
export function editAtDesk(world: World, edit: SandboxEdit): string {
  world.runDue();
  world.changes.count += 1;
  try {
    return editRecord(world, edit);
  } catch (thrown) {
    if (thrown instanceof Refusal)
      throw new Error(`Stripe's sandbox refuses this: ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}

function editRecord(world: World, { record, id, set = {} }: SandboxEdit): string {
  switch (record) {
    case 'payment_intent':
      return id === undefined ? pay(world, set) : editIntent(world, id, set);
    case 'refund':
      return id === undefined ? giveBack(world, set) : editRefund(world, id, set);
    case 'dispute':
      return id === undefined ? dispute(world, set) : editDispute(world, id, set);
    case 'payout':
      return payOut(world) ?? refuse('there is nothing to pay out');
    default:
      return refuse(`it has no record "${record}"; it has ${RECORDS.join(', ')}`);
  }
}

type Values = NonNullable<SandboxEdit['set']>;

function pay(world: World, set: Values): string {
  const { amount = 2_000, currency = 'usd', payment_method = 'pm_card_visa', reference = '', capture } = set;
  const params = {
    ...{ amount: String(amount), currency: String(currency), capture_method: 'manual' },
    ...{ payment_method: String(payment_method), payment_method_types: ['card'] },
    metadata: { [REFERENCE]: String(reference) },
  };
  const id = idOf(createIntent(world, { id: '', params }));
  if (set.confirm === false) return id;
  confirmIntent(world, { id, params: {} });
  if (capture) captureIntent(world, { id, params: {} });
  return id;
}

function editIntent(world: World, id: string, set: Values): string {
  const intent = world.intents.get(id) ?? refuse(`it has no payment_intent ${id}`);
  if (set.authenticate !== undefined) passChallenge(world, intent, set.authenticate === 'succeed');
  if (set.capture) captureIntent(world, { id, params: {} });
  if (set.cancel) cancelIntent(world, { id, params: {} });
  return id;
}

function giveBack(world: World, { payment_intent, amount }: Values): string {
  const params = {
    payment_intent: String(payment_intent),
    ...(amount != null && { amount: String(amount) }),
  };
  return idOf(createRefund(world, { id: '', params }));
}

function editRefund(world: World, id: string, { status }: Values): string {
  const refund = world.refunds.get(id) ?? refuse(`it has no refund ${id}`);
  if (status === 'failed') failRefund(world, refund);
  return id;
}

function dispute(world: World, { payment_intent }: Values): string {
  const intent =
    world.intents.get(String(payment_intent)) ?? refuse(`it has no payment_intent ${payment_intent}`);
  const charge = world.charges.get(intent.charge ?? '');
  return charge?.captured ? openDispute(world, charge) : refuse('only what was captured can be disputed');
}

function editDispute(world: World, id: string, { status }: Values): string {
  const row = world.disputes.get(id) ?? refuse(`it has no dispute ${id}`);
  if (status === 'won' || status === 'lost') closeDispute(world, row, status === 'won');
  return id;
}

/** An ordinary change: a payment, or a refund of one. */
export function moveSomebody(world: World): void {
  const paid = [...world.charges.values()].filter(
    (charge) => charge.captured && !charge.disputed && refundable(charge) > 0,
  );
  const charge = paid[Math.floor(world.random() * paid.length)];
  if (charge && world.random() < 0.2)
    editAtDesk(world, { record: 'refund', set: { payment_intent: charge.intent, amount: 1 } });
  else
    editAtDesk(world, {
      record: 'payment_intent',
      set: { amount: 500 + Math.floor(world.random() * 20_000), capture: world.random() < 0.8 },
    });
}

function idOf({ id }: Json): string {
  return String(id);
}

function refuse(why: string): never {
  throw new Error(`Stripe's sandbox cannot do this: ${why}`);
}
