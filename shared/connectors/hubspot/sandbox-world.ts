import type { FaultSwitch, SandboxOptions } from '../sandbox.ts';
import { ContactStore } from './sandbox-store.ts';

export const FAULTS = [
  { name: 'rate-limit-burst', does: 'two of three calls are answered 429 TEN_SECONDLY_ROLLING' },
  { name: 'daily-limit', does: 'every call is answered 429 DAILY' },
  { name: 'outage', does: 'every call is answered 502 or 503, and nothing is done' },
  { name: 'reply-lost', does: 'writes are done, then the connection breaks before the answer' },
  { name: 'late-writes', does: 'the connection breaks at once and the write is done 8 seconds later' },
  { name: 'slow', does: 'every call takes 5 seconds longer' },
  { name: 'token-revoked', does: 'access tokens are answered 401 and the refresh token is refused' },
  { name: 'field-removed', does: 'replies lack the id of each record' },
  { name: 'locked', does: 'two of three writes are answered 423, the records being locked' },
  {
    name: 'validation-rule',
    does: 'about one contact in 50 is refused for its phone, each by its own error item',
  },
  { name: 'batch-refused', does: 'as validation-rule, but the whole call is refused and names no record' },
] as const satisfies readonly FaultSwitch[];
export type FaultName = (typeof FAULTS)[number]['name'];

/** What all parts of the sandbox share. */
export interface World {
  readonly seed: number;
  readonly portalId: number;
  readonly timeZone: string;
  readonly store: ContactStore;
  /** Calls per 10 seconds, per day and searches per second; Infinity = no limit. */
  readonly limits: { burst: number; daily: number; search: number };
  readonly accessToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** OAuth access tokens and the moment each ends. */
  readonly tokens: Map<string, number>;
  readonly on: Set<FaultName>;
  readonly counters: Map<string, number>;
  /** The sandbox's own clock. */
  now(): number;
  advance(ms: number): void;
  /** Uniform in [0, 1). */
  random(): number;
  count(name: string): void;
}

export function makeWorld(options: SandboxOptions): World {
  const machine = options.now ?? Date.now;
  const scale = options.rateScale ?? 1;
  let ahead = 0;
  const now = () => machine() + ahead;
  const random = mulberry(options.seed);
  const counters = new Map<string, number>();
  const name = options.seed.toString(36);
  return {
    seed: options.seed,
    portalId: 4_000_000 + (options.seed % 1_000_000),
    timeZone: 'America/New_York',
    store: new ContactStore(now),
    limits: { burst: scaled(190, scale), daily: scaled(650_000, scale), search: scaled(5, scale) },
    accessToken: `sandbox-access-${name}`,
    clientId: `sandbox-client-${name}`,
    clientSecret: `sandbox-client-secret-${name}`,
    refreshToken: `sandbox-refresh-${name}`,
    tokens: new Map(),
    on: new Set(),
    counters,
    now,
    advance: (ms) => {
      ahead += ms;
    },
    random,
    count: (counter) => counters.set(counter, (counters.get(counter) ?? 0) + 1),
  };
}

function scaled(limit: number, scale: number): number {
  return scale === Number.POSITIVE_INFINITY ? scale : Math.max(1, Math.floor(limit * scale));
}

/** A small seeded generator (mulberry32): good enough for a sandbox, and the same everywhere. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
