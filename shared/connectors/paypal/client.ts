import type * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import { freshSecret, originOf, renewedSecret } from './auth.ts';
import { type Ending, endingOf, errorBody, faultOf, type Unlisted } from './faults.ts';
import { CALL, START_WITHIN } from './limits.ts';
import { jsonOf, parseReply } from './reply.ts';
import type { PaypalSecret } from './schema.ts';

/** One read. */
export interface Reading {
  /** For faults, counters and the trail: `orders.get`. */
  operation: string;
  /** From the root, with its query. */
  path: string;
}

/** One write; sent once at most. */
export interface Writing extends Reading {
  method: 'POST' | 'PATCH';
  /** `PayPal-Request-Id`. */
  key?: string;
  body?: unknown;
  /** When our caller's call began, by our clock. */
  began: Millis;
  unlisted: Unlisted;
}

/** Reads and parses; undefined = PayPal knows no such thing. Everything else is a fault. */
export async function read<T>(
  session: Session,
  reading: Reading,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const secret = await freshSecret(session);
  const first = await ask(session, reading, secret);
  const response =
    first.status === 401
      ? await ask(session, reading, await renewedSecret(session, secret.accessToken))
      : first;
  if (response.status === 404 && errorBody(response.body).name) return undefined;
  if (response.status < 200 || response.status >= 300) throw faultOf(response, reading.operation);
  return parseReply(response.body, schema, reading.operation);
}

async function ask(
  session: Session,
  { operation, path }: Reading,
  secret: PaypalSecret,
): Promise<HttpResponse> {
  return await session.send({
    operation,
    effect: 'read',
    method: 'GET',
    url: `${originOf(secret)}${path}`,
    headers: headersOf(secret),
    timeout: START_WITHIN,
  });
}

/** How a write ended; `done` has the parsed answer. */
export type Written<T> = { kind: 'done'; reply: T } | Ending;

/**
 * Sends once and never again, whatever comes back. What happens before the send, a new token included, proves that
 * nothing left; a 2xx that cannot be read proves nothing.
 */
export async function write<T>(
  session: Session,
  writing: Writing,
  schema: z.ZodType<T>,
): Promise<Written<T>> {
  const secret = await beforeSending(() => freshSecret(session));
  if ('kind' in secret) return secret;
  const now = session.now();
  if (now > writing.began + START_WITHIN)
    return { kind: 'unsent', message: 'there was no time left to send it' };
  const sent = await sendOnce(session, writing, secret, writing.began + CALL - now);
  if (sent.kind !== 'response') return sent;
  const { response } = sent;
  if (response.status === 401) await forget(session, secret);
  if (response.status < 200 || response.status >= 300) return endingOf(response, writing.unlisted);
  const parsed = schema.safeParse(jsonOf(response.body));
  if (parsed.success) return { kind: 'done', reply: parsed.data };
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  return { kind: 'unknown', message: `PayPal's answer to ${writing.operation} does not fit: ${field}` };
}

async function sendOnce(
  session: Session,
  { operation, method, path, key, body }: Writing,
  secret: PaypalSecret,
  timeout: Millis,
): Promise<{ kind: 'response'; response: HttpResponse } | Ending> {
  try {
    const response = await session.send({
      operation,
      effect: 'write',
      method,
      url: `${originOf(secret)}${path}`,
      headers: {
        ...headersOf(secret),
        'content-type': 'application/json',
        // Amounts and references come back, so that they can be compared with ours.
        prefer: 'return=representation',
        ...(key === undefined ? {} : { 'paypal-request-id': key }),
      },
      body: JSON.stringify(body ?? {}),
      timeout,
    });
    return { kind: 'response', response };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    if (thrown.kind === 'unknown-outcome') return { kind: 'unknown', message: thrown.message };
    // A budget, a breaker or our own storage speaks of other operations: those are for the caller.
    if (thrown.kind === 'unavailable' && thrown.operation === operation)
      return { kind: 'unsent', message: thrown.message };
    throw thrown;
  }
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

/** The next call gets a new token; this one was refused all the same. */
async function forget(session: Session, { accessToken }: PaypalSecret): Promise<void> {
  try {
    await renewedSecret(session, accessToken);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
  }
}

function headersOf({ accessToken }: PaypalSecret): Record<string, string> {
  return { authorization: `Bearer ${accessToken ?? ''}`, accept: 'application/json' };
}
