import type { Millis } from '../../engine/ports.ts';
import type { AccountLimits, AccountRef } from '../../engine/session.ts';
import { SecretSchema } from './schema.ts';

/** An account of this connector; its secret is `intertie/<stage>/paypal/<name>`. */
export function paypalAccount(name: string): AccountRef {
  return { vendor: 'paypal', name, limits: accountLimits };
}

/** PayPal publishes no figure and may lower its limits at any time ("Rate limiting guidelines"): only our own counts. */
export function accountLimits(secret: unknown): AccountLimits {
  const calls = SecretSchema.safeParse(secret).data?.callsPerSecond;
  return calls ? { rate: { calls, windowMs: 1_000 } } : {};
}

/** For a whole call of ours, the reading before a write and a new token included. */
export const CALL: Millis = 10_000;

/** A write that could not start this long after the call began is not sent at all: the caller planned it for now. */
export const START_WITHIN: Millis = 4_000;

/** PayPal does not say how long it may still carry out a request that we gave up on: chosen on the safe side. */
export const LATENESS: Millis = 60_000;

/** Orders keep a request id six hours, captures and refunds 45 days ("Idempotency"); the shorter counts. */
export const KEY_LIFE: Millis = 6 * 3_600_000;

/** Payers may approve an order for three hours; not part of the API's documents, check it with the account. */
export const APPROVAL: Millis = 3 * 3_600_000;
