import { movementObject, payoutObject } from './sandbox-objects.ts';
import type { Charge, Dispute, Movement, Payout, Refund } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

const DAY = 86_400_000;

type New = Pick<Movement, 'type' | 'category' | 'amount' | 'fee' | 'currency' | 'source'>;

function book(world: World, movement: New): string {
  const id = world.newId('txn');
  world.movements.set(id, { ...movement, id, created: world.seconds(), description: null, payout: null });
  return id;
}

export function bookCapture(world: World, charge: Charge): void {
  const { amountCaptured: amount, currency, id: source } = charge;
  const fee = Math.round(amount * 0.029) + 30;
  charge.movement = book(world, { type: 'charge', category: 'charge', amount, fee, currency, source });
}

export function bookRefund(world: World, refund: Refund): void {
  const { amount, currency, id: source } = refund;
  refund.movement = book(world, {
    type: 'refund',
    category: 'refund',
    amount: -amount,
    fee: 0,
    currency,
    source,
  });
}

/** The money of a failed refund comes back; the fee of the charge does not. */
export function bookRefundFailure(world: World, refund: Refund): void {
  const { amount, currency, id: source } = refund;
  const failure = { type: 'refund_failure', category: 'refund_failure', amount, fee: 0, currency, source };
  refund.failureMovement = book(world, failure);
}

export function bookDispute(world: World, dispute: Dispute, lost: boolean): void {
  const { amount, currency, id: source } = dispute;
  const category = lost ? 'dispute' : 'dispute_reversal';
  const signed = lost ? -amount : amount;
  const fee = lost ? 1_500 : 0;
  dispute.movements.push(
    book(world, { type: 'adjustment', category, amount: signed, fee, currency, source }),
  );
}

/** Pays out all that no payout holds yet, one currency at a time; gives the id of the last payout. */
export function payOut(world: World): string | undefined {
  const open = [...world.movements.values()].filter(
    ({ payout, type }) => payout === null && !type.startsWith('payout'),
  );
  const currencies = new Set(open.map(({ currency }) => currency));
  let last: string | undefined;
  for (const currency of currencies) last = payOutOf(world, currency, open) ?? last;
  return last;
}

function payOutOf(world: World, currency: string, open: readonly Movement[]): string | undefined {
  const part = open.filter((each) => each.currency === currency);
  const amount = part.reduce((sum, each) => sum + each.amount - each.fee, 0);
  if (amount <= 0) return undefined;
  const id = world.newId('po');
  const payout: Payout = {
    ...{ id, created: world.seconds(), amount, currency },
    ...{ status: 'in_transit', movement: null, failureMovement: null },
  };
  world.payouts.set(id, payout);
  for (const each of part) each.payout = id;
  payout.movement = book(world, {
    type: 'payout',
    category: 'payout',
    amount: -amount,
    fee: 0,
    currency,
    source: id,
  });
  own(world, payout.movement, id);
  tell(world, 'payout.created', payout);
  tell(world, 'payout.reconciliation_completed', payout);
  world.later(DAY, () => arrive(world, payout));
  return id;
}

function arrive(world: World, payout: Payout): void {
  const fails = world.on.has('payouts-fail');
  payout.status = fails ? 'failed' : 'paid';
  world.changes.count += 1;
  if (fails) {
    const { amount, currency, id: source } = payout;
    const failure = { type: 'payout_failure', category: 'payout_reversal', amount, fee: 0, currency, source };
    payout.failureMovement = book(world, failure);
  }
  tell(world, fails ? 'payout.failed' : 'payout.paid', payout);
}

function own(world: World, movement: string, payout: string): void {
  const row = world.movements.get(movement);
  if (row) row.payout = payout;
}

function tell(world: World, type: string, payout: Payout): void {
  world.outbox.tell(type, payoutObject(payout));
}

/** The account's balance: what no payout holds yet. */
export function balanceObject(world: World): { [name: string]: unknown } {
  const sums = new Map<string, number>([['usd', 0]]);
  for (const { amount, fee, currency } of world.movements.values())
    sums.set(currency, (sums.get(currency) ?? 0) + amount - fee);
  const available = [...sums].map(([currency, amount]) => ({
    amount,
    currency,
    source_types: { card: amount },
  }));
  return { object: 'balance', available, livemode: false, pending: [{ amount: 0, currency: 'usd' }] };
}

/** Balance transactions of one payout, as the list with `payout` shows them. */
export function movementsOf(world: World, payout: string | undefined): { [name: string]: unknown }[] {
  const all = [...world.movements.values()];
  return (payout === undefined ? all : all.filter((each) => each.payout === payout)).map(movementObject);
}
