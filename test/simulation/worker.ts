import { keyText, localName } from '../../shared/engine/link.ts';
import type { ClaimResult, LinkKey, Ports, Settlement } from '../../shared/engine/ports.ts';
import { seededRandom } from '../support/memory/clock.ts';
import { addLettersIn, letterDepthIn, lookIn, removeLettersIn } from '../support/memory/dead-letters.ts';
import { getDocumentIn, getSecretIn, putDocumentIn, putSecretIn } from '../support/memory/documents.ts';
import { claimIn, dueIn, pageIn, parkedCountIn, parkedIn, readIn, settleIn, waitIn } from '../support/memory/links.ts';
import { acknowledgeIn, depthIn, receiveIn, sendIn } from '../support/memory/queue.ts';
import { memoryMeter, memoryTrail } from '../support/memory/told.ts';
import type { Network } from './network.ts';
import type { World } from './world.ts';

/** A request that has left the worker and has not reached the vendor yet. */
export interface OnTheWire {
  landsAt: number;
  land(): void;
  landed: boolean;
}

/**
 * One worker process. Every port call has two scheduling points, before and after its effect; at each the
 * process may stand still or die. Dead means: nothing it waits for ever resolves.
 */
export class Worker {
  readonly world: World;
  readonly name: string;
  readonly ports: Ports;
  readonly wire = new Set<OnTheWire>();
  readonly #skew: number;
  readonly #held = new Set<string>();
  #dead = false;
  /** Replaced by the host, which starts another process. */
  onDeath: (why: string) => void = () => undefined;

