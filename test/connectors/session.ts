import { Agent, request as httpRequest } from 'node:http';
import type * as z from 'zod';
import { Fault } from '../../shared/engine/fault.ts';
import type { Http, HttpRequest, HttpResponse, Millis } from '../../shared/engine/ports.ts';
import { HttpFailure } from '../../shared/engine/ports.ts';
import type { ObservedLimits, SendRequest, Session } from '../../shared/engine/session.ts';

/** A session over real HTTP without a budget, with what it was told and what it sent kept for assertions. */
export interface TestSession extends Session {
  /** The secret as it is stored now, after renewals. */
  stored(): unknown;
  readonly observed: readonly ObservedLimits[];
  /** Operations in the order they were sent. */
  readonly sent: readonly string[];
  readonly renewals: number;
}

export interface TestSessionOptions {
  /** `vendor/name`. */
  account: string;
  secret: unknown;
  now?: () => Millis;
  /** For every call; defaults to 5 seconds. */
  timeout?: Millis;
  http?: Http;
}

/** The rules of `Session` in the simplest form that is true to them. */
export function testSession(options: TestSessionOptions): TestSession {
  const http = options.http ?? nodeHttp();
  const now = options.now ?? Date.now;
  const observed: ObservedLimits[] = [];
  const sent: string[] = [];
  let stored = options.secret;
  let renewals = 0;
  let renewing: Promise<void> | undefined;
  let draws = 0;
  const read = <T>(schema: z.ZodType<T>): T => parseSecret(options.account, schema, stored);
  return {
    account: options.account,
    observed,
    sent,
    stored: () => stored,
    get renewals() {
      return renewals;
    },
    now,
    random: {
      next: () => {
        draws += 1;
        return (draws * 0.618_033_988_75) % 1;
      },
      token: () => {
        draws += 1;
        return draws.toString(16).padStart(32, '0');
      },
    },
    secret: async (schema) => read(schema),
    send: async (request) => {
      sent.push(request.operation);
      return await sendAsFaults(http, request, options);
    },
    observe: (limits) => observed.push(limits),
    renewSecret: async (schema, stale, renew) => {
      const before = read(schema);
      if (!stale(before)) return before;
      renewing ??= renew(before)
        .then((fresh) => {
          renewals += 1;
          stored = fresh;
        })
        .finally(() => {
          renewing = undefined;
        });
      await renewing;
      return read(schema);
    },
  };
}

async function sendAsFaults(
  http: Http,
  { operation, effect, timeout, ...request }: SendRequest,
  options: TestSessionOptions,
): Promise<HttpResponse> {
  try {
    return await http({ ...request, timeout: options.timeout ?? timeout ?? 5_000 });
  } catch (thrown) {
    if (!(thrown instanceof HttpFailure)) throw thrown;
    const unknown = thrown.sent && effect === 'write';
    const vendor = options.account.split('/')[0] ?? options.account;
    throw new Fault(unknown ? 'unknown-outcome' : 'unavailable', {
      vendor,
      operation,
      message: `${operation}: ${thrown.message}`,
      cause: thrown,
    });
  }
}

function parseSecret<T>(account: string, schema: z.ZodType<T>, secret: unknown): T {
  const parsed = schema.safeParse(secret);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Fault('auth-expired', {
    vendor: account.split('/')[0] ?? account,
    operation: 'secret',
    message: `the secret of ${account} does not fit: ${field}`,
    field,
  });
}

/** Plain node:http; a request counts as sent once its socket is connected. */
export function nodeHttp(): Http {
  const agent = new Agent({ keepAlive: false });
  return (request) =>
    new Promise((resolve, reject) => {
      exchange(agent, request, resolve, reject);
    });
}

function exchange(
  agent: Agent,
  { method, url, headers, body, timeout, signal }: HttpRequest,
  resolve: (response: HttpResponse) => void,
  reject: (failure: HttpFailure) => void,
): void {
  let connected = false;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = httpRequest(url, {
    method,
    headers: { ...headers, ...length },
    agent,
    ...(signal ? { signal } : {}),
  });
  const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
  const fail = (error: Error) => {
    clearTimeout(timer);
    reject(new HttpFailure(error.message, connected, { cause: error }));
  };
  outgoing.on('socket', (socket) => {
    socket.once('connect', () => {
      connected = true;
    });
  });
  outgoing.on('error', fail);
  outgoing.on('response', (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', fail);
    incoming.on('end', () => {
      clearTimeout(timer);
      resolve({
        status: incoming.statusCode ?? 0,
        headers: flatten(incoming.headers),
        body: Buffer.concat(chunks).toString('utf8'),
      });
    });
  });
  outgoing.end(body);
}

function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
