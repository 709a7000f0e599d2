import type * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import { headersOf, originOf } from './auth.ts';
import { changed, faultOf } from './faults.ts';
import { encodeForm, type FormValue } from './form.ts';
import { SecretSchema } from './schema.ts';

/** The deadline of each call, chosen: the payer waits, and who gives up early only has to look again. */
const TIMEOUT: Millis = 10_000;

/** A call that may change something. */
export interface Write {
  /** For faults, counters and the trail: `payment_intents.confirm`. */
  operation: string;
  path: string;
  /** Stripe's `Idempotency-Key`. */
  key: string;
  form: Readonly<Record<string, FormValue>>;
}

/** What came back of one send. */
export type Told =
  | { kind: 'reply'; response: HttpResponse }
  | { kind: 'unsent'; message: string }
  | { kind: 'unknown'; message: string };

/**
 * Sends once and never again. What keeps us from calling at all (budget, breaker, secret) is thrown; trouble of the
 * network is a value.
 */
export async function send(session: Session, { operation, path, key, form }: Write): Promise<Told> {
  const secret = await session.secret(SecretSchema);
  try {
    const response = await session.send({
      operation,
      effect: 'write',
      timeout: TIMEOUT,
      method: 'POST',
      url: `${originOf(secret)}${path}`,
      headers: {
        ...headersOf(secret),
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': key,
      },
      body: encodeForm(form),
    });
    return { kind: 'reply', response };
  } catch (thrown) {
    // Faults of the network carry the call's own name; those of budget, breaker and secret have others.
    if (!(thrown instanceof Fault) || thrown.operation !== operation) throw thrown;
    if (thrown.kind === 'unavailable') return { kind: 'unsent', message: thrown.message };
    if (thrown.kind === 'unknown-outcome') return { kind: 'unknown', message: thrown.message };
    throw thrown;
  }
}

/** A call that changes nothing. */
export interface Read {
  operation: string;
  path: string;
  query: Readonly<Record<string, FormValue>>;
}

/** The answer to a read, or undefined for 404; everything else is a fault. */
export async function look<T>(session: Session, call: Read, schema: z.ZodType<T>): Promise<T | undefined> {
  const response = await exchange(session, call);
  if (response.status === 404 && response.body.includes('resource_missing')) return undefined;
  return parsed(response, call.operation, schema);
}

/** The answer to a read of what always exists: lists, the balance. */
export async function read<T>(session: Session, call: Read, schema: z.ZodType<T>): Promise<T> {
  return parsed(await exchange(session, call), call.operation, schema);
}

async function exchange(session: Session, { operation, path, query }: Read): Promise<HttpResponse> {
  const secret = await session.secret(SecretSchema);
  const search = encodeForm(query);
  return await session.send({
    operation,
    effect: 'read',
    timeout: TIMEOUT,
    method: 'GET',
    url: `${originOf(secret)}${path}${search && `?${search}`}`,
    headers: headersOf(secret),
  });
}

function parsed<T>(response: HttpResponse, operation: string, schema: z.ZodType<T>): T {
  if (response.status < 200 || response.status >= 300) throw faultOf(response, operation);
  const fit = fitting(response.body, schema);
  if (fit.fits) return fit.value;
  throw changed(operation, fit.field, fit.problem);
}

/** A body as the schema says, or the first field that is not. */
export function fitting<T>(
  body: string,
  schema: z.ZodType<T>,
): { fits: true; value: T } | { fits: false; field: string; problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { fits: false, field: 'the body', problem: 'it is not JSON' };
  }
  const result = schema.safeParse(json);
  if (result.success) return { fits: true, value: result.data };
  const issue = result.error.issues[0];
  const parts = (issue?.path ?? []).map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`));
  const field = parts.join('').replace(/^\./, '') || 'the body';
  return { fits: false, field, problem: issue?.message ?? 'does not fit' };
}
