import type { StripeSecret } from './schema.ts';

/**
 * The headers of every call: the key as a bearer token, which has no end of its own, and the pinned version, so
 * that the account's default version in the dashboard does not matter ("Authentication", "Versioning").
 */
export function headersOf({ apiKey, apiVersion }: StripeSecret): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${apiKey}`, 'stripe-version': apiVersion, accept: 'application/json' };
}

/** The base URL without a trailing slash. */
export function originOf({ baseUrl }: StripeSecret): string {
  return new URL(baseUrl).origin;
}

/** Test keys act in a sandbox of Stripe's and have its lower limits. */
export function isLive({ apiKey }: StripeSecret): boolean {
  return /^[sr]k_live_/.test(apiKey);
}
