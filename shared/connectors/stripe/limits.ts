import type { AccountLimits, AccountRef } from '../../engine/session.ts';
import { isLive } from './auth.ts';
import { SecretSchema } from './schema.ts';

/** Calls per second of an account in live mode and in a sandbox ("Rate limits"). */
const LIVE = 100;
const TEST = 25;

/** An account of this connector; its secret is `intertie/<stage>/stripe/<name>`. */
export function stripeAccount(name: string): AccountRef {
  return { vendor: 'stripe', name, limits: accountLimits };
}

/** What the key's mode allows, or the secret's own figure; nothing for a secret that does not fit. */
export function accountLimits(secret: unknown): AccountLimits {
  const parsed = SecretSchema.safeParse(secret);
  if (!parsed.success) return {};
  const { callsPerSecond } = parsed.data;
  if (callsPerSecond === null) return {};
  const calls = callsPerSecond ?? (isLive(parsed.data) ? LIVE : TEST);
  return { rate: { calls, windowMs: 1_000 } };
}
