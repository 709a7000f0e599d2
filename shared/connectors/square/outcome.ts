import type * as z from 'zod';
import type { HttpResponse } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import type { Sent } from '../payment-provider.ts';
import { send, type Write } from './client.ts';
import { declineOf, safeCode } from './declines.ts';
import { errorsOf, fieldOf, verdictOf, waitOf, wordsOf } from './faults.ts';
import { fitting } from './reply.ts';
import type { SquareError } from './schema.ts';

/** How an object of Square's becomes the hub's; a sentence where it is not the one that was asked about. */
export interface Reading<S, T> {
  schema: z.ZodType<S>;
  shown(reply: S): T | string;
}

/** One send of a write and how it ended. */
export async function perform<S, T>(session: Session, call: Write, reading: Reading<S, T>): Promise<Sent<T>> {
  const told = await send(session, call);
  return told.kind === 'reply' ? outcomeOf(told.response, reading) : told;
}

/** What an answer proves. An object that is not ours proves nothing at all. */
export function outcomeOf<S, T>(response: HttpResponse, reading: Reading<S, T>): Sent<T> {
  const { status, body } = response;
  if (status >= 200 && status < 300) {
    const shown = readAs(body, reading);
    return typeof shown === 'string' ? unknown(shown) : { kind: 'answered', shown: shown.value };
  }
  const { errors, payment } = errorsOf(body);
  const [error] = errors;
  const verdict = verdictOf(status, errors);
  switch (verdict) {
    case 'refused':
    case 'refused-for-good':
      return refusal(response, error, verdict === 'refused-for-good');
    case 'declined':
      return payment === undefined
        ? { kind: 'declined', ...declineOf(error) }
        : declinedWith(error, JSON.stringify({ payment }), reading);
    case 'unknown':
      return unknown(`${wordsOf(status, error)}; what became of it is not known`);
  }
}

function refusal<T>(response: HttpResponse, error: SquareError | undefined, permanent: boolean): Sent<T> {
  const field = fieldOf(error);
  return {
    kind: 'refused',
    code: safeCode(error?.code) ?? `HTTP_${response.status}`,
    message: wordsOf(response.status, error),
    ...(response.status === 429 && { retryAfter: waitOf(response) }),
    ...(field !== undefined && { field }),
    ...(permanent && { permanent: true as const }),
  };
}

/** The failed payment comes along: it has to be ours. */
function declinedWith<S, T>(error: SquareError | undefined, body: string, reading: Reading<S, T>): Sent<T> {
  const shown = readAs(body, reading);
  return typeof shown === 'string'
    ? unknown(shown)
    : { kind: 'declined', ...declineOf(error), shown: shown.value };
}

function readAs<S, T>(body: string, reading: Reading<S, T>): { value: T } | string {
  const fit = fitting(body, reading.schema);
  if (!fit.fits) return `Square's answer does not fit: ${fit.field}: ${fit.problem}`;
  const shown = reading.shown(fit.value);
  return typeof shown === 'string' ? shown : { value: shown };
}

function unknown<T>(message: string): Sent<T> {
  return { kind: 'unknown', message };
}

/** Refused here: nothing was sent. */
export function refusedHere<T>(code: string, message: string, field: string): Sent<T> {
  return { kind: 'refused', code, message, field, permanent: true };
}
