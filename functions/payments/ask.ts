import type { Payment } from './payment.ts';
import { addOperation } from './start.ts';
import { statusOf } from './status.ts';
import { told } from './transitions.ts';
import { amountsOf, taking } from './view.ts';

/** What a merchant asked for, taken down; or why it cannot be, and which field is to blame. */
export type Asked =
  | { ok: true; payment: Payment }
  | { ok: false; code: 'amount' | 'state'; field: string; because: string };

/**
 * Take the held money, or a part of it; the rest is released. Asking again for the same amount changes nothing.
 * `wholeOnlyAt` names a provider that holds the money and gives no part of it.
 */
export function askCapture(payment: Payment, amount: number, now: number, wholeOnlyAt?: string): Asked {
  if (payment.captureAsked?.amount === amount) return { ok: true, payment };
  const status = statusOf(payment);
  if (payment.captureAsked || status !== 'authorised')
    return refused('state', 'id', `only an authorised payment can be captured, once; this one is ${status}`);
  if (!isWhole(amount) || amount > payment.amount)
    return refused('amount', 'amount', `must be from 1 to the ${payment.amount} that are held`);
  if (wholeOnlyAt !== undefined && amount < payment.amount)
    return refused(
      'amount',
      'amount',
      `${wholeOnlyAt} gives no part of a hold: capture all ${payment.amount} and refund the rest, or void it`,
    );
  const line = { at: now, by: 'api' as const, what: `capture of ${amount} asked for` };
  return { ok: true, payment: told({ ...payment, captureAsked: { at: now, amount } }, line) };
}

/** Give up a payment of which nothing was taken; every hold is released. */
export function askVoid(payment: Payment, now: number): Asked {
  const status = statusOf(payment);
  if (payment.voidAsked || status === 'voided') return { ok: true, payment };
  if (status === 'captured') return refused('state', 'id', 'its money was taken: refund it instead');
  if (payment.ended) return refused('state', 'id', `nothing is left to void: it is ${status}`);
  if (payment.captureOwner !== undefined || payment.captureAsked)
    return refused('state', 'id', 'it is just being captured: ask again when it is, for a refund');
  const line = { at: now, by: 'api' as const, what: 'void asked for' };
  return { ok: true, payment: told({ ...payment, voidAsked: { at: now } }, line) };
}

/** Give back money that was taken: its amount is reserved from now on, so that no two refunds can exceed it. */
export function askRefund(
  payment: Payment,
  { id, amount, reason }: { id: string; amount: number; reason?: string | undefined },
  now: number,
): Asked {
  const known = payment.operations.find(({ refund }) => refund?.id === id);
  if (known) {
    if (known.amount === amount) return { ok: true, payment };
    return refused('amount', 'amount', `refund ${id} is of ${known.amount}`);
  }
  const took = taking(payment);
  if (!took)
    return refused(
      'state',
      'id',
      `only a captured payment can be refunded; this one is ${statusOf(payment)}`,
    );
  const { captured, reserved } = amountsOf(payment);
  if (!isWhole(amount) || reserved + amount > captured)
    return refused('amount', 'amount', `must be from 1 to the ${captured - reserved} not refunded yet`);
  const refund = { id, reason };
  const line = { at: now, by: 'api' as const, what: `refund of ${amount} asked for` };
  return {
    ok: true,
    payment: told(addOperation(payment, took.attempt, { kind: 'refund', amount, refund }), line),
  };
}

function isWhole(amount: number): boolean {
  return Number.isSafeInteger(amount) && amount > 0;
}

function refused(code: 'amount' | 'state', field: string, because: string): Asked {
  return { ok: false, code, field, because };
}
