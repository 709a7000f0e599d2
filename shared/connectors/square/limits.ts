import type { Millis } from '../../engine/ports.ts';
import type { AccountLimits, AccountRef } from '../../engine/session.ts';
import { SecretSchema } from './schema.ts';

/** An account of this connector; its secret is `intertie/<stage>/square/<name>`. */
export function squareAccount(name: string): AccountRef {
  return { vendor: 'square', name, limits: accountLimits };
}

/** Square publishes no figure, and it seems to hold for the whole application: only our own counts. */
export function accountLimits(secret: unknown): AccountLimits {
  const calls = SecretSchema.safeParse(secret).data?.callsPerSecond;
  return calls ? { rate: { calls, windowMs: 1_000 } } : {};
}

/** For a whole call of ours, the reading before a write included. */
export const CALL: Millis = 10_000;

/** For one reading; a write that could not start this long after the call began is not sent at all. */
export const START_WITHIN: Millis = 4_000;

/**
 * Chosen on the safe side. Square does not say how long it may still carry out a request that we gave up on: a
 * minute. Its lists may be several seconds behind ("ListPayments"): another minute.
 */
export const LATENESS: Millis = 120_000;

/** Chosen: how long Square keeps a key is not published. */
export const KEY_LIFE: Millis = 6 * 3_600_000;
