import type { Engine, Work } from '../../shared/engine/engine.ts';
import type { Flow } from '../../shared/engine/flow.ts';
import type { QueueRef } from '../../shared/engine/ports.ts';
import { redriveIn } from '../support/memory/dead-letters.ts';
import { receivable, receiveThese } from '../support/memory/queue.ts';
import type { Network } from './network.ts';
import { FLOW } from './sim-flow.ts';
import { Worker } from './worker.ts';
import type { World } from './world.ts';

const MAX_RECEIVES = 10;
const TIMEOUT = 60_000;
/** A record that waits for another is sent again and again, so copies of copies would flood the run. */
const MOST_DUPLICATES = 20;
const LANES = ['live', 'bulk'] as const;

/** A process with the engine in it; when it dies, another takes its place. */
interface Process {
  worker: Worker;
  engine: Engine;
}

/** Work that a schedule starts: it may be cut off like any other. */
export type Job = (engine: Engine, work: Work) => Promise<unknown>;

/** What runs the engine: receives, starts workers, kills them at their timeout, acknowledges after they return. */
export class Host {
  readonly world: World;
  readonly flow: Flow;
  readonly #network: Network;
  #started = 0;
  #idle = new Map<number, Process>();
  #alarm = Number.POSITIVE_INFINITY;

  constructor(world: World, flow: Flow, network: Network) {
    this.world = world;
    this.flow = flow;
    this.#network = network;
    for (let slot = 0; slot < world.weights.workers; slot += 1)
      this.#idle.set(slot, this.#process(`worker${slot}`));
    world.onSend = () => this.#arm();
  }

  /** Runs a job in a process of its own; resolves with its result, or undefined if it died or failed. */
  run<T>(name: string, job: (engine: Engine, work: Work) => Promise<T>): Promise<T | undefined> {
    const process = this.#process(name);
    return new Promise((resolve) => {
      const finish = (value: T | undefined) => {
        this.world.scheduler.woke();
        resolve(value);
      };
      this.#invoke(process, job, finish);
    });
  }

  /** Anything left to do, now or later? */
  get queued(): number {
    return this.world.state.messages.size;
  }

  get busy(): number {
    return this.world.weights.workers - this.#idle.size;
  }

  #process(name: string): Process {
    this.#started += 1;
    const worker = new Worker(this.world, `${name}.${this.#started}`, this.#network);
    const engine = this.world.code.engine.openEngine({
      ports: worker.ports,
      flows: [this.flow],
      deployment: 'sim',
    });
    return { worker, engine };
  }

  /** Ends when the job ends, fails, or the process dies; whatever comes first. */
  #invoke<T>(
    process: Process,
    job: (engine: Engine, work: Work) => Promise<T>,
    finish: (value: T | undefined) => void,
  ): void {
    const { world } = this;
    const { worker, engine } = process;
    const controller = new AbortController();
    const background: Promise<unknown>[] = [];
    let over = false;
    const end = (value: T | undefined) => {
      if (over) return;
      over = true;
      finish(value);
    };
    worker.onDeath = () => end(undefined);
    const work: Work = {
      deadline: worker.now() + TIMEOUT - world.dice.between(0, 2_000),
      signal: controller.signal,
      background: (task) => void background.push(task.catch(() => undefined)),
    };
    world.after(world.weights.broken === 'outlives its timeout' ? 900_000 : TIMEOUT, () => {
      if (over || worker.dead) return;
      world.counts.timeouts += 1;
      worker.die('timeout');
      controller.abort(new Error('timeout'));
    });
    job(engine, work).then(
      async (value) => {
        await Promise.all(background);
        end(value);
      },
      (error: unknown) => {
        world.tell(worker.name, () => `FAILS: ${error instanceof Error ? error.stack : String(error)}`);
        world.noteFailure(error);
        end(undefined);
      },
    );
  }

  /** Looks again as soon as some message can be received. */
  #arm(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const message of this.world.state.messages.values()) next = Math.min(next, message.visibleAt);
    next = Math.max(next, this.world.now);
    if (next >= this.#alarm || this.#idle.size === 0) return;
    this.#alarm = next;
    this.world.after(next - this.world.now + this.world.dice.between(1, 400), () => {
      // An earlier one has been set since: it has looked already, and set the next.
      if (this.#alarm !== next) return;
      this.#alarm = Number.POSITIVE_INFINITY;
      this.#poll();
      this.#arm();
    });
  }

  #poll(): void {
    const { world } = this;
    redriveIn(world.state, world.now, MAX_RECEIVES);
    for (const lane of LANES) {
      const from = { flow: FLOW, lane };
      for (;;) {
        const [slot] = this.#idle.keys();
        const there = receivable(world.state, world.now, from);
        if (slot === undefined || there.length === 0) break;
        this.#take(slot, from, world.dice.some(there, world.dice.between(1, 6)));
      }
    }
  }

  #take(slot: number, from: QueueRef, chosen: ReturnType<typeof receivable>): void {
    const { world, flow } = this;
    const process = this.#idle.get(slot);
    if (!process) return;
    this.#idle.delete(slot);
    const visibility = world.code.flow.visibilityTimeout(flow);
    this.#duplicate(chosen);
    const deliveries = receiveThese(chosen, world.now + visibility);
    world.tell(
      process.worker.name,
      () => `RECEIVES ${deliveries.map((each) => `${each.receipt} ${each.body}`).join(' | ')}`,
    );
    const job: Job = async (engine, work) => {
      const { done } = await world.code.reconcile.reconcile(
        engine,
        flow,
        { lane: from.lane, deliveries },
        work,
      );
      await engine.ports.queue.acknowledge(from, done).catch(() => undefined);
    };
    world.after(world.dice.between(0, 500), () => {
      this.#invoke(process, job, () => {
        this.#idle.set(slot, process.worker.dead ? this.#process(`worker${slot}`) : process);
        this.#arm();
      });
      world.scheduler.woke();
    });
  }

  /** Now and then a message is there twice: a copy that somebody else receives at once or later. */
  #duplicate(chosen: ReturnType<typeof receivable>): void {
    const { world } = this;
    for (const message of chosen) {
      if (world.counts.duplicates >= MOST_DUPLICATES || !world.dice.chance(world.weights.duplicate)) continue;
      world.counts.duplicates += 1;
      world.state.sequence += 1;
      const later = world.dice.chance(0.5) ? 0 : world.dice.between(0, 600_000);
      const copy = { ...message, sequence: world.state.sequence, visibleAt: world.now + later };
      world.state.messages.set(copy.sequence, copy);
    }
  }
}
