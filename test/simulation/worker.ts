import type { Ports } from '../../shared/engine/ports.ts';
import { HeldRecords } from './held-records.ts';
import type { Network } from './network.ts';
import { workerPorts } from './worker-ports.ts';
import type { World } from './world.ts';

/** A request that has left the worker and has not reached the vendor yet. */
export interface OnTheWire {
  landsAt: number;
  land(): void;
  landed: boolean;
}

/**
 * One worker process. Every changing port call has two scheduling points, before and after its effect; at each the
 * process may stand still or die. Dead means: nothing it waits for ever resolves.
 */
export class Worker {
  readonly world: World;
  readonly name: string;
  readonly ports: Ports;
  readonly wire = new Set<OnTheWire>();
  readonly held: HeldRecords;
  readonly #skew: number;
  #dead = false;
  /** Replaced by the host, which starts another process. */
  onDeath: (why: string) => void = () => undefined;

  constructor(world: World, name: string, network: Network) {
    this.world = world;
    this.name = name;
    const { skew } = world.weights;
    this.#skew = world.dice.between(-skew, skew);
    this.held = new HeldRecords(world);
    this.ports = workerPorts(this, network);
  }

  get dead(): boolean {
    return this.#dead;
  }

  now(): number {
    return this.world.now + this.#skew;
  }

  /** What it sent is on its way all the same, and lands within the vendor's lateness. */
  die(why: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.world.tell(this.name, () => `DIES (${why})`);
    this.held.died();
    const latest = this.world.now + this.world.weights.lateness;
    for (const request of this.wire) {
      if (request.landed || request.landsAt <= latest) continue;
      request.landsAt = this.world.now + this.world.dice.between(0, this.world.weights.lateness);
      this.world.after(request.landsAt - this.world.now, () => request.land());
    }
    this.onDeath(why);
  }

  /** A scheduling point: later, if still alive. */
  point(what: string, then: () => void, latency = 40): void {
    const { dice, weights } = this.world;
    let delay = dice.between(0, latency);
    if (dice.chance(weights.freeze)) {
      delay += dice.between(5_000, 300_000);
      this.world.counts.frozen += 1;
      this.world.tell(this.name, () => `stands still for ${Math.round(delay / 1000)} s at ${what}`);
    }
    this.world.after(delay, () => {
      if (this.#dead) return;
      if (dice.chance(weights.crash + (this.name.startsWith('scan') ? weights.scanCrash : 0))) {
        this.world.counts.crashes += 1;
        this.die(`crash at ${what}`);
        return;
      }
      then();
    });
  }

  /** A call that changes storage; `part` does some of it when storage fails half way. */
  call<T>(what: string, effect: () => T, part?: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = () => this.#carryOut({ what, effect, part }, { resolve, reject });
      // Without anything that could happen here, one delay per call is enough.
      if (!this.#mayFail) begin();
      else this.point(`before ${what}`, begin);
    });
  }

  /**
   * A call that only looks. What it sees is as old as its answer is late, so a point before the look would
   * show nothing that the point after the last change or after this look does not.
   */
  look<T>(what: string, effect: () => T): Promise<T> {
    return new Promise((resolve, reject) =>
      this.#carryOut({ what, effect, part: undefined }, { resolve, reject }),
    );
  }

  get #mayFail(): boolean {
    const { crash, scanCrash, freeze } = this.world.weights;
    return crash > 0 || scanCrash > 0 || freeze > 0;
  }

  #carryOut<T>(
    { what, effect, part }: { what: string; effect: () => T; part: (() => void) | undefined },
    { resolve, reject }: { resolve: (value: T) => void; reject: (error: unknown) => void },
  ): void {
    if (this.#dead) return;
    const { dice, weights, counts } = this.world;
    const fails = dice.chance(weights.throttle);
    const done = fails && dice.chance(0.5);
    const answer = this.#attempt(what, fails && !done, effect, part);
    this.point(`after ${what}`, () => {
      this.world.scheduler.woke();
      if (fails) {
        counts.throttled += 1;
        this.world.tell(this.name, () => `${what} throttled ${done ? 'after' : 'before'} its effect`);
        reject(new Error(`${what}: throttled`));
      } else if ('error' in answer) reject(answer.error);
      else resolve(answer.value);
    });
  }

  #attempt<T>(
    what: string,
    skip: boolean,
    effect: () => T,
    part: (() => void) | undefined,
  ): { value: T } | { error: unknown } {
    try {
      if (skip) {
        part?.();
        return { error: undefined };
      }
      const value = effect();
      this.world.tell(this.name, () => `${what} -> ${short(value)}`);
      return { value };
    } catch (error) {
      return { error };
    }
  }

  /** A prefix of a batch of single writes: what a failing batch has done before it failed. */
  some<T>(items: readonly T[]): T[] {
    return items.slice(0, this.world.dice.between(0, items.length));
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      this.world.after(ms, () => {
        if (this.#dead) return;
        this.world.scheduler.woke();
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      });
    });
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'done';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
