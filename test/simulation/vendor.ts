import type { HttpRequest, HttpResponse } from '../../shared/engine/ports.ts';
import { putSecretIn } from '../support/memory/documents.ts';
import type { World } from './world.ts';

/** What a vendor says to a request that reached it. */
export interface Reply {
  status: number;
  json: unknown;
  headers?: Record<string, string>;
}

/** The part that all vendors have: an account with a token that expires, a rate limit, bursts and outages. */
export abstract class Vendor {
  readonly world: World;
  readonly name: string;
  /** Calls by operation that reached the vendor. */
  readonly calls = new Map<string, number>();
  #generation = 1;
  #usable = 1;
  /** The newest refresh token whose access token has been used: older ones are void. */
  #used = 1;
  #burstUntil = 0;
  #burstTells = true;
  #outages: { from: number; until: number; refuses: boolean }[] = [];
  readonly #recent: number[] = [];

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    putSecretIn(world.state, `${name}/main`, { token: 't1', refresh: 'r1' });
  }

  abstract operate(operation: string, body: unknown): Reply;

  planOutage(from: number, until: number): void {
    this.#outages.push({ from, until, refuses: this.world.dice.chance(0.5) });
  }

  /** When the last planned outage is over. */
  get backAt(): number {
    return Math.max(0, ...this.#outages.map((each) => each.until));
  }

  endTrouble(): void {
    this.#outages = [];
    this.#burstUntil = 0;
  }

  /** Is the vendor away, and how does that look? */
  away(): 'refuses' | '503' | undefined {
    const { now } = this.world;
    const outage = this.#outages.find((each) => each.from <= now && now < each.until);
    return outage && (outage.refuses ? 'refuses' : '503');
  }

  /** When the engine let the call go: it knows the limit, so it must never be above it. */
  noteDeparture(): void {
    const { now, weights } = this.world;
    const window = 10_000;
    this.#recent.push(now);
    while ((this.#recent[0] ?? now) <= now - window) this.#recent.shift();
    // Of limits as small as these the engine's bucket uses 61 to 84 %, so that skewed clocks stay below them.
    if (this.#recent.length >= weights.rate * 10 * 0.6) this.world.counts.nearLimit += 1;
    if (this.#recent.length > weights.rate * 10) {
      this.world.violated(
        'rate',
        `${this.#recent.length} calls of ${this.name} within 10 s, ${weights.rate * 10} allowed`,
      );
      this.#recent.length = 0;
    }
  }

  handle(request: HttpRequest): Reply {
    const { dice, weights, now } = this.world;
    const operation = request.url.slice(request.url.lastIndexOf('/') + 1);
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
    if (this.away()) return { status: 503, json: {} };
    if (dice.chance(weights.tooMany)) {
      this.#burstUntil = now + dice.between(1_000, 120_000);
      this.#burstTells = dice.chance(0.5);
    }
    if (now < this.#burstUntil) {
      this.world.counts.refusedForRate += 1;
      const seconds = Math.ceil((this.#burstUntil - now) / 1000);
      return {
        status: 429,
        json: {},
        ...(this.#burstTells ? { headers: { 'retry-after': String(seconds) } } : {}),
      };
    }
    const body: unknown = JSON.parse(request.body ?? '{}');
    if (operation === 'renew') return this.#renew(body);
    if (dice.chance(weights.expiry)) this.#usable = this.#generation + 1;
    if (!this.#valid(request.headers.authorization)) return { status: 401, json: {} };
    return this.operate(operation, body);
  }

  #valid(token: string | undefined): boolean {
    const generation = Number((token ?? '').slice(1));
    if (generation !== this.#generation || generation < this.#usable) return false;
    this.#used = generation;
    return true;
  }

  #renew(body: unknown): Reply {
    const refresh = typeof body === 'object' && body && 'refresh' in body ? String(body.refresh) : '';
    const generation = Number(refresh.slice(1));
    if (generation < this.#used) {
      this.world.violated(
        'secret',
        `${this.name}: refresh token ${refresh} is void, the rotated one was lost`,
      );
      return { status: 400, json: {} };
    }
    this.#generation += 1;
    this.#usable = this.#generation;
    return { status: 200, json: { token: `t${this.#generation}`, refresh: `r${this.#generation}` } };
  }
}

/** What a value was, and since when: reads with lag look back. */
export class History<T> {
  readonly #versions: { at: number; value: T }[];

  constructor(at: number, value: T) {
    this.#versions = [{ at, value }];
  }

  set(at: number, value: T): void {
    this.#versions.push({ at, value });
  }

  now(): T {
    return this.asOf(Number.POSITIVE_INFINITY);
  }

  /** Undefined when it did not exist yet. */
  before(moment: number): T | undefined {
    return this.#versions.findLast((version) => version.at <= moment)?.value;
  }

  asOf(moment: number): T {
    const found = this.#versions.findLast((version) => version.at <= moment) ?? this.#versions[0];
    if (!found) throw new Error('history: empty');
    return found.value;
  }

  some(test: (value: T) => boolean): boolean {
    return this.#versions.some((version) => test(version.value));
  }

  get changedAt(): number {
    return this.#versions.at(-1)?.at ?? 0;
  }
}

export function toResponse(reply: Reply): HttpResponse {
  return { status: reply.status, headers: reply.headers ?? {}, body: JSON.stringify(reply.json) };
}
