import * as z from 'zod';
import { BreakerSchema, closedBreaker } from './breaker.ts';
import { BudgetSchema, newBudget } from './budget.ts';
import { readDocument } from './documents.ts';
import type { Millis, Ports } from './ports.ts';
import { type AccountRef, accountKey } from './session.ts';

const HeldSchema = z.object({
  reason: z.string(),
  mend: z.string().optional(),
  since: z.number(),
  /** Replacing the secret ends the hold. */
  secretVersion: z.string().optional(),
});
export type Held = z.infer<typeof HeldSchema>;

/** What all workers share of one vendor account. */
export const AccountStateSchema = z.object({
  version: z.literal(1),
  budget: BudgetSchema,
  breaker: BreakerSchema,
  held: HeldSchema.optional(),
});
export type AccountState = z.infer<typeof AccountStateSchema>;

/** The document that holds it. */
export function accountDocument(ref: AccountRef): string {
  return `account/${accountKey(ref)}`;
}

/** An account that nobody has called yet. */
export function newAccountState(now: Millis): AccountState {
  return { version: 1, budget: newBudget(now), breaker: closedBreaker };
}

/** For status pages and health: the shared state of an account, without a worker's copy. */
export async function readAccount(ports: Ports, ref: AccountRef): Promise<AccountState | undefined> {
  return readDocument(ports, accountDocument(ref), AccountStateSchema);
}
