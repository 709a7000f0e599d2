import type * as z from 'zod';
import type { Account, Permit } from './account.ts';
import { amend } from './documents.ts';
import type { Engine, Work } from './engine.ts';
import { Fault } from './fault.ts';
import { SKEW, WORKER_TIMEOUT } from './flow.ts';
import { HttpFailure, type HttpRequest, type HttpResponse, type Millis } from './ports.ts';
import { RefreshSchema } from './renewal.ts';
import type { ObservedLimits, SendRequest, Session } from './session.ts';

/** A call without a stated timeout. */
const DEFAULT_TIMEOUT: Millis = 20_000;
/** Left of the worker's deadline after the last answer, for settling. */
const SETTLING: Millis = 3_000;
/** A worker that has begun to renew a secret may go on with it until it is dead; only then may another try. */
const RENEWAL: Millis = WORKER_TIMEOUT + 2 * SKEW;

/** Opens an account for one piece of work; everything sent passes its budget and the worker's deadline. */
export function openSession(engine: Engine, account: Account, permit: Permit, work: Work): Session {
  return new OpenSession(engine, account, permit, work);
}

class OpenSession implements Session {
  readonly account: string;
  readonly random;
  readonly #engine: Engine;
  readonly #account: Account;
  readonly #permit: Permit;
  readonly #work: Work;

  constructor(engine: Engine, account: Account, permit: Permit, work: Work) {
    this.account = account.key;
    this.random = engine.ports.random;
    this.#engine = engine;
    this.#account = account;
    this.#permit = permit;
    this.#work = work;
  }

  now(): Millis {
    return this.#engine.ports.clock.now();
  }

  async secret<T>(schema: z.ZodType<T>): Promise<T> {
    const stored = await ours(this.#engine.ports.secrets.get(this.account));
    if (!stored) throw this.#secretFault('there is no secret for it');
    const parsed = schema.safeParse(stored.value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw this.#secretFault(
      `field "${issue?.path.join('.') ?? ''}" of its secret does not fit: ${issue?.message ?? ''}`,
    );
  }

  async send(request: SendRequest): Promise<HttpResponse> {
    await ours(this.#account.spend(this.#permit));
    const { operation, effect, timeout, ...rest } = request;
    const left = this.#work.deadline - SETTLING - this.now();
    const { sendBefore } = this.#permit;
    if (left <= 0 || (sendBefore !== undefined && this.now() >= sendBefore))
      throw outOfTime(this.#account.ref.vendor);
    const http: HttpRequest = {
      ...rest,
      ...(sendBefore !== undefined && { sendBefore }),
      timeout: Math.min(timeout ?? DEFAULT_TIMEOUT, left),
      signal: this.#work.signal,
    };
    try {
      return await this.#engine.ports.http(http);
    } catch (thrown) {
      if (!(thrown instanceof HttpFailure)) throw thrown;
      if (thrown.sent && effect === 'write')
        throw this.#fault(
          'unknown-outcome',
          operation,
          `no answer to a write (${thrown.message}); it is verified before anything is repeated`,
        );
      throw this.#fault(
        'unavailable',
        operation,
        `not reachable (${thrown.message}); check the vendor's status page and the account's base URL`,
      );
    }
  }

  observe(limits: ObservedLimits): void {
    // Losing one observation is harmless; the next answer carries the next one.
    this.#work.background(this.#account.observe(limits));
  }

  async renewSecret<T>(
    schema: z.ZodType<T>,
    stale: (secret: T) => boolean,
    renew: (secret: T) => Promise<T>,
  ): Promise<T> {
    const { ports } = this.#engine;
    for (;;) {
      const current = await this.secret(schema);
      if (!stale(current)) return current;
      const token = ports.random.token();
      const now = this.now();
      const lease = await ours(
        amend(ports, `refresh/${this.account}`, RefreshSchema, (held) =>
          held && held.until > now ? undefined : { token, until: now + RENEWAL },
        ),
      );
      if (lease?.token === token) return this.#renewOnce({ schema, stale, renew }, token);
      if (now + 2_000 > this.#work.deadline)
        throw new Fault('unavailable', {
          vendor: 'intertie',
          operation: 'renew',
          message: `another worker is renewing the credentials of ${this.account}`,
        });
      await ports.clock.sleep(200 + ports.random.next() * 300, this.#work.signal);
    }
  }

  async #renewOnce<T>(
    how: { schema: z.ZodType<T>; stale: (secret: T) => boolean; renew: (secret: T) => Promise<T> },
    token: string,
  ): Promise<T> {
    const { ports } = this.#engine;
    try {
      // Somebody may have finished between our look and our lease.
      const current = await this.secret(how.schema);
      if (!how.stale(current)) return current;
      const renewed = await how.renew(current);
      await ours(ports.secrets.put(this.account, renewed));
      return renewed;
    } finally {
      const release = amend(ports, `refresh/${this.account}`, RefreshSchema, (held) =>
        held?.token === token ? { token, until: 0 } : undefined,
      );
      await ours(release);
    }
  }

  #secretFault(problem: string): Fault {
    return new Fault('auth-expired', {
      vendor: this.#account.ref.vendor,
      operation: 'secret',
      message: `account ${this.account}: ${problem}`,
      mend: `npm run intertie -- connect ${this.#account.ref.vendor}`,
    });
  }

  #fault(kind: 'unavailable' | 'unknown-outcome', operation: string, message: string): Fault {
    return new Fault(kind, { vendor: this.#account.ref.vendor, operation, message });
  }
}

/** Counts for nothing: not against the record, not against the vendor. */
function outOfTime(vendor: string): Fault {
  return new Fault('rate-limited', {
    vendor,
    operation: 'budget',
    message: 'no time left in this worker; the next one sends it',
    retryAfter: 0,
  });
}

/** Trouble with our own storage inside a connector's call is not that connector's defect. */
async function ours<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw new Fault('unavailable', {
      vendor: 'intertie',
      operation: 'storage',
      message: 'our own storage did not answer; nothing was sent, it is tried again',
      cause: thrown,
    });
  }
}
