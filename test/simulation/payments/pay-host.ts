import type { Hub } from '../../../functions/payments/advance.ts';
import type { PaymentProvider } from '../../../shared/connectors/payment-provider.ts';
import { SimSession } from './pay-network.ts';
import { PayWorker, Throttled } from './pay-worker.ts';
import type { PayWorld } from './pay-world.ts';

const VISIBILITY = 90_000;
const WORK = 45_000;

interface Message {
  payment: string;
  at: number;
  hinted: boolean;
  due: number | undefined;
}

/** What runs the hub: messages at least once, workers that die, clients that come back. */
export class PayHost {
  readonly world: PayWorld;
  readonly providers: ReadonlyMap<string, PaymentProvider>;
  /** Replaced by the run: a payment was written. */
  onWrite: (before: unknown, after: unknown) => void = () => undefined;
  /** Replaced by the run: an event's errand is on the queue. */
  onEvent: (event: string) => void = () => undefined;
  readonly #messages = new Set<Message>();
  #free: number;
  #started = 0;
  #alarm = Number.POSITIVE_INFINITY;

  constructor(world: PayWorld, providers: ReadonlyMap<string, PaymentProvider>) {
    this.world = world;
    this.providers = providers;
    this.#free = world.weights.workers;
  }

  get resting(): boolean {
    return this.#messages.size === 0;
  }

  /** The earliest message that is still to be worked. */
  get nextAt(): number {
    return Math.min(...[...this.#messages].map(({ at }) => at));
  }

  send(
    payment: string,
    delay: number,
    { hinted = false, due }: { hinted?: boolean; due?: number } = {},
  ): void {
    this.#messages.add({ payment, at: this.world.now + Math.max(0, delay), hinted, due });
    this.#arm();
  }

  /** Runs a piece of work in a process of its own; undefined if that died or storage failed. */
  run<T>(name: string, job: (hub: Hub) => Promise<T>, timeout?: number): Promise<T | undefined> {
    this.#started += 1;
    return new Promise((resolve) => {
      let over = false;
      const finish = (value: T | undefined) => {
        over = true;
        this.world.scheduler.woke();
        resolve(value);
      };
      const worker = new PayWorker(this.world, `${name}${this.#started}`, {
        died: () => finish(undefined),
        wrote: (before, after) => this.onWrite(before, after),
      });
      if (timeout !== undefined)
        this.world.after(timeout, () => {
          if (!over) worker.die('timeout');
        });
      job(this.#hub(worker)).then(finish, (error: unknown) => {
        if (!(error instanceof Throttled) && !String(error).includes('throttled'))
          this.world.violated(
            'no exception leaves the hub',
            error instanceof Error ? (error.stack ?? '') : String(error),
          );
        this.world.tell(worker.name, () => `FAILS: ${error}`);
        finish(undefined);
      });
    });
  }

  #hub(worker: PayWorker): Hub {
    const { ports } = worker;
    return {
      ports,
      providers: this.providers,
      circuits: new this.world.code.board.CircuitBoard(ports),
      session: (provider, { sendBefore }) => new SimSession(provider.vendor, worker, sendBefore),
      wake: (id, at) =>
        worker.act(() => this.send(id, at - worker.now() + this.world.dice.between(0, 500), { due: at })),
      announce: (event) => worker.act(() => this.onEvent(event)),
    };
  }

  #arm(): void {
    if (this.#free === 0) return;
    const next = Math.max(this.nextAt, this.world.now);
    if (!Number.isFinite(next) || next >= this.#alarm) return;
    this.#alarm = next;
    this.world.after(next - this.world.now + this.world.dice.between(1, 200), () => {
      if (this.#alarm !== next) return;
      this.#alarm = Number.POSITIVE_INFINITY;
      this.#poll();
      this.#arm();
    });
  }

  #poll(): void {
    for (const message of [...this.#messages]) {
      if (this.#free === 0) return;
      if (message.at <= this.world.now) this.#work(message);
    }
  }

  #work(message: Message): void {
    const { world } = this;
    this.#free -= 1;
    message.at = world.now + VISIBILITY;
    if (world.dice.chance(world.weights.duplicate))
      this.send(message.payment, world.dice.between(0, 300_000));
    const { payment, hinted, due } = message;
    world.tell('host', () => `message of ${payment}`);
    const job = async (hub: Hub) => {
      const deadline = hub.ports.clock.now() + WORK;
      const done = await world.code.advance.advance(hub, payment, {
        deadline,
        hinted,
        ...(due !== undefined && { due }),
      });
      this.#messages.delete(message);
      return done;
    };
    void this.run('w', job).then(() => {
      this.#free += 1;
      this.#arm();
    });
    world.scheduler.woke();
  }
}
