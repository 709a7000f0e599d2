import { hash } from 'node:crypto';
import { realSleep, type SandboxOptions } from '../sandbox.ts';
import { drawnText, seededRandom } from './sandbox-dice.ts';
import type { FaultName } from './sandbox-faults.ts';
import type { Tree } from './sandbox-form.ts';
import { Keys } from './sandbox-keys.ts';
import { Outbox } from './sandbox-outbox.ts';
import type { Charge, Dispute, Intent, Movement, Payout, Refund } from './sandbox-rows.ts';

/** One call of the API: the id in its path ('' without one) and its parameters. */
export interface Call {
  readonly id: string;
  readonly params: Tree;
}

/** What all parts of the sandbox share. */
export interface World {
  readonly seed: number;
  readonly accountId: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  readonly intents: Map<string, Intent>;
  readonly charges: Map<string, Charge>;
  readonly refunds: Map<string, Refund>;
  readonly movements: Map<string, Movement>;
  readonly disputes: Map<string, Dispute>;
  readonly payouts: Map<string, Payout>;
  readonly keys: Keys;
  /** Where the sandbox was called last, for addresses of its own pages. */
  readonly seen: { origin: string };
  readonly outbox: Outbox;
  /** Calls per second; Infinity = no limit. */
  readonly callsPerSecond: number;
  readonly on: Set<FaultName>;
  readonly counters: Map<string, number>;
  /** Changes of what is stored so far; only ever counted up. */
  readonly changes: { count: number };
  /** The sandbox's own clock, in milliseconds and in whole seconds. */
  now(): number;
  seconds(): number;
  advance(ms: number): void;
  /** Runs at that time by the sandbox's clock, or at the first call after it. */
  later(ms: number, run: () => void): void;
  runDue(): void;
  /** Real time. */
  sleep(ms: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  newId(prefix: string): string;
  count(name: string): void;
}

/** A fresh account in test mode. */
export function makeWorld(options: SandboxOptions): World {
  const machine = options.now ?? Date.now;
  let ahead = 0;
  const now = () => machine() + ahead;
  const random = seededRandom(options.seed);
  const counters = new Map<string, number>();
  const count = (counter: string) => void counters.set(counter, (counters.get(counter) ?? 0) + 1);
  const on = new Set<FaultName>();
  const name = drawnText(seededRandom(options.seed + 1), 16);
  const webhookSecret = `whsec_sandbox${name}`;
  const newId = idsOf(options.seed);
  return {
    seed: options.seed,
    accountId: `acct_${name}`,
    apiKey: `sk_test_sandbox${name}`,
    webhookSecret,
    intents: new Map(),
    charges: new Map(),
    refunds: new Map(),
    movements: new Map(),
    disputes: new Map(),
    payouts: new Map(),
    keys: new Keys(),
    seen: { origin: 'http://127.0.0.1' },
    outbox: new Outbox({ seed: options.seed, webhookSecret, on, machine, now, count, newId }),
    callsPerSecond: Math.max(1, Math.floor(25 * (options.rateScale ?? 1))),
    on,
    counters,
    changes: { count: 0 },
    ...{ now, random, newId, count, sleep: options.sleep ?? realSleep },
    seconds: () => Math.floor(now() / 1_000),
    advance: (ms) => {
      ahead += ms;
    },
    ...makeAgenda(now),
  };
}

/** Of each kind in a series of its own: what was only looked at, or refused, changes no id that comes later. */
function idsOf(seed: number): (prefix: string) => string {
  const series = new Map<string, () => number>();
  return (prefix) => {
    const random =
      series.get(prefix) ?? seededRandom(seed + parseInt(hash('md5', prefix, 'hex').slice(0, 7), 16));
    series.set(prefix, random);
    return `${prefix}_${drawnText(random, 24)}`;
  };
}

/** What happens by itself, in the order of its time. */
function makeAgenda(now: () => number): Pick<World, 'later' | 'runDue'> {
  let waiting: { at: number; run: () => void }[] = [];
  return {
    later: (ms, run) => {
      waiting.push({ at: now() + ms, run });
      waiting.sort((a, b) => a.at - b.at);
    },
    runDue: () => {
      const due = waiting.filter(({ at }) => at <= now());
      waiting = waiting.filter(({ at }) => at > now());
      for (const { run } of due) run();
    },
  };
}
