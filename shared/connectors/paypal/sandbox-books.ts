import type { Instrument } from './sandbox-instruments.ts';
import { feeOf, type Money } from './sandbox-money.ts';
import {
  type Capture,
  type Dispute,
  type Hold,
  isTaken,
  type Order,
  type Refund,
  total,
} from './sandbox-rows.ts';
import { captureBody, disputeBody, holdBody, orderBody, refundBody } from './sandbox-shown.ts';
import type { World } from './sandbox-world.ts';

// Every movement of money goes through here, so that rows, transaction list and webhooks agree.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function approve(world: World, order: Order): void {
  order.status = 'APPROVED';
  world.changes.count += 1;
  world.outbox.tell('CHECKOUT.ORDER.APPROVED', 'checkout-order', orderBody(world, order));
}

export function openHold(world: World, order: Order, instrument: Instrument): Hold {
  const review = instrument.review === true || world.on.has('review');
  const status = instrument.denied ? 'DENIED' : review ? 'PENDING' : 'CREATED';
  const created = world.now();
  const hold: Hold = { id: world.newId(), order, created, instrument, status, captures: [] };
  order.hold = hold;
  order.status = 'COMPLETED';
  world.holds.set(hold.id, hold);
  world.changes.count += 1;
  if (hold.status === 'DENIED') return hold;
  world.lines.push({ ...lineOf(hold, 'T1300'), status: 'P', related: order.id });
  tellHold(world, hold, 'CREATED');
  if (hold.status === 'PENDING') world.later(MINUTE, () => settleHold(world, hold, 'CREATED'));
  return hold;
}

/** The end of a review. */
export function settleHold(world: World, hold: Hold, status: 'CREATED' | 'DENIED'): void {
  if (hold.status !== 'PENDING') return;
  hold.status = status;
  world.changes.count += 1;
  tellHold(world, hold, status === 'CREATED' ? 'CREATED' : 'DENIED');
}

export function voidHold(world: World, hold: Hold): void {
  hold.status = 'VOIDED';
  world.changes.count += 1;
  tellHold(world, hold, 'VOIDED');
}

/** Of a hold, or of an order that has none. */
export function take(
  world: World,
  from: { order: Order; instrument: Instrument; hold?: Hold },
  wanted: { amount: Money; final: boolean; invoiceId?: string | undefined },
): Capture {
  const pending = world.on.has('processing');
  const capture: Capture = {
    id: world.newId(),
    order: from.order,
    created: world.now(),
    amount: wanted.amount,
    final: wanted.final,
    instrument: from.instrument,
    invoiceId: wanted.invoiceId,
    status: pending ? 'PENDING' : 'COMPLETED',
    refunds: [],
  };
  world.captures.set(capture.id, capture);
  if (from.hold) from.hold.captures.push(capture);
  else from.order.direct = capture;
  world.changes.count += 1;
  if (pending) {
    world.outbox.tell('PAYMENT.CAPTURE.PENDING', 'capture', captureBody(world, capture));
    world.later(MINUTE, () => settleCapture(world, capture, 'COMPLETED'));
  } else booked(world, capture);
  if (from.instrument.disputed) openDispute(world, capture);
  return capture;
}

/** A pending capture ends. */
export function settleCapture(world: World, capture: Capture, status: 'COMPLETED' | 'DECLINED'): void {
  if (capture.status !== 'PENDING') return;
  capture.status = status;
  world.changes.count += 1;
  if (status === 'COMPLETED') booked(world, capture);
  else world.outbox.tell('PAYMENT.CAPTURE.DECLINED', 'capture', captureBody(world, capture));
}

function booked(world: World, capture: Capture): void {
  const { id, amount, order } = capture;
  const related = order.hold?.id ?? order.id;
  const fee = { ...amount, units: -feeOf(amount).units };
  world.lines.push({
    id,
    at: world.now(),
    code: 'T0006',
    amount,
    fee,
    related,
    customId: order.customId,
    status: 'S',
  });
  world.outbox.tell('PAYMENT.CAPTURE.COMPLETED', 'capture', captureBody(world, capture));
}

export function giveBack(
  world: World,
  capture: Capture,
  wanted: { amount: Money; invoiceId: string | undefined; customId: string | undefined },
): Refund {
  const { on } = world;
  const fails = capture.instrument.refund === 'fails' || on.has('refunds-fail');
  const pending = fails || capture.instrument.refund === 'pending' || on.has('refunds-pending');
  const status = pending ? 'PENDING' : 'COMPLETED';
  const refund: Refund = { id: world.newId(), capture, created: world.now(), ...wanted, status };
  capture.refunds.push(refund);
  world.refunds.set(refund.id, refund);
  world.changes.count += 1;
  if (pending) {
    world.outbox.tell('PAYMENT.REFUND.PENDING', 'refund', refundBody(world, refund));
    world.later(HOUR, () => settleRefund(world, refund, fails ? 'FAILED' : 'COMPLETED'));
  } else refunded(world, refund);
  return refund;
}

