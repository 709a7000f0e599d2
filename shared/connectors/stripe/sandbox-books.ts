import type { World } from './sandbox-world.ts';
import { REFERENCE } from './shown.ts';

/** What the account's own books say about one reference, for tests to compare with. */
export type Books = {
  /** PaymentIntents, and those that can still take money. */
  prepared: number;
  open: number;
  /** Holds ever made, those that stand now, and those that were released. */
  holds: number;
  held: number;
  voided: number;
  declined: number;
  /** How often, and how much, in Stripe's units. */
  captures: number;
  captured: number;
  /** Refunds that did not fail. */
  refunds: number;
  refunded: number;
};

export function booksOf(world: World, reference: string): Books {
  const intents = [...world.intents.values()].filter(({ metadata }) => metadata[REFERENCE] === reference);
  const ids = new Set(intents.map(({ id }) => id));
  const charges = [...world.charges.values()].filter(({ intent }) => ids.has(intent));
  const refunds = [...world.refunds.values()].filter(
    ({ intent, status }) => ids.has(intent) && status !== 'failed',
  );
  const holds = charges.filter(({ failure }) => !failure);
  const captures = holds.filter(({ captured }) => captured);
  const statusOf = (id: string) => world.intents.get(id)?.status;
  return {
    prepared: intents.length,
    open: intents.filter(({ status }) => status !== 'canceled' && status !== 'succeeded').length,
    holds: holds.length,
    held: holds.filter(({ intent }) => statusOf(intent) === 'requires_capture').length,
    voided: holds.filter(({ intent }) => statusOf(intent) === 'canceled').length,
    declined: charges.length - holds.length,
    captures: captures.length,
    captured: captures.reduce((sum, { amountCaptured }) => sum + amountCaptured, 0),
    refunds: refunds.length,
    refunded: refunds.reduce((sum, { amount }) => sum + amount, 0),
  };
}
