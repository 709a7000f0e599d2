import { realSleep, type SandboxOptions } from '../sandbox.ts';
import { drawnId, seededRandom } from './sandbox-dice.ts';
import type { FaultName } from './sandbox-faults.ts';
import { Keys } from './sandbox-keys.ts';
import { Outbox } from './sandbox-outbox.ts';
import type { Capture, Dispute, Hold, Line, Order, Refund } from './sandbox-rows.ts';
import { Signer } from './sandbox-signer.ts';

/** What all parts of the sandbox share. */
export interface World {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookId: string;
  readonly orders: Map<string, Order>;
  readonly holds: Map<string, Hold>;
  readonly captures: Map<string, Capture>;
  readonly refunds: Map<string, Refund>;
  readonly disputes: Map<string, Dispute>;
  readonly lines: Line[];
  readonly keys: Keys;
  readonly signer: Signer;
  readonly outbox: Outbox;
  /** Access tokens and the moment each ends. */
  readonly tokens: Map<string, number>;
  /** Calls per second; Infinity = no limit. */
  readonly callsPerSecond: number;
  readonly on: Set<FaultName>;
  readonly counters: Map<string, number>;
  /** Changes of what is stored so far; only ever counted up. */
  readonly changes: { count: number };
  /** Where this sandbox is reached. */
  readonly place: { base: string };
  /** The sandbox's own clock. */
  now(): number;
  advance(ms: number): void;
  /** Runs at that time by the sandbox's clock, or at the first call after it. */
  later(ms: number, run: () => void): void;
  runDue(): void;
  /** Real time. */
  sleep(ms: number): Promise<void>;
  newId(): string;
  newToken(): string;
  count(name: string): void;
}

/** A fresh merchant. */
export function makeWorld(options: SandboxOptions): World {
  const machine = options.now ?? Date.now;
  let ahead = 0;
  const now = () => machine() + ahead;
  const random = seededRandom(options.seed);
  // Of their own, so that how often somebody signs in changes no id.
  const tokenDice = seededRandom(options.seed + 3);
  const counters = new Map<string, number>();
  const count = (counter: string) => void counters.set(counter, (counters.get(counter) ?? 0) + 1);
  const on = new Set<FaultName>();
  const name = drawnId(seededRandom(options.seed + 1));
  const webhookId = name;
  const signer = new Signer();
  const place = { base: 'http://127.0.0.1' };
  const base = () => place.base;
  return {
    clientId: `sandbox-client-${name}`,
    clientSecret: `sandbox-secret-${name}`,
    webhookId,
    ...emptyBooks(),
    keys: new Keys(),
    signer,
    outbox: new Outbox({ seed: options.seed, webhookId, signer, on, base, machine, now, count }),
    tokens: new Map(),
    // PayPal publishes no limit: a busy merchant gets this much.
    callsPerSecond: Math.max(1, Math.floor(50 * (options.rateScale ?? 1))),
    ...{ on, counters, place, now, count },
    changes: { count: 0 },
    newId: () => drawnId(random),
    newToken: () => `A21AA${drawnId(tokenDice, 34)}`,
    sleep: options.sleep ?? realSleep,
    advance: (ms) => {
      ahead += ms;
    },
    ...makeAgenda(now),
  };
}

function emptyBooks() {
  const lines: Line[] = [];
  return {
    orders: new Map<string, Order>(),
    holds: new Map<string, Hold>(),
    captures: new Map<string, Capture>(),
    refunds: new Map<string, Refund>(),
    disputes: new Map<string, Dispute>(),
    lines,
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
