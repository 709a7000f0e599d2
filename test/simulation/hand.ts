import { hash } from 'node:crypto';
import type { HttpRequest, HttpResponse, Ports } from '../../shared/engine/ports.ts';
import { seededRandom } from '../support/memory/clock.ts';
import { addLettersIn } from '../support/memory/dead-letters.ts';
import { claimIn, readIn, settleIn, waitIn } from '../support/memory/links.ts';
import { memoryPorts } from '../support/memory/ports.ts';
import { acknowledgeIn, sendIn } from '../support/memory/queue.ts';
import type { World } from './world.ts';

/** A call on shared state that waits for its turn. */
export interface PendingCall {
  what: string;
  /** The effect, and its caller goes on. */
  execute(): void;
  /** The effect alone: its caller dies of it. */
  effect(): void;
}

/** A worker of the small scenario. What it has seen so far decides all that it will do. */
export class Hand {
  readonly name: string;
  readonly pending: PendingCall[] = [];
  readonly ports: Ports;
  alive = true;
  busy = false;
  seen = '';
  readonly #world: World;
  readonly #sleep: (ms: number, wake: () => void) => void;

  constructor(
    world: World,
    number: number,
    outside: { send(request: HttpRequest): HttpResponse; sleep(ms: number, wake: () => void): void },
  ) {
    this.#world = world;
    this.name = `worker${number}`;
    this.#sleep = outside.sleep;
    this.ports = this.#makePorts(number, outside.send);
  }

  #call<T>(what: string, effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.alive) return;
      const note = (value: unknown) => {
        this.seen = hash('sha256', `${this.seen}|${what}|${JSON.stringify(value)}`, 'base64');
      };
      const execute = () => {
        try {
          const value = effect();
          note(value);
          resolve(value);
        } catch (error) {
          note('failed');
          reject(error);
        }
      };
      this.pending.push({ what, execute, effect });
    });
  }

  #makePorts(number: number, send: (request: HttpRequest) => HttpResponse): Ports {
    const world = this.#world;
    const { state } = world;
    const clock = {
      now: () => world.now,
      sleep: (ms: number) =>
        new Promise<void>((resolve) => this.#sleep(ms, () => (this.alive ? resolve() : undefined))),
    };
    const ports = memoryPorts({ state, clock, random: seededRandom(number) });
    return {
      ...ports,
      links: {
        ...ports.links,
        read: (keys) => this.#call('read', () => readIn(state, keys)),
        claim: (requests, expiredBefore) =>
          this.#call('claim', () => claimIn(state, requests, expiredBefore)),
        settle: (settlements) => this.#call('settle', () => settleIn(state, settlements)),
        wait: (key, waiter) => this.#call('wait', () => waitIn(state, key, waiter)),
      },
      queue: {
        ...ports.queue,
        send: (messages) => this.#call('send', () => sendIn(state, world.now, messages)),
        acknowledge: (from, receipts) =>
          this.#call('acknowledge', () => acknowledgeIn(state, world.now, from, receipts)),
      },
      deadLetters: {
        ...ports.deadLetters,
        add: (letters) => this.#call('dead letter', () => addLettersIn(state, letters)),
      },
      http: (request) =>
        this.#call(new URL(request.url).hostname + new URL(request.url).pathname, () => send(request)),
    };
  }
}