  constructor(world: World, name: string, network: Network) {
    this.world = world;
    this.name = name;
    const { skew } = world.weights;
    this.#skew = world.dice.between(-skew, skew);
    this.ports = this.#makePorts(network);
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
    for (const key of this.#held) this.world.died(key);
    this.#held.clear();
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
      if (dice.chance(weights.crash)) {
        this.world.counts.crashes += 1;
        this.die(`crash at ${what}`);
        return;
      }
      then();
    });
  }

  /** A call on storage; `part` does some of it when storage fails half way. */
  call<T>(what: string, effect: () => T, part?: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.point(`before ${what}`, () => {
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
      });
    });
  }

  #attempt<T>(what: string, skip: boolean, effect: () => T, part?: () => void): { value: T } | { error: unknown } {
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
  #some<T>(items: readonly T[]): T[] {
    return items.slice(0, this.world.dice.between(0, items.length));
  }

  #noteClaims(keys: readonly LinkKey[], results: readonly ClaimResult[]): void {
    results.forEach((result, at) => {
      const key = keys[at];
      if (!result.claimed || !key) return;
      this.#held.add(localName(key));
      if (result.before?.lease) this.world.counts.takeovers += 1;
    });
  }

  /** A write to storage that is on its way for minutes lands even if its worker is dead by then. */
  #lateSettle(settlements: readonly Settlement[]): Promise<('settled' | 'lost')[]> | undefined {
    const { world } = this;
    if (!world.dice.chance(world.weights.lateSettle)) return undefined;
    return new Promise((resolve) => {
      world.after(world.dice.between(60_000, 400_000), () => {
        world.tell(this.name, () => `settle lands late: ${settlements.map((each) => each.key.id).join(',')}`);
        const results = this.#settle(settlements);
        if (this.#dead) return;
        world.scheduler.woke();
        resolve(results);
      });
    });
  }

  #settle(settlements: readonly Settlement[]): ('settled' | 'lost')[] {
    if (this.world.weights.broken === 'settles without ownership') this.#seize(settlements);
    const results = settleIn(this.world.state, settlements);
    results.forEach((result, at) => {
      const key = settlements[at]?.key;
      if (!key) return;
      this.#held.delete(localName(key));
      if (result === 'settled') this.world.deaths.delete(localName(key));
    });
    return results;
  }

  #seize(settlements: readonly Settlement[]): void {
    for (const { key, token } of settlements) {
      const link = this.world.state.links.get(keyText(key));
      if (link) link.lease = { token, until: link.lease?.until ?? 0 };
    }
  }

  #makePorts(network: Network): Ports {
    const { world } = this;
    const { state } = world;
    const text = (keys: readonly LinkKey[]) => keys.map((key) => key.id).join(',');
    const trail = memoryTrail(state);
    const meter = memoryMeter(state);
    return {
      clock: { now: () => this.now(), sleep: (ms, signal) => this.#sleep(ms, signal) },
      random: seededRandom(world.dice.between(0, 0xffffffff)),
      links: {
        read: (keys) => this.call(`links.read ${text(keys)}`, () => readIn(state, keys)),
        claim: (requests, expiredBefore) => {
          const keys = requests.map((request) => request.key);
          return this.call(
            `claim ${text(keys)}`,
            () => {
              const results = claimIn(state, requests, expiredBefore);
              this.#noteClaims(keys, results);
              return results;
            },
            () => this.#noteClaims(keys, claimIn(state, this.#some(requests), expiredBefore)),
          );
        },
        settle: (settlements) =>
          this.#lateSettle(settlements) ??
          this.call(
            `settle ${text(settlements.map((each) => each.key))}`,
            () => this.#settle(settlements),
            () => void this.#settle(this.#some(settlements)),
          ),
        wait: (key, waiter) => this.call(`wait ${key.id}<-${waiter}`, () => waitIn(state, key, waiter)),
        page: (of, limit, after) => this.call('links.page', () => pageIn(state, of, limit, after)),
        parked: (flow, limit, after) => this.call('links.parked', () => parkedIn(state, flow, limit, after)),
        due: (flow, now, limit) => this.call('links.due', () => dueIn(state, flow, now, limit)),
        parkedCount: (flow) => this.call('links.parkedCount', () => parkedCountIn(state, flow)),
      },
      queue: {
        send: (messages) => {
          const put = (which: typeof messages) => {
            sendIn(state, world.now, which);
            world.onSend();
          };
          const what = () => messages.map(({ event, lane, delay }) => `${lane}+${delay}:${event.cause}:${event.records.map((r) => r.id).join(',')}`);
          return this.call(world.tracing ? `send ${what().join(' ')}` : 'send', () => put(messages), () => put(this.#some(messages)));
        },
        receive: (from, max, visibility) =>
          this.call('receive', () => receiveIn(state, world.now, from, { max, visibility })),
        acknowledge: (from, receipts) =>
          this.call(
            `acknowledge ${receipts.join(' ')}`,
            () => acknowledgeIn(state, world.now, from, receipts),
            () => acknowledgeIn(state, world.now, from, this.#some(receipts)),
          ),
        depth: (of) => this.call('depth', () => depthIn(state, world.now, of)),
      },
      deadLetters: {
        add: (letters) => this.call(`dead letter ${letters.map((each) => `${each.id} (${each.reason})`).join(', ')}`, () => addLettersIn(state, letters)),
        look: (flow, max) => this.call('letters.look', () => lookIn(state, world.now, flow, max)),
        remove: (flow, receipts) => this.call('letters.remove', () => removeLettersIn(state, flow, receipts)),
        depth: (flow) => this.call('letters.depth', () => letterDepthIn(state, flow)),
      },
      documents: {
        get: (key) => this.call(`get ${key}`, () => getDocumentIn(state, key)),
        put: (key, value, revision) => this.call(`put ${key}`, () => putDocumentIn(state, key, value, revision)),
      },
      secrets: {
        get: (name) => this.call(`secret ${name}`, () => getSecretIn(state, name)),
        put: (name, value) => this.call(`put secret ${name}`, () => putSecretIn(state, name, value)),
      },
      trail: {
        write: (entries) => {
          if (this.#dead) return;
          trail.write(entries);
          for (const entry of entries)
            world.tell(this.name, () => `TRAIL ${entry.id} ${entry.outcome} (${entry.cause}, try ${entry.attempt}) ${entry.reason ?? ''} ${entry.fields?.join(',') ?? ''}`);
        },
      },
      meter: {
        count: (flow, metric, by) => (this.#dead ? undefined : meter.count(flow, metric, by)),
        gauge: (flow, metric, value) => (this.#dead ? undefined : meter.gauge(flow, metric, value)),
      },
      http: (request) => network.send(this, request),
    };
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
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
