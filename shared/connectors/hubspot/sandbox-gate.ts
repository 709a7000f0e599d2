import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { dayIn } from './midnight.ts';
import { errorBody, json, Refusal } from './sandbox-replies.ts';
import type { World } from './sandbox-world.ts';

export type Handler = (context: Context) => Response | Promise<Response>;
export interface Route {
  /** For the counters. */
  operation: string;
  effect: 'read' | 'write';
  handle: Handler;
}

const SLOW = 5_000;
const LATE = 8_000;

/** What every call of the API passes: faults, credentials and limits, in the order in which HubSpot meets them. */
export class Gate {
  readonly #world: World;
  readonly #recent: SlidingWindow;
  readonly #searches: SlidingWindow;
  readonly #late: { at: number; run: () => unknown }[] = [];
  #today = { day: '', calls: 0 };
  #turn = 0;

  constructor(world: World) {
    this.#world = world;
    this.#recent = new SlidingWindow(world.limits.burst, 10_000);
    this.#searches = new SlidingWindow(world.limits.search, 1_000);
  }

  /** The route behind the gate. */
  guard(route: Route): Handler {
    return async (context) => {
      this.#world.count(route.operation);
      await this.#runLateWrites();
      if (this.#on('slow')) await this.#world.sleep(SLOW);
      try {
        return await this.#pass(route, context);
      } catch (thrown) {
        if (thrown instanceof Refusal) return json(thrown.body, thrown.status, this.#headers(route));
        throw thrown;
      }
    };
  }

  async #pass(route: Route, context: Context): Promise<Response> {
    if (this.#on('outage')) return this.#outage();
    if (this.#on('migration')) return migrating();
    this.#authorise(context.req.header('authorization'));
    this.#spend(route);
    const write = route.effect === 'write';
    if (write && this.#on('locked') && this.#twoOfThree())
      throw new Refusal(423, errorBody('The record is locked by another operation', { category: 'LOCKED' }));
    if (write && this.#on('late-writes')) {
      await context.req.text();
      this.#late.push({ at: this.#world.now() + LATE, run: () => route.handle(context) });
      return breakConnection(context);
    }
    const response = await route.handle(context);
    if (write && this.#on('reply-lost')) return breakConnection(context);
    for (const [name, value] of Object.entries(this.#headers(route))) response.headers.set(name, value);
    return this.#on('field-removed') ? await withoutIds(response) : response;
  }

  #on(name: Parameters<World['on']['has']>[0]): boolean {
    return this.#world.on.has(name);
  }

  /** True for the first two of every three calls, so that a client that waits gets through. */
  #twoOfThree(): boolean {
    this.#turn += 1;
    return this.#turn % 3 !== 0;
  }

  #outage(): Response {
    this.#turn += 1;
    return new Response('<html><body>upstream trouble</body></html>', { status: this.#turn % 2 ? 502 : 503 });
  }

  #authorise(header: string | undefined): void {
    const { accessToken, otherToken, tokens, now } = this.#world;
    const token = header?.match(/^Bearer (\S+)$/)?.[1] ?? '';
    const category = { category: 'INVALID_AUTHENTICATION' };
    const end = tokens.get(token);
    const known = token === accessToken || token === otherToken || (end !== undefined && end > now());
    if (known && !this.#on('token-revoked')) return;
    if (end !== undefined)
      throw new Refusal(
        401,
        errorBody('The OAuth token used to make this call expired', { category: 'EXPIRED_AUTHENTICATION' }),
      );
    throw new Refusal(401, errorBody('Authentication credentials not found', category));
  }

  #spend({ operation }: Route): void {
    const { now, timeZone, limits } = this.#world;
    if (operation.endsWith('.search')) {
      if (!this.#searches.take(now())) throw this.#tooMany('secondly', 'SECONDLY');
      return;
    }
    if (this.#on('rate-limit-burst') && this.#twoOfThree())
      throw this.#tooMany('ten_secondly_rolling', 'TEN_SECONDLY_ROLLING');
    if (limits.daily === Number.POSITIVE_INFINITY && !this.#on('daily-limit')) return;
    const day = dayIn(now(), timeZone);
    if (day !== this.#today.day) this.#today = { day, calls: 0 };
    if (this.#on('daily-limit') || this.#today.calls >= limits.daily) throw this.#tooMany('daily', 'DAILY');
    if (!this.#recent.take(now())) throw this.#tooMany('ten_secondly_rolling', 'TEN_SECONDLY_ROLLING');
    this.#today.calls += 1;
  }

  #tooMany(words: string, policyName: string): Refusal {
    this.#world.count('refused');
    const message = `You have reached your ${words} limit.`;
    return new Refusal(
      429,
      errorBody(message, { errorType: 'RATE_LIMIT', policyName, requestId: 'sandbox' }),
    );
  }

  /** Search has none; without limits there is nothing to tell. */
  #headers({ operation }: Route): Record<string, string> {
    const { burst, daily } = this.#world.limits;
    if (operation.endsWith('.search') || burst === Number.POSITIVE_INFINITY) return {};
    return {
      'x-hubspot-ratelimit-max': String(burst),
      'x-hubspot-ratelimit-remaining': String(this.#recent.left(this.#world.now())),
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
      'x-hubspot-ratelimit-daily': String(daily),
      'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, daily - this.#today.calls)),
    };
  }

  async #runLateWrites(): Promise<void> {
    while ((this.#late[0]?.at ?? Number.POSITIVE_INFINITY) <= this.#world.now()) {
      try {
        await this.#late.shift()?.run();
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
      }
    }
  }
}

/** Calls within the last `length` milliseconds. */
class SlidingWindow {
  readonly #limit: number;
  readonly #length: number;
  readonly #stamps: number[] = [];

  constructor(limit: number, length: number) {
    this.#limit = limit;
    this.#length = length;
  }

  take(now: number): boolean {
    if (this.left(now) <= 0) return false;
    this.#stamps.push(now);
    return true;
  }

  left(now: number): number {
    while ((this.#stamps[0] ?? now) <= now - this.#length) this.#stamps.shift();
    return this.#limit - this.#stamps.length;
  }
}

/** The socket dies without an answer; where there is no socket (`app.request`), the request throws instead. */
function breakConnection(context: Context): Response {
  const { incoming }: { incoming?: unknown } = context.env ?? {};
  if (!(incoming instanceof IncomingMessage)) throw new Error('the connection broke before the answer');
  incoming.socket.destroy();
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
}

/** The account is being moved to another data centre; `Retry-After` is in seconds. */
function migrating(): Response {
  const body = errorBody('The account is being migrated', { category: 'MIGRATION_IN_PROGRESS' });
  return json(body, 477, { 'retry-after': '60' });
}

async function withoutIds(response: Response): Promise<Response> {
  if (response.status === 204) return response;
  const text = (await response.text()).replaceAll(/"id":"\d+",?/g, '').replaceAll(/"portalId":\d+,?/g, '');
  return new Response(text, { status: response.status, headers: response.headers });
}
