import { realSleep, type SandboxOptions } from '../sandbox.ts';
import { drawnText, seededRandom } from './sandbox-dice.ts';
import type { FaultName } from './sandbox-faults.ts';
import { Keys } from './sandbox-keys.ts';
import { Outbox } from './sandbox-outbox.ts';
import type { Dispute, Entry, Json, Payment, Payout, Refund } from './sandbox-rows.ts';
import { Tokens } from './sandbox-token.ts';

/** One call of the API: the id in its path ('' without one), its query and its body. */
export interface Call {
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What all parts of the sandbox share. */
export interface World {
  readonly merchantId: string;
  readonly locationId: string;
  /** A location has one currency, and a person at the desk may choose it. */
  readonly location: { currency: string };
  readonly tokens: Tokens;
  readonly payments: Map<string, Payment>;
  readonly refunds: Map<string, Refund>;
  readonly entries: Map<string, Entry>;
  readonly disputes: Map<string, Dispute>;
  readonly payouts: Map<string, Payout>;
  /** What each listed object was, and from when on: lists are behind. */
  readonly versions: Map<string, { at: number; object: Json }[]>;
  /** Payments by the key they were created under. */
  readonly created: Map<string, string>;
  readonly keys: Keys;
  readonly outbox: Outbox;
  /** Calls per second; Infinity = no limit. */
  readonly callsPerSecond: number;
  readonly on: Set<FaultName>;
  readonly counters: Map<string, number>;
  /** Changes of what is stored so far; only ever counted up. */
  readonly changes: { count: number };
  /** The sandbox's own clock. */
  now(): number;
  advance(ms: number): void;
  /** Runs at that time by the sandbox's clock, or at the first call after it. */
  later(ms: number, run: () => void): void;
  runDue(): void;
  /** Real time. */
  sleep(ms: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  /** Letters and digits. */
  draw(length: number): string;
  count(name: string): void;
}

/** Square publishes no limit; this is the sandbox's. */
const CALLS_PER_SECOND = 20;

/** A fresh seller with one location. */
export function makeWorld(options: SandboxOptions): World {
  const machine = options.now ?? Date.now;
  const clock = makeClock(machine);
  const random = seededRandom(options.seed);
  const counters = new Map<string, number>();
  const count = (counter: string) => void counters.set(counter, (counters.get(counter) ?? 0) + 1);
  const on = new Set<FaultName>();
  const name = drawnText(seededRandom(options.seed + 1), 16);
  const merchantId = `ML${name.slice(0, 11).toUpperCase()}`;
  const locationId = `L${name.slice(0, 12).toUpperCase()}`;
  const draw = (length: number) => drawnText(random, length);
  return {
    ...{ merchantId, locationId, location: { currency: 'USD' }, tokens: new Tokens(name, clock.now) },
    ...{ payments: new Map(), refunds: new Map(), entries: new Map(), disputes: new Map() },
    ...{ payouts: new Map(), versions: new Map(), created: new Map(), keys: new Keys() },
    outbox: new Outbox({
      ...{ seed: options.seed, key: `sandboxkey${name}`, merchantId, on, count },
      now: clock.now,
    }),
    callsPerSecond: Math.max(1, Math.floor(CALLS_PER_SECOND * (options.rateScale ?? 1))),
    ...{ on, counters, changes: { count: 0 }, random, draw, count, sleep: options.sleep ?? realSleep },
    ...clock,
  };
}

/** A clock that can be advanced, and what happens by itself: each thing at its own time, in that order. */
function makeClock(machine: () => number): Pick<World, 'now' | 'advance' | 'later' | 'runDue'> {
  let ahead = 0;
  let running: number | undefined;
  const waiting: { at: number; run: () => void }[] = [];
  const now = () => running ?? machine() + ahead;
  return {
    now,
    advance: (ms) => {
      ahead += ms;
    },
    later: (ms, run) => {
      waiting.push({ at: now() + ms, run });
      waiting.sort((a, b) => a.at - b.at);
    },
    runDue: () => {
      const end = now();
      for (let next = waiting[0]; next && next.at <= end; next = waiting[0]) {
        waiting.shift();
        running = next.at;
        try {
          next.run();
        } finally {
          running = undefined;
        }
      }
    },
  };
}