/** A pending refund ends, for better or worse. */
export function settleRefund(world: World, refund: Refund, status: 'COMPLETED' | 'FAILED'): void {
  if (refund.status !== 'PENDING') return;
  refund.status = status;
  world.changes.count += 1;
  if (status === 'COMPLETED') refunded(world, refund);
  else world.outbox.tell('PAYMENT.REFUND.FAILED', 'refund', refundBody(world, refund));
}

function refunded(world: World, refund: Refund): void {
  const { capture, amount, id, customId } = refund;
  const given = total(capture.refunds.filter(({ status }) => status === 'COMPLETED'));
  capture.status = given >= capture.amount.units ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  const out = { ...amount, units: -amount.units };
  world.lines.push({
    id,
    at: world.now(),
    code: 'T1107',
    amount: out,
    related: capture.id,
    customId,
    status: 'S',
  });
  world.outbox.tell('PAYMENT.CAPTURE.REFUNDED', 'refund', refundBody(world, refund));
}

export function openDispute(world: World, capture: Capture): Dispute {
  const created = world.now();
  const id = `PP-D-${world.disputes.size + 1}`;
  const dispute: Dispute = { id, capture, created, updated: created, status: 'WAITING_FOR_SELLER_RESPONSE' };
  world.disputes.set(id, dispute);
  moveDisputed(world, dispute, -1);
  tellDispute(world, dispute, 'CREATED');
  return dispute;
}

export function closeDispute(world: World, dispute: Dispute, isWon: boolean): void {
  if (dispute.status === 'RESOLVED') return;
  dispute.status = 'RESOLVED';
  dispute.outcome = isWon ? 'RESOLVED_SELLER_FAVOUR' : 'RESOLVED_BUYER_FAVOUR';
  dispute.updated = world.now();
  if (isWon) moveDisputed(world, dispute, 1);
  tellDispute(world, dispute, 'RESOLVED');
}

export function isDisputed(world: World, capture: Capture): boolean {
  return [...world.disputes.values()].some((each) => each.capture === capture && each.status !== 'RESOLVED');
}

/** The merchant's bank account gets the money. */
export function withdraw(world: World, amount: Money): string {
  const id = world.newId();
  world.changes.count += 1;
  world.lines.push({
    id,
    at: world.now(),
    code: 'T0400',
    amount: { ...amount, units: -amount.units },
    status: 'S',
  });
  return id;
}

/** What the books say of one reference, in the currency's smallest unit at PayPal. */
export function bookOf(world: World, reference: string): Readonly<Record<string, number>> {
  const orders = [...world.orders.values()].filter((each) => each.customId === reference);
  const holds = orders.flatMap(({ hold }) => (hold && hold.status !== 'DENIED' ? [hold] : []));
  const captures = [...world.captures.values()].filter(
    (each) => orders.includes(each.order) && isTaken(each),
  );
  const refunds = captures.flatMap((each) => each.refunds).filter(({ status }) => status !== 'FAILED');
  return {
    orders: orders.length,
    holds: holds.length,
    held: holds.filter(({ status }) => status === 'CREATED' || status === 'PENDING').length,
    captures: captures.length,
    captured: total(captures),
    refunds: refunds.length,
    refunded: total(refunds),
  };
}

function moveDisputed(world: World, { id, capture }: Dispute, sign: 1 | -1): void {
  const amount = { ...capture.amount, units: sign * capture.amount.units };
  const { customId } = capture.order;
  world.changes.count += 1;
  world.lines.push({
    id: `${id.replaceAll('-', '')}${sign > 0 ? 'W' : 'L'}`,
    at: world.now(),
    code: sign > 0 ? 'T1202' : 'T1201',
    amount,
    related: capture.id,
    customId,
    status: 'S',
  });
}

function lineOf({ id, order, created }: Hold, code: string) {
  return { id, at: created, code, amount: order.amount, customId: order.customId };
}

function tellHold(world: World, hold: Hold, what: string): void {
  world.outbox.tell(`PAYMENT.AUTHORIZATION.${what}`, 'authorization', holdBody(world, hold));
}

function tellDispute(world: World, dispute: Dispute, what: string): void {
  world.outbox.tell(`CUSTOMER.DISPUTE.${what}`, 'dispute', disputeBody(world, dispute));
}
