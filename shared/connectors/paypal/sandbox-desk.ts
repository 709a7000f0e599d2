import type { SandboxEdit } from '../sandbox.ts';
import {
  approve,
  closeDispute,
  openDispute,
  openHold,
  settleCapture,
  settleHold,
  settleRefund,
  take,
  voidHold,
  withdraw,
} from './sandbox-books.ts';
import { instrumentOf } from './sandbox-instruments.ts';
import type { Capture, Order } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** What people do outside the API: payers, the merchant's staff, PayPal itself. */
export const RECORDS = [
  'order',
  'authorization',
  'capture',
  'refund',
  'dispute',
  'withdrawal',
  'payment',
] as const;

/**
 * order `{approved: true}` or `remove` (the payer's cancel); authorization `{status}` or `remove`; capture `{status}`
 * or `{disputed: true}`; refund `{status}`; dispute `{won}`; withdrawal `{amount, currency}`; payment
 * `{amount, currency, reference}`: somebody charges past the hub.
 */
export function editAtDesk(world: World, edit: SandboxEdit): string {
  const { id = '', set = {} } = edit;
  switch (edit.record) {
    case 'order':
      return editOrder(world, found(world.orders, id), edit.remove === true);
    case 'authorization': {
      const hold = found(world.holds, id);
      if (edit.remove) voidHold(world, hold);
      else settleHold(world, hold, set.status === 'DENIED' ? 'DENIED' : 'CREATED');
      return id;
    }
    case 'capture':
      return editCapture(world, found(world.captures, id), set);
    case 'refund':
      settleRefund(world, found(world.refunds, id), set.status === 'FAILED' ? 'FAILED' : 'COMPLETED');
      return id;
    case 'dispute':
      closeDispute(world, found(world.disputes, id), set.won === true);
      return id;
    case 'withdrawal':
      return withdraw(world, moneyIn(set));
    case 'payment':
      return chargeAtDesk(world, set);
    default:
      throw new Error(`PayPal's sandbox has no record "${edit.record}"; it has ${RECORDS.join(', ')}`);
  }
}

function editOrder(world: World, order: Order, isCancelled: boolean): string {
  if (isCancelled) order.status = 'VOIDED';
  else approve(world, order);
  return order.id;
}

function editCapture(world: World, capture: Capture, set: Readonly<Record<string, unknown>>): string {
  if (set.disputed === true) return openDispute(world, capture).id;
  settleCapture(world, capture, set.status === 'DECLINED' ? 'DECLINED' : 'COMPLETED');
  return capture.id;
}

function chargeAtDesk(world: World, set: Readonly<Record<string, unknown>>): string {
  const amount = moneyIn(set);
  const customId = typeof set.reference === 'string' ? set.reference : undefined;
  const instrument = instrumentOf('ok');
  const order: Order = {
    id: world.newId(),
    created: world.now(),
    amount,
    customId,
    description: undefined,
    intent: 'AUTHORIZE',
    status: 'CREATED',
    returnUrl: undefined,
    source: undefined,
  };
  world.orders.set(order.id, order);
  const hold = openHold(world, order, instrument);
  take(world, { order, instrument, hold }, { amount, final: true });
  hold.status = 'CAPTURED';
  return order.id;
}

function moneyIn({ amount, currency }: Readonly<Record<string, unknown>>) {
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount <= 0)
    throw new Error('amount: a whole number of the smallest units, above 0');
  return { units: amount, currency: typeof currency === 'string' ? currency : 'EUR' };
}

function found<T>(rows: ReadonlyMap<string, T>, id: string): T {
  const row = rows.get(id);
  if (row === undefined) throw new Error(`PayPal's sandbox has nothing with the id "${id}"`);
  return row;
}
