import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import type { Asked, Show } from './sandbox-asked.ts';
import { invalid, json, Refusal, type Reply } from './sandbox-replies.ts';
import type { World } from './sandbox-world.ts';

/** One operation of the API. */
export interface Route {
  /** For the counters. */
  operation: string;
  effect: 'read' | 'write';
  /** How long a request id is kept; absent where PayPal takes none. */
  keyLife?: number;
  handle(asked: Asked): Show;
}

const SLOW = 5_000;
const LATE = 30_000;

/** What every call passes: faults, credentials, the limit, then its request id. */
export class Gate {
  readonly #world: World;
  #recent: number[] = [];
  #turn = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** The route behind the gate. */
  guard(route: Route): (context: Context) => Promise<Response> {
    return async (context) => {
      this.#world.count(route.operation);
      this.#world.runDue();
      if (this.#on('slow')) await this.#world.sleep(SLOW);
      try {
        return await this.#pass(route, context);
      } catch (thrown) {
        if (thrown instanceof Refusal) return json(thrown.body, thrown.status);
        throw thrown;
      }
    };
  }

  async #pass(route: Route, context: Context): Promise<Response> {
    if (this.#on('outage')) return this.#outage();
    this.#authorise(context.req.header('authorization'));
    this.#spend();
    const asked = await askedOf(context);
    if (route.effect === 'read') return this.#answer(route.handle(asked)(), context);
    return await this.#write(route, asked, context);
  }

  async #write(route: Route, asked: Asked, context: Context): Promise<Response> {
    if (this.#on('permission-missing'))
      throw new Refusal(403, 'NOT_AUTHORIZED', [{ issue: 'PERMISSION_DENIED' }]);
    if (this.#on('error-before')) throw new Refusal(500, 'INTERNAL_SERVER_ERROR');
    if (this.#on('keys-pruned')) this.#world.keys.prune();
    if (this.#on('late-writes') || this.#on('in-flight')) {
      this.#putOff(route, asked, context.req.path);
      return breakConnection(context);
    }
    const reply = this.#carryOut(route, asked, context.req.path);
    if (this.#on('webhooks-first')) await this.#world.outbox.sent();
    if (this.#on('reply-lost')) return breakConnection(context);
    if (this.#on('error-after')) throw new Refusal(500, 'INTERNAL_SERVER_ERROR');
    return this.#answer(reply, context);
  }

  /** A request id that is known answers with what its first request made, as it is now. */
  #carryOut(route: Route, asked: Asked, path: string): Reply {
    const { keys, now } = this.#world;
    const name = `${path} ${asked.key}`;
    const isKeyed = asked.key !== undefined && route.keyLife !== undefined;
    const known = isKeyed ? keys.find(name, now()) : undefined;
    if (known?.kind === 'at-work')
      throw new Refusal(409, 'RESOURCE_CONFLICT', [{ issue: 'PREVIOUS_REQUEST_IN_PROGRESS' }]);
    if (known) {
      const again = known.show();
      this.#world.count('repeated');
      return { ...again, status: again.status === 201 ? 200 : again.status };
    }
    const show = route.handle(asked);
    if (isKeyed) keys.set(name, { kind: 'done', show }, now() + (route.keyLife ?? 0));
    return show();
  }

  #putOff(route: Route, asked: Asked, path: string): void {
    const { keys, now, later } = this.#world;
    const name = `${path} ${asked.key}`;
    const isKnown = asked.key !== undefined && keys.find(name, now()) !== undefined;
    if (this.#on('in-flight') && asked.key !== undefined && !isKnown)
      keys.set(name, { kind: 'at-work' }, now() + LATE);
    later(LATE, () => {
      if (!isKnown && keys.find(name, now())?.kind === 'at-work') keys.release(name);
      try {
        this.#carryOut(route, asked, path);
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
      }
    });
  }

  #answer({ status, whole, minimal }: Reply, context: Context): Response {
    const isWhole = !minimal || context.req.header('prefer') === 'return=representation';
    const response = isWhole ? json(whole, status) : json(minimal.body, minimal.status);
    return this.#on('field-removed') || this.#on('wrong-answer')
      ? this.#spoilt(isWhole ? whole : minimal.body, response.status, context)
      : response;
  }

  #spoilt(body: unknown, status: number, context: Context): Response {
    let text = JSON.stringify(body) ?? '';
    if (this.#on('field-removed')) text = text.replaceAll(/"status":"[A-Z_]+",?/g, '');
    if (this.#on('wrong-answer') && context.req.method === 'POST')
      text = text.replaceAll(/"value":"(\d+)/g, (_, digits: string) => `"value":"${BigInt(digits) + 1n}`);
    return new Response(text || null, { status, headers: { 'content-type': 'application/json' } });
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
    const token = header?.match(/^Bearer (\S+)$/)?.[1] ?? '';
    const until = this.#world.tokens.get(token) ?? 0;
    if (until > this.#world.now() && !this.#on('token-revoked')) return;
    throw new Refusal(401, 'AUTHENTICATION_FAILURE');
  }

  #spend(): void {
    const now = this.#world.now();
    this.#recent = this.#recent.filter((at) => at > now - 1_000);
    const isOver = this.#recent.length >= this.#world.callsPerSecond;
    if (isOver || (this.#on('rate-limit-burst') && this.#twoOfThree())) {
      this.#world.count('refused');
      throw new Refusal(429, 'RATE_LIMIT_REACHED');
    }
    if (Number.isFinite(this.#world.callsPerSecond)) this.#recent.push(now);
  }
}

async function askedOf(context: Context): Promise<Asked> {
  const text = await context.req.text();
  return {
    params: context.req.param(),
    query: new URL(context.req.url).searchParams,
    body: text === '' ? undefined : parsed(text),
    key: context.req.header('paypal-request-id'),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('MALFORMED_REQUEST_JSON', '/');
  }
}

/** The socket dies without an answer; where there is no socket (`app.request`), the request throws instead. */
function breakConnection(context: Context): Response {
  const { incoming }: { incoming?: unknown } = context.env ?? {};
  if (!(incoming instanceof IncomingMessage)) throw new Error('the connection broke before the answer');
  incoming.socket.destroy();
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
}
