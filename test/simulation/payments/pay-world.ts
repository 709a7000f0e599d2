import { emptyState, type MemoryState } from '../../support/memory/state.ts';
import { type Dice, dice } from '../dice.ts';
import { Scheduler } from '../scheduler.ts';
import type { Violation } from '../world.ts';
import type { PayCode } from './pay-code.ts';
import type { PayWeights } from './pay-weights.ts';

/** Time, storage, chance, and what has been noticed so far. */
export class PayWorld {
  readonly code: PayCode;
  readonly dice: Dice;
  readonly scheduler: Scheduler;
  readonly state: MemoryState = emptyState();
  readonly violations: Violation[] = [];
  readonly tallies = new Map<string, number>();
  weights: PayWeights;
  /** When faults ended. */
  calmAt = Number.POSITIVE_INFINITY;
  readonly #print: ((line: string) => void) | undefined;

  constructor(options: { code: PayCode; seed: number; weights: PayWeights; print?: (line: string) => void }) {
    this.code = options.code;
    this.dice = dice(options.seed);
    this.weights = options.weights;
    this.scheduler = new Scheduler(dice(options.seed + 0x9e3779b1));
    this.#print = options.print;
  }

  get now(): number {
    return this.scheduler.now;
  }

  after(delay: number, happen: () => void): void {
    this.scheduler.after(delay, happen);
  }

  tally(name: string, by = 1): void {
    this.tallies.set(name, (this.tallies.get(name) ?? 0) + by);
  }

  tell(who: string, text: () => string): void {
    if (!this.#print) return;
    const ms = this.now - 1_700_000_000_000;
    const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
    const clock = `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
    this.#print(`${clock} ${who.padEnd(10)} ${text()}`);
  }

  violated(rule: string, text: string): void {
    if (this.violations.some((each) => each.rule === rule && each.text === text)) return;
    this.violations.push({ rule, text });
    this.tell('VIOLATION', () => `${rule}: ${text}`);
  }
}
