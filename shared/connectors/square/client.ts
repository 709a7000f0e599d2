import type * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import { freshSecret, headersOf, originOf } from './auth.ts';
import { changed, errorsOf, faultOf } from './faults.ts';
import { CALL, START_WITHIN } from './limits.ts';
import { fitting } from './reply.ts';
import type { SquareSecret } from './schema.ts';

/** A call that may change something. */
export interface Write {
  /** For faults, counters and the trail: `payments.complete`. */
  operation: string;
  path: string;
  /** The idempotency key, where Square takes one, is a field of it. */
  body: Readonly<Record<string, unknown>>;
  /** When our caller's call began, by our clock. */
  began: Millis;
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
export async function send(session: Session, write: Write): Promise<Told> {
  const secret = await beforeSending(() => freshSecret(session, 'write'));
  if ('kind' in secret) return secret;
  const now = session.now();
  if (now > write.began + START_WITHIN)
    return { kind: 'unsent', message: 'there was no time left to send it' };
  const { operation } = write;
  try {
    return { kind: 'reply', response: await post(session, write, secret, write.began + CALL - now) };
  } catch (thrown) {
    // Faults of the network carry the call's own name; those of budget, breaker and secret have others.
    if (!(thrown instanceof Fault) || thrown.operation !== operation) throw thrown;
    if (thrown.kind === 'unavailable') return { kind: 'unsent', message: thrown.message };
    if (thrown.kind === 'unknown-outcome') return { kind: 'unknown', message: thrown.message };
    throw thrown;
  }
}

function post(
  session: Session,
  { operation, path, body }: Write,
  secret: SquareSecret,
  timeout: Millis,
): Promise<HttpResponse> {
  return session.send({
    ...{ operation, effect: 'write', timeout, method: 'POST', url: `${originOf(secret)}${path}` },
    headers: { ...headersOf(secret), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Work that has to succeed before a write can be sent: trouble in it means that the write was not sent. */
export async function beforeSending<T>(
  work: () => Promise<T>,
): Promise<T | { kind: 'unsent'; message: string }> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.kind === 'unavailable')
      return { kind: 'unsent', message: thrown.message };
    throw thrown;
  }
}

/** A call that changes nothing. */
export interface Read {
  operation: string;
  path: string;
  /** Undefined ones are left out. */
  query?: Readonly<Record<string, string | number | undefined>>;
}

/** The answer to a read, or undefined for 404; everything else is a fault. */
export async function look<T>(session: Session, call: Read, schema: z.ZodType<T>): Promise<T | undefined> {
  const response = await exchange(session, call);
  if (response.status === 404 && errorsOf(response.body).errors[0]?.code === 'NOT_FOUND') return undefined;
  return parsed(response, call.operation, schema);
}

/** The answer to a read of what always exists: lists, the location. */
export async function read<T>(session: Session, call: Read, schema: z.ZodType<T>): Promise<T> {
  return parsed(await exchange(session, call), call.operation, schema);
}

async function exchange(session: Session, { operation, path, query = {} }: Read): Promise<HttpResponse> {
  const secret = await freshSecret(session, 'read');
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  const search = given.toString();
  return await session.send({
    ...{ operation, effect: 'read', timeout: START_WITHIN, method: 'GET', headers: headersOf(secret) },
    url: `${originOf(secret)}${path}${search && `?${search}`}`,
  });
}

function parsed<T>(response: HttpResponse, operation: string, schema: z.ZodType<T>): T {
  if (response.status < 200 || response.status >= 300) throw faultOf(response, operation);
  const fit = fitting(response.body, schema);
  if (fit.fits) return fit.value;
  throw changed(operation, fit.field, fit.problem);
}
