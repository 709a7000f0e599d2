import type { AccountLimits, AccountRef, ObservedLimits } from '../../engine/session.ts';
import { type HubspotSecret, SecretSchema } from './schema.ts';

const WINDOW = 10_000;

/** Calls per 10 seconds and per day by subscription (usage guidelines, 2026-09). */
const TIERS = {
  free: { burst: 100, daily: 250_000 },
  starter: { burst: 100, daily: 250_000 },
  professional: { burst: 190, daily: 650_000 },
  enterprise: { burst: 190, daily: 1_000_000 },
} as const satisfies Record<HubspotSecret['tier'], { burst: number; daily: number }>;

/** With the API limit increase, per app. */
const BURST_WITH_PACK = 250;
const DAILY_PER_PACK = 1_000_000;
/** An app that is installed by OAuth has this per account, and no daily quota (usage guidelines). */
const OAUTH_BURST = 110;

/** An account of this connector; its secret is `intertie/<stage>/hubspot/<name>`. */
export function hubspotAccount(name: string): AccountRef {
  return { vendor: 'hubspot', name, limits: accountLimits };
}

/** What the secret's subscription allows; nothing for a secret that does not fit, which fails elsewhere with its field. */
export function accountLimits(secret: unknown): AccountLimits {
  const parsed = SecretSchema.safeParse(secret);
  return parsed.success ? limitsOf(parsed.data) : {};
}

function limitsOf(secret: HubspotSecret): AccountLimits {
  const burst = secret.limits ? secret.limits.callsPer10Seconds : burstOf(secret);
  const daily = secret.limits ? secret.limits.callsPerDay : dailyOf(secret);
  return {
    ...(burst === null ? {} : { rate: { calls: burst, windowMs: WINDOW } }),
    ...(daily === null ? {} : { daily: { calls: daily, timeZone: secret.timeZone } }),
  };
}

function burstOf({ auth, tier, capacityPacks }: HubspotSecret): number {
  if (auth.kind === 'oauth') return OAUTH_BURST;
  return capacityPacks > 0 ? BURST_WITH_PACK : TIERS[tier].burst;
}

function dailyOf({ auth, tier, capacityPacks }: HubspotSecret): number | null {
  return auth.kind === 'oauth' ? null : TIERS[tier].daily + capacityPacks * DAILY_PER_PACK;
}

/** From the X-HubSpot-RateLimit headers; empty where HubSpot sends none (search, and the daily ones for OAuth). */
export function observedLimits(headers: Readonly<Record<string, string>>): ObservedLimits {
  const observed = {
    remaining: count(headers['x-hubspot-ratelimit-remaining']),
    limit: count(headers['x-hubspot-ratelimit-max']),
    windowMs: count(headers['x-hubspot-ratelimit-interval-milliseconds']),
    dailyRemaining: count(headers['x-hubspot-ratelimit-daily-remaining']),
    dailyLimit: count(headers['x-hubspot-ratelimit-daily']),
  };
  return Object.fromEntries(Object.entries(observed).filter(([, value]) => value !== undefined));
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
