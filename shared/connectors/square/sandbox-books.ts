import type { World } from './sandbox-world.ts';

/** What the account's own books say about one reference, for tests to compare with. */
export type Books = {
  /** Payments of every state, and those that can still take money. */
  payments: number;
  open: number;
  /** Holds ever made, those that stand now, and those that were released. */
  holds: number;
  held: number;
  voided: number;
  declined: number;
  /** How often, and how much in minor units. */
  captures: number;
  captured: number;
  /** Refunds that did not fail. */
  refunds: number;
  refunded: number;
};

export function booksOf(world: World, reference: string): Books {
  const payments = [...world.payments.values()].filter((each) => each.reference === reference);
  const ids = new Set(payments.map(({ id }) => id));
  const refunds = [...world.refunds.values()].filter(
    ({ payment, status }) => ids.has(payment) && (status === 'PENDING' || status === 'COMPLETED'),
  );
  const having = (...states: readonly string[]) => payments.filter(({ status }) => states.includes(status));
  const captures = having('COMPLETED');
  return {
    payments: payments.length,
    open: having('APPROVED', 'PENDING').length,
    holds: payments.filter(({ approvedAt }) => approvedAt !== undefined).length,
    held: having('APPROVED').length,
    voided: having('CANCELED').length,
    declined: having('FAILED').length,
    captures: captures.length,
    captured: captures.reduce((sum, { amount }) => sum + amount, 0),
    refunds: refunds.length,
    refunded: refunds.reduce((sum, { amount }) => sum + amount, 0),
  };
}
