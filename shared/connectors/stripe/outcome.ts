import type * as z from 'zod';
import type { HttpResponse } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import type { Sent } from '../payment-provider.ts';
import { fitting, send, type Write } from './client.ts';
import { declineOf, safeCode } from './declines.ts';
import { errorOf, paramOf, verdictOf, waitOf, wordsOf } from './faults.ts';
import type { StripeError } from './schema.ts';

/** How an object of Stripe's becomes the hub's; a sentence where it is not the one that was asked about. */
export interface Reading<S, T> {
  schema: z.ZodType<S>;
  shown(object: S): T | string;
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
  const error = errorOf(body);
  switch (verdictOf(status, error)) {
    case 'refused':
      return refusal(response, error);
    case 'declined':
      return declined(error, reading);
    case 'as-it-stands':
      return asItStands(error, reading);
    case 'unknown':
      return unknown(`${wordsOf(status, error)}; what became of it is not known`);
  }
}

function refusal<T>(response: HttpResponse, error: StripeError | undefined): Sent<T> {
  const field = paramOf(error);
  return {
    kind: 'refused',
    code: safeCode(error?.code) ?? safeCode(error?.type) ?? `http_${response.status}`,
    message: wordsOf(response.status, error),
    ...(response.status === 429 && { retryAfter: waitOf(response) }),
    ...(field !== undefined && { field }),
    // What is wrong with the request itself stays wrong; limits and credentials pass.
    ...((response.status === 400 || response.status === 404) && { permanent: true }),
  };
}

function declined<S, T>(error: StripeError | undefined, reading: Reading<S, T>): Sent<T> {
  const decline = declineOf(error ?? {});
  if (error?.payment_intent === undefined) return { kind: 'declined', ...decline };
  const shown = readAs(JSON.stringify(error.payment_intent), reading);
  return typeof shown === 'string' ? unknown(shown) : { kind: 'declined', ...decline, shown: shown.value };
}

/** Errors about a PaymentIntent's state carry it as it is now. */
function asItStands<S, T>(error: StripeError | undefined, reading: Reading<S, T>): Sent<T> {
  const code = safeCode(error?.code) ?? 'no code';
  if (error?.payment_intent === undefined) return unknown(`Stripe says ${code} and not what is now: read it`);
  const shown = readAs(JSON.stringify(error.payment_intent), reading);
  return typeof shown === 'string' ? unknown(shown) : { kind: 'answered', shown: shown.value };
}

function readAs<S, T>(body: string, reading: Reading<S, T>): { value: T } | string {
  const fit = fitting(body, reading.schema);
  if (!fit.fits) return `Stripe's answer does not fit: ${fit.field}: ${fit.problem}`;
  const shown = reading.shown(fit.value);
  return typeof shown === 'string' ? shown : { value: shown };
}

function unknown<T>(message: string): Sent<T> {
  return { kind: 'unknown', message };
}
