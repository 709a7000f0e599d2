import { emptyState, type MemoryState } from '../support/memory/state.ts';
import type { Code } from './code.ts';
import { type Dice, dice } from './dice.ts';
import { Scheduler } from './scheduler.ts';
import type { Weights } from './weights.ts';

/** What is counted while a seed runs, for the printed table. */
export interface Counts {
  crashes: number;
  frozen: number;
  timeouts: number;
  throttled: number;
  takeovers: number;
  duplicates: number;
  lateWrites: number;
  lostReplies: number;
  outsideEdits: number;
  edits: number;
  creates: number;
  writes: number;
  parked: number;
  /** Calls that a vendor refused with 429. */
  refusedForRate: number;
  /** Calls let go when three fifths of the vendor's limit or more were used: about all that the engine allows itself. */
  nearLimit: number;
}

/** Nothing has been counted yet. */
export function noCounts(): Counts {
  return {
    crashes: 0,
    frozen: 0,
    timeouts: 0,
    throttled: 0,
    takeovers: 0,
    duplicates: 0,
    lateWrites: 0,
    lostReplies: 0,
    outsideEdits: 0,
    edits: 0,
    creates: 0,
    writes: 0,
    parked: 0,
    refusedForRate: 0,
    nearLimit: 0,
  };
}

export interface Violation {
  rule: string;
  text: string;
}

/** About five tries: one, and four takeovers. */
const MOST_KILLED = 5;

/** All there is outside of the engine: time, storage, chance, and what has been noticed so far. */
export class World {
  readonly code: Code;
  readonly seed: number;
  readonly dice: Dice;
  readonly scheduler: Scheduler;
  readonly state: MemoryState = emptyState();
  readonly violations: Violation[] = [];
  readonly counts = noCounts();
  /** What only some runs count, by its printed name. */
  readonly tallies = new Map<string, number>();
  weights: Weights;
  /** Replaced by the host: somebody put a message on a queue. */
  onSend: () => void = () => undefined;
  /** Deaths of workers while they held a record, since it was last settled: by `collection/id`. */
  readonly deaths = new Map<string, number>();
  readonly mostDeaths = new Map<string, number>();
  /** How often in a row a record killed its reader, since it was last settled. */
  readonly killed = new Map<string, number>();
  readonly killedUnheld = new Map<string, number>();
  readonly #print: ((line: string) => void) | undefined;

  constructor(options: { code: Code; seed: number; weights: Weights; print?: (line: string) => void }) {
    this.code = options.code;
    this.seed = options.seed;
    this.dice = dice(options.seed);
    this.weights = options.weights;
    this.scheduler = new Scheduler(dice(options.seed + 0x9e3779b1));
    this.#print = options.print;
  }

  get now(): number {
    return this.scheduler.now;
  }

  get tracing(): boolean {
    return this.#print !== undefined;
  }

  after(delay: number, happen: () => void): void {
    this.scheduler.after(delay, happen);
  }

  /**
   * A record that has killed so many workers must not be read again. Whoever read it without holding it (an
   * audit) is counted apart: no lease tells of its death.
   */
  killedBy(id: string, held: boolean): void {
    const counter = held ? this.killed : this.killedUnheld;
    add(counter, id);
    const times = counter.get(id) ?? 0;
    if (times > MOST_KILLED)
      this.violated(
        'poison is parked',
        `${id} killed its ${held ? 'worker' : 'auditor'} ${times} times in a row`,
      );
  }

  tally(name: string, by = 1): void {
    add(this.tallies, name, by);
  }

  died(name: string): void {
    add(this.deaths, name);
    this.mostDeaths.set(name, Math.max(this.mostDeaths.get(name) ?? 0, this.deaths.get(name) ?? 0));
  }

  /** One line per event; `text` is only built when somebody reads it. */
  tell(who: string, text: () => string): void {
    if (!this.#print) return;
    this.#print(`${clockText(this.now)} ${who.padEnd(12)} ${text()}`);
  }

  /** Work may fail for storage's reasons and the vendors'; anything else is a defect of the engine. */
  noteFailure(error: unknown): void {
    const cause = error instanceof this.code.fault.Fault && error.kind === 'bug' ? error.cause : error;
    if (cause instanceof this.code.fault.Fault) return;
    if (cause instanceof Error && /throttled|too busy/.test(cause.message)) return;
    this.violated(
      'no exception leaves the engine',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }

  violated(rule: string, text: string): void {
    this.violations.push({ rule, text });
    this.tell('VIOLATION', () => `${rule}: ${text}`);
  }
}

function add(counter: Map<string, number>, key: string, by = 1): void {
  counter.set(key, (counter.get(key) ?? 0) + by);
}

/** Virtual time since the start of the run. */
function clockText(now: number): string {
  const ms = now - 1_700_000_000_000;
  const part = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0');
  return `${part(ms / 3_600_000, 2)}:${part((ms / 60_000) % 60, 2)}:${part((ms / 1000) % 60, 2)}.${part(ms % 1000, 3)}`;
}
