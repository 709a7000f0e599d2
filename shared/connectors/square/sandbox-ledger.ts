import { payoutChanged } from './sandbox-changes.ts';
import type { Dispute, Entry, Payment, Payout, Refund } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

const DAY = 86_400_000;

type New = Pick<Entry, 'type' | 'gross' | 'fee' | 'currency' | 'about'>;

/** What was booked is paid out a day later, with all that is there by then. */
function book(world: World, line: New): void {
  const id = `poe_${world.draw(26)}`;
  const isFirst = ![...world.entries.values()].some(({ payout }) => payout === undefined);
  world.entries.set(id, { ...line, id, at: world.now(), payout: undefined });
  if (isFirst) world.later(DAY, () => void payOut(world));
}

export function bookCapture(world: World, payment: Payment): void {
  const { id, amount, currency } = payment;
  payment.fee = Math.round(amount * 0.029) + 30;
  book(world, { type: 'CHARGE', gross: amount, fee: payment.fee, currency, about: { payment_id: id } });
}

/** The fee of the charge is not given back. */
export function bookRefund(world: World, { id, payment, amount, currency }: Refund): void {
  const about = { payment_id: payment, refund_id: id };
  book(world, { type: 'REFUND', gross: -amount, fee: 0, currency, about });
}

/** The bank sent it back. */
export function bookRefundFailure(world: World, { id, payment, amount, currency }: Refund): void {
  const about = { payment_id: payment, refund_id: id };
  book(world, { type: 'OTHER_ADJUSTMENT', gross: amount, fee: 0, currency, about });
}

export function bookDispute(world: World, { id, payment, amount, currency }: Dispute, lost: boolean): void {
  const about = { payment_id: payment, dispute_id: id };
  book(world, { type: 'DISPUTE', gross: lost ? -amount : amount, fee: 0, currency, about });
}

/** Pays out all that no payout holds yet, one currency at a time; gives the id of the last payout. */
export function payOut(world: World): string | undefined {
  const open = [...world.entries.values()].filter(({ payout }) => payout === undefined);
  let last: string | undefined;
  for (const currency of new Set(open.map((each) => each.currency)))
    last = payOutOf(
      world,
      currency,
      open.filter((each) => each.currency === currency),
    );
  return last;
}

/** A payout below zero takes the money from the seller's bank; one of exactly zero is never made. */
function payOutOf(world: World, currency: string, lines: readonly Entry[]): string | undefined {
  const amount = lines.reduce((sum, { gross, fee }) => sum + gross - fee, 0);
  if (amount === 0) {
    world.later(DAY, () => void payOut(world));
    return undefined;
  }
  const at = world.now();
  const id = `po_${world.draw(26)}`;
  const payout: Payout = { id, created: at, updated: at, amount, currency, status: 'SENT', version: 0 };
  world.payouts.set(id, payout);
  for (const line of lines) line.payout = id;
  payoutChanged(world, payout);
  world.later(DAY, () => arrive(world, payout));
  return id;
}

function arrive(world: World, payout: Payout): void {
  payout.status = world.on.has('payouts-fail') ? 'FAILED' : 'PAID';
  const { amount: gross, currency, status } = payout;
  if (status === 'FAILED') book(world, { type: 'RETURNED_PAYOUT', gross, fee: 0, currency, about: {} });
  payoutChanged(world, payout);
}
