import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import * as z from 'zod';
import { type Answer, carryOut, internalError, type Request } from './sandbox-carry-out.ts';
import type { FaultName } from './sandbox-faults.ts';
import { invalid, problemOf, Refusal, unauthorised } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

export interface Route {
  method: 'get' | 'post';
  path: string;
  /** For the counters. */
  operation: string;
  /** Is its `idempotency_key` its own? The one of a cancellation is another call's. */
  keyed?: true;
  handle(world: World, call: Call): Json;
}

const SLOW = 5_000;
const LATE = 30_000;
const KeyedSchema = z.object({ idempotency_key: z.string() });

/** What every call of the API passes: faults, credentials, the limit, then its key. */
export class Gate {
  readonly #world: World;
  #second = { at: 0, calls: 0 };
  #turn = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** The route behind the gate. */
  guard(route: Route): (context: Context) => Promise<Response> {
    return this.#guarded(route.operation, async (context) => {
      this.#authorise(context.req.header('authorization'));
      this.#spend();
      if (route.method === 'post') return await this.#write(route, context);
      const call = { id: context.req.param('id') ?? '', query: context.req.query(), body: undefined };
      return this.#answered(carryOut(this.#world, { route, call, key: undefined, fingerprint: '' }));
    });
  }

  /** The token endpoint: no token, no key. */
  tokens(): (context: Context) => Promise<Response> {
    return this.#guarded('oauth2.token', async (context) => {
      if (this.#on('token-revoked')) throw unauthorised('UNAUTHORIZED');
      const body = this.#world.tokens.obtain(jsonOf(await context.req.text()), this.#world.merchantId);
      return this.#answered({ status: 200, body: JSON.stringify(body) });
    });
  }

  #guarded(operation: string, pass: (context: Context) => Promise<Response>) {
    return async (context: Context): Promise<Response> => {
      this.#world.count(operation);
      this.#world.runDue();
      if (this.#on('slow')) await this.#world.sleep(SLOW);
      if (this.#on('outage')) return this.#outage();
      try {
        return await pass(context);
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        this.#world.count('refused');
        return this.#answered({ status: thrown.status, body: JSON.stringify(thrown.body) });
      }
    };
  }

  async #write(route: Route, context: Context): Promise<Response> {
    const world = this.#world;
    if (this.#on('permission-missing')) throw unauthorised('INSUFFICIENT_SCOPES', 403);
    const text = await context.req.text();
    const body = text === '' ? undefined : jsonOf(text);
    const name = route.keyed ? KeyedSchema.safeParse(body).data?.idempotency_key : undefined;
    const key = name === undefined ? undefined : `${route.operation} ${name}`;
    const call = { id: context.req.param('id') ?? '', query: {}, body };
    const request: Request = { route, call, key, fingerprint: text };
    if (this.#on('keys-pruned')) {
      world.keys.prune();
      world.created.clear();
    }
    const known = this.#known(request);
    if (known) return this.#on('reply-lost') ? breakConnection(context) : this.#answered(known);
    if (this.#on('late-writes') || this.#on('in-flight')) return this.#late(request, context);
    return await this.#carriedOut(request, context);
  }

  async #carriedOut(request: Request, context: Context): Promise<Response> {
    const answer = this.#on('error-before')
      ? this.#stored(request, internalError())
      : carryOut(this.#world, request);
    const told = this.#on('error-after') ? this.#stored(request, internalError()) : answer;
    if (this.#on('reply-lost')) return breakConnection(context);
    if (this.#on('webhooks-first')) await this.#world.outbox.sent();
    return this.#answered(this.#on('wrong-answer') ? { ...told, body: otherAmounts(told.body) } : told);
  }

  /** What a key was answered before, or that it may not be used now. */
  #known({ key, fingerprint }: Request): Answer | undefined {
    if (key === undefined) return undefined;
    const state = this.#world.keys.find(key, fingerprint, this.#world.now());
    if (state === undefined) return undefined;
    if (state === 'other')
      throw invalid(
        'IDEMPOTENCY_KEY_REUSED',
        'Different request parameters used for the same idempotency_key.',
        'idempotency_key',
      );
    if (state.kind === 'at-work')
      throw new Refusal(
        409,
        problemOf('INVALID_REQUEST_ERROR', 'CONFLICT', 'Another request with this key is in progress'),
      );
    this.#world.count('replays');
    return { status: state.status, body: state.body };
  }

  #stored({ key, fingerprint }: Request, answer: Answer): Answer {
    if (key === undefined) return answer;
    this.#world.keys.begin(key, fingerprint, this.#world.now());
    this.#world.keys.answer(key, answer.status, answer.body);
    this.#world.changes.count += 1;
    return answer;
  }

  #late(request: Request, context: Context): Response {
    const { keys, later, now } = this.#world;
    const { key, fingerprint } = request;
    if (key !== undefined && this.#on('in-flight')) keys.begin(key, fingerprint, now());
    later(LATE, () => {
      const state = key === undefined ? undefined : keys.find(key, fingerprint, now());
      if (state === undefined || (state !== 'other' && state.kind === 'at-work'))
        carryOut(this.#world, request);
    });
    return breakConnection(context);
  }

  #answered({ status, body }: Answer): Response {
    const text = this.#on('field-removed') ? body.replaceAll(/"id":"[^"]+",?/g, '') : body;
    return new Response(text, { status, headers: { 'content-type': 'application/json' } });
  }

  #on(name: FaultName): boolean {
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

  #authorise(header = ''): void {
    const token = header.match(/^Bearer (\S+)$/)?.[1] ?? '';
    const end = this.#world.tokens.endOf(token);
    if (this.#on('token-revoked')) throw unauthorised('ACCESS_TOKEN_REVOKED');
    if (end === undefined) throw unauthorised('UNAUTHORIZED');
    if (end <= this.#world.now()) throw unauthorised('ACCESS_TOKEN_EXPIRED');
  }

  #spend(): void {
    const { now, callsPerSecond } = this.#world;
    const at = Math.floor(now() / 1_000);
    if (this.#second.at !== at) this.#second = { at, calls: 0 };
    this.#second.calls += 1;
    const burst = this.#on('rate-limit-burst') && this.#twoOfThree();
    if (!burst && this.#second.calls <= callsPerSecond) return;
    throw new Refusal(
      429,
      problemOf('RATE_LIMIT_ERROR', 'RATE_LIMITED', 'Too many requests have been made.'),
    );
  }
}

function otherAmounts(body: string): string {
  return body.replaceAll(/"amount":(\d+)/g, (_, units) => `"amount":${Number(units) + 1}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('EXPECTED_JSON_BODY', 'Expected a JSON body');
  }
}

/** The socket dies without an answer; where there is no socket (`app.request`), the request throws instead. */
function breakConnection(context: Context): Response {
  const { incoming }: { incoming?: unknown } = context.env ?? {};
  if (!(incoming instanceof IncomingMessage)) throw new Error('the connection broke before the answer');
  incoming.socket.destroy();
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
}
