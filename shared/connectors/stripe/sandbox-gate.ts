import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { type Answer, carryOut, internalError, type Request } from './sandbox-carry-out.ts';
import type { FaultName } from './sandbox-faults.ts';
import { decodeForm } from './sandbox-form.ts';
import { Refusal } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

export interface Route {
  method: 'get' | 'post';
  path: string;
  /** For the counters. */
  operation: string;
  handle(world: World, call: Call): Json;
}

const SLOW = 5_000;
const LATE = 30_000;

/** What every call of the API passes, in the order in which Stripe meets it: limits and credentials before keys. */
export class Gate {
  readonly #world: World;
  #second = { at: 0, calls: 0 };
  #turn = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** The route behind the gate. */
  guard(route: Route): (context: Context) => Promise<Response> {
    return async (context) => {
      this.#world.count(route.operation);
      this.#world.runDue();
      this.#world.seen.origin = new URL(context.req.url).origin;
      if (this.#on('slow')) await this.#world.sleep(SLOW);
      try {
        return await this.#pass(route, context);
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        this.#world.count('refused');
        return this.#answered({
          status: thrown.status,
          body: JSON.stringify(thrown.body),
          headers: thrown.headers,
        });
      }
    };
  }

  async #pass(route: Route, context: Context): Promise<Response> {
    if (this.#on('outage')) return this.#outage();
    this.#authorise(context.req.header('authorization'));
    this.#spend();
    if (route.method === 'post') return await this.#write(route, context);
    const call = { id: context.req.param('id') ?? '', params: decodeForm(new URL(context.req.url).search) };
    return this.#answered(carryOut(this.#world, { route, call, key: undefined, fingerprint: '' }));
  }

  async #write(route: Route, context: Context): Promise<Response> {
    const world = this.#world;
    if (this.#on('permission-missing'))
      throw new Refusal(403, {
        code: 'more_permissions_required',
        message: 'The provided key does not have the required permissions.',
      });
    if (this.#on('lock-timeout') && this.#twoOfThree())
      throw new Refusal(429, {
        code: 'lock_timeout',
        message: 'This object cannot be accessed right now: another request holds it.',
      });
    const text = await context.req.text();
    const key = context.req.header('idempotency-key');
    const call = { id: context.req.param('id') ?? '', params: decodeForm(text) };
    const request: Request = { route, call, key, fingerprint: `${context.req.path}\n${text}` };
    if (this.#on('keys-pruned')) world.keys.prune();
    const known = this.#known(request);
    if (known) return this.#on('reply-lost') ? breakConnection(context) : this.#answered(known);
    if (this.#on('late-writes') || this.#on('in-flight')) return this.#late(request, context);
    const answer = this.#on('error-before')
      ? this.#stored(request, internalError())
      : carryOut(world, request);
    const told = this.#on('error-after') ? this.#stored(request, internalError()) : answer;
    if (this.#on('reply-lost')) return breakConnection(context);
    if (this.#on('webhooks-first')) await world.outbox.sent();
    return this.#answered(this.#on('wrong-answer') ? { ...told, body: otherAmounts(told.body) } : told);
  }

  /** What a key was answered before, or that it may not be used now. */
  #known({ key, fingerprint }: Request): Answer | undefined {
    if (key === undefined) return undefined;
    const state = this.#world.keys.find(key, fingerprint, this.#world.now());
    if (state === undefined) return undefined;
    if (state === 'other') {
      const message = `Keys for idempotent requests can only be used with the same parameters they were first used with.`;
      throw new Refusal(400, { type: 'idempotency_error', message });
    }
    if (state.kind === 'at-work') {
      const message = 'There is currently another in-progress request using this Idempotent Key.';
      throw new Refusal(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message });
    }
    this.#world.count('replays');
    return { status: state.status, body: state.body, headers: { 'idempotent-replayed': 'true' } };
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

  #answered({ status, body, headers }: Answer): Response {
    const text = this.#on('field-removed') ? body.replaceAll(/"id":"[^"]+",?/g, '') : body;
    return new Response(text, {
      status,
      headers: { 'content-type': 'application/json', 'request-id': this.#world.newId('req'), ...headers },
    });
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

  /** As a bearer token, or as the user name of Basic. */
  #authorise(header = ''): void {
    const basic = header.match(/^Basic (\S+)$/)?.[1];
    const given = basic
      ? Buffer.from(basic, 'base64').toString().split(':')[0]
      : header.match(/^Bearer (\S+)$/)?.[1];
    if (given === this.#world.apiKey && !this.#on('token-revoked')) return;
    throw new Refusal(401, { message: 'Invalid API Key provided: sk_test_*********' });
  }

  #spend(): void {
    const { seconds, callsPerSecond } = this.#world;
    if (this.#second.at !== seconds()) this.#second = { at: seconds(), calls: 0 };
    this.#second.calls += 1;
    const burst = this.#on('rate-limit-burst') && this.#twoOfThree();
    if (!burst && this.#second.calls <= callsPerSecond) return;
    const message = 'Request rate limit exceeded.';
    const headers = { 'stripe-rate-limited-reason': 'global-rate' };
    throw new Refusal(429, { code: 'rate_limit', message }, { headers });
  }
}

function otherAmounts(body: string): string {
  return body.replaceAll(
    /"(amount|amount_received)":(\d+)/g,
    (_, name, units) => `"${name}":${Number(units) + 1}`,
  );
}

/** The socket dies without an answer; where there is no socket (`app.request`), the request throws instead. */
function breakConnection(context: Context): Response {
  const { incoming }: { incoming?: unknown } = context.env ?? {};
  if (!(incoming instanceof IncomingMessage)) throw new Error('the connection broke before the answer');
  incoming.socket.destroy();
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
}
