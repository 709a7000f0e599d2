import type { Documents } from '../../../shared/engine/filing.ts';
import type { Ports } from '../../../shared/engine/ports.ts';
import { seededRandom } from '../../support/memory/clock.ts';
import { getDocumentIn, putDocumentIn } from '../../support/memory/documents.ts';
import type { PayWorld } from './pay-world.ts';

/** Thrown by storage that does not answer. */
export class Throttled extends Error {}

/** One process. At every scheduling point it may stand still or die; dead means that nothing it waits for ever resolves. */
export class PayWorker {
  readonly world: PayWorld;
  readonly name: string;
  readonly ports: Pick<Ports, 'documents' | 'clock' | 'random'>;
  #dead = false;
  readonly #skew: number;
  readonly #died: () => void;

  constructor(
    world: PayWorld,
    name: string,
    hooks: { died(): void; wrote(before: unknown, after: unknown): void },
  ) {
    this.world = world;
    this.name = name;
    this.#died = hooks.died;
    this.#skew = world.dice.between(-world.weights.skew, world.weights.skew);
    this.ports = {
      clock: { now: () => this.now(), sleep: (ms) => this.sleep(ms) },
      random: seededRandom(world.dice.between(0, 0xffffffff)),
      documents: this.#documents(hooks.wrote),
    };
  }

  get dead(): boolean {
    return this.#dead;
  }

  now(): number {
    return this.world.now + this.#skew;
  }

  die(why: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.world.tell(this.name, () => `DIES (${why})`);
    this.#died();
  }

  /** Later, if still alive. */
  point(then: () => void, latency = 30): void {
    const { dice, weights } = this.world;
    let delay = dice.between(0, latency);
    if (dice.chance(weights.freeze)) {
      delay += dice.between(5_000, weights.longestFreeze);
      this.world.tally('frozen');
      this.world.tell(this.name, () => `stands still for ${Math.round(delay / 1000)} s`);
    }
    this.world.after(delay, () => {
      if (this.#dead) return;
      if (dice.chance(this.world.weights.crash)) {
        this.world.tally('crashes');
        this.die('crash');
        return;
      }
      then();
    });
  }

  /** Something that cannot be taken back, between two scheduling points. */
  act(effect: () => void): Promise<void> {
    return new Promise((resolve) =>
      this.point(() => {
        effect();
        this.point(() => {
          this.world.scheduler.woke();
          resolve();
        });
      }),
    );
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.world.after(ms, () => {
        if (this.#dead) return;
        this.world.scheduler.woke();
        resolve();
      });
    });
  }

  #documents(wrote: (before: unknown, after: unknown) => void): Documents {
    const { state } = this.world;
    return {
      get: (key) => this.#call(() => getDocumentIn(state, key), false),
      put: (key, value, revision, filed) =>
        this.#call(() => {
          const before = getDocumentIn(state, key)?.value;
          const done = putDocumentIn(state, { key, value, filed }, revision);
          if (done && key.startsWith('payment/')) wrote(before, getDocumentIn(state, key)?.value);
          return done;
        }, true),
    };
  }

  #call<T>(effect: () => T, writes: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        const fails = writes && this.world.dice.chance(this.world.weights.throttle);
        const value = fails && this.world.dice.chance(0.5) ? undefined : { is: effect() };
        this.point(() => {
          this.world.scheduler.woke();
          if (fails || !value) reject(new Throttled('storage throttled'));
          else resolve(value.is);
        });
      };
      if (writes) this.point(begin);
      else begin();
    });
  }
}
