import type { SandboxEdit } from '../sandbox.ts';
import { createPayment } from './sandbox-create.ts';
import { closeDispute, openDispute } from './sandbox-disputes.ts';
import { cancelPayment, completePayment } from './sandbox-holds.ts';
import { payOut } from './sandbox-ledger.ts';
import { createRefund, failRefund } from './sandbox-refunds.ts';
import { Refusal } from './sandbox-replies.ts';
import type { World } from './sandbox-world.ts';

/** What people at the desk may touch, the usual one first. */
export const RECORDS = ['payment', 'refund', 'dispute', 'payout', 'location'] as const;

/**
 * As people would in the dashboard or at the bank. A new `payment` is held and, with `complete`, taken; an existing
 * one takes `complete` or `cancel`. A `dispute` or `refund` begins with a `payment_id`; later a dispute's `state` may
 * become `WON` or `LOST`, a refund's `status` `FAILED`. A new `payout` pays out all there is. The `location` takes
 * another `currency`.
 */
export function editAtDesk(world: World, edit: SandboxEdit): string {
  world.runDue();
  world.changes.count += 1;
  try {
    return editRecord(world, edit);
  } catch (thrown) {
    if (thrown instanceof Refusal)
      throw new Error(`Square's sandbox refuses this: ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}

function editRecord(world: World, { record, id, set = {} }: SandboxEdit): string {
  switch (record) {
    case 'payment':
      return id === undefined ? pay(world, set) : editPayment(world, id, set);
    case 'refund':
      return id === undefined ? giveBack(world, set) : editRefund(world, id, set);
    case 'dispute':
      return id === undefined ? dispute(world, set) : editDispute(world, id, set);
    case 'payout':
      return payOut(world) ?? refuse('there is nothing to pay out');
    case 'location':
      world.location.currency = String(set.currency ?? world.location.currency);
      return world.locationId;
    default:
      return refuse(`it has no record "${record}"; it has ${RECORDS.join(', ')}`);
  }
}

type Values = NonNullable<SandboxEdit['set']>;

function pay(world: World, set: Values): string {
  const { amount = 2_000, source_id = 'cnon:card-nonce-ok', reference_id } = set;
  const key = `desk-${world.draw(20)}`;
  const body = {
    ...{ idempotency_key: key, source_id, autocomplete: set.complete === true },
    amount_money: { amount, currency: world.location.currency },
    ...(reference_id != null && { reference_id }),
  };
  createPayment(world, { id: '', query: {}, body });
  return world.created.get(key) ?? refuse('the payment was not made');
}

function editPayment(world: World, id: string, set: Values): string {
  if (set.complete) completePayment(world, { id, query: {}, body: {} });
  if (set.cancel) cancelPayment(world, { id, query: {}, body: {} });
  return id;
}

function giveBack(world: World, { payment_id, amount, reason }: Values): string {
  const payment = world.payments.get(String(payment_id)) ?? refuse(`it has no payment ${payment_id}`);
  const body = {
    ...{ idempotency_key: `desk-${world.draw(20)}`, payment_id: payment.id },
    amount_money: { amount: amount ?? payment.amount - payment.refunded, currency: payment.currency },
    ...(reason != null && { reason }),
  };
  createRefund(world, { id: '', query: {}, body });
  return payment.refunds.at(-1) ?? refuse('the refund was not made');
}

function editRefund(world: World, id: string, { status }: Values): string {
  const refund = world.refunds.get(id) ?? refuse(`it has no refund ${id}`);
  if (status === 'FAILED') failRefund(world, refund);
  return id;
}

function dispute(world: World, { payment_id }: Values): string {
  const payment = world.payments.get(String(payment_id)) ?? refuse(`it has no payment ${payment_id}`);
  return payment.status === 'COMPLETED'
    ? openDispute(world, payment)
    : refuse('only what was taken can be disputed');
}

function editDispute(world: World, id: string, { state }: Values): string {
  const row = world.disputes.get(id) ?? refuse(`it has no dispute ${id}`);
  if (state === 'WON' || state === 'LOST') closeDispute(world, row, state === 'WON');
  return id;
}

/** An ordinary change: a payment, or a refund of one. */
export function moveSomebody(world: World): void {
  const paid = [...world.payments.values()].filter(
    ({ status, disputed, amount, refunded }) => status === 'COMPLETED' && !disputed && refunded < amount,
  );
  const payment = paid[Math.floor(world.random() * paid.length)];
  if (payment && world.random() < 0.2)
    editAtDesk(world, { record: 'refund', set: { payment_id: payment.id, amount: 1 } });
  else
    editAtDesk(world, {
      record: 'payment',
      set: { amount: 500 + Math.floor(world.random() * 20_000), complete: world.random() < 0.8 },
    });
}

function refuse(why: string): never {
  throw new Error(`Square's sandbox cannot do this: ${why}`);
}
