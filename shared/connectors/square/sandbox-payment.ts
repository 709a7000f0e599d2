import { sourceOf } from './sandbox-cards.ts';
import { paymentChanged } from './sandbox-changes.ts';
import { openDispute } from './sandbox-disputes.ts';
import { bookCapture } from './sandbox-ledger.ts';
import type { Payment } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

const MINUTE = 60_000;

/** A payment begins: the issuer says no at once, or it is approved, perhaps after a while. */
export function begin(world: World, payment: Payment): void {
  world.payments.set(payment.id, payment);
  if (payment.failure) {
    payment.status = 'FAILED';
    paymentChanged(world, payment);
    return;
  }
  const isBank = sourceOf(payment.source)?.type === 'BANK_ACCOUNT';
  if (isBank || world.on.has('processing')) {
    paymentChanged(world, payment);
    world.later(MINUTE, () => approve(world, payment));
  } else approve(world, payment);
}

function approve(world: World, payment: Payment): void {
  if (payment.status !== 'PENDING') return;
  payment.approvedAt = world.now();
  payment.status = 'APPROVED';
  world.count('holds');
  if (payment.autocomplete) take(world, payment);
  else hold(world, payment);
}

function hold(world: World, payment: Payment): void {
  paymentChanged(world, payment);
  world.later(payment.created + payment.delayMs - world.now(), () => timeIsOver(world, payment));
}

/** The money is taken. */
export function take(world: World, payment: Payment): void {
  payment.status = 'COMPLETED';
  payment.capturedAt = world.now();
  bookCapture(world, payment);
  world.count('captures');
  paymentChanged(world, payment);
  if (sourceOf(payment.source)?.disputed) openDispute(world, payment);
}

/** The hold is released, or what is pending is given up. */
export function release(world: World, payment: Payment): void {
  payment.status = 'CANCELED';
  payment.voidedAt = world.now();
  world.count('voids');
  paymentChanged(world, payment);
}

function timeIsOver(world: World, payment: Payment): void {
  if (payment.status !== 'APPROVED') return;
  if (payment.delayAction === 'COMPLETE') take(world, payment);
  else release(world, payment);
}
