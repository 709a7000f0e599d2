import { Fault, type FaultDetails, type FaultKind } from '../../engine/fault.ts';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import { safeCode } from './declines.ts';
import { ErrorBodySchema, type StripeError } from './schema.ts';

/** The folder's name, as faults and accounts carry it. */
export const VENDOR = 'stripe';
/** What a person runs when the credentials no longer work. */
export const RECONNECT = 'npm run intertie -- connect stripe';
/** Stripe states no Retry-After for its limits; its own clients begin with half a second and double. */
const PAUSE: Millis = 1_000;

/** What an answer that is not 2xx says about this very send of a write. */
export type Verdict =
  /** Nothing was done. */
  | 'refused'
  /** No to the payer. */
  | 'declined'
  /** The object is no longer in a state for this: what it is now is the answer. */
  | 'as-it-stands'
  | 'unknown';

interface Rule {
  status?: number;
  code?: string;
  /** Only where the body is an error of Stripe's, and not of something in between. */
  ours?: true;
  verdict: Verdict;
}

/**
 * The first that fits holds; whatever fits none is unknown, so every 5xx, 3xx and 408 is. Rate limits, credentials
 * and parameters are checked before anything is executed ("Advanced error handling"); a `lock_timeout` and a 409
 * speak of another request to the same object or key that may be at work right now. 424 is a failure behind Stripe.
 */
const RULES: readonly Rule[] = [
  { code: 'lock_timeout', verdict: 'unknown' },
  { status: 429, verdict: 'refused' },
  { status: 401, verdict: 'refused' },
  { status: 403, verdict: 'refused' },
  { status: 400, code: 'payment_intent_unexpected_state', ours: true, verdict: 'as-it-stands' },
  { status: 400, code: 'charge_already_captured', ours: true, verdict: 'as-it-stands' },
  { status: 400, code: 'charge_expired_for_capture', ours: true, verdict: 'as-it-stands' },
  { status: 400, code: 'payment_intent_authentication_failure', ours: true, verdict: 'declined' },
  { status: 400, code: 'payment_intent_payment_attempt_failed', ours: true, verdict: 'declined' },
  { status: 402, ours: true, verdict: 'declined' },
  { status: 400, ours: true, verdict: 'refused' },
  { status: 404, ours: true, verdict: 'refused' },
];

/** The table's word on an answer that is not 2xx. */
export function verdictOf(status: number, error: StripeError | undefined): Verdict {
  const fits = (rule: Rule) =>
    (rule.status === undefined || rule.status === status) &&
    (rule.code === undefined || rule.code === error?.code) &&
    (!rule.ours || error !== undefined);
  return RULES.find(fits)?.verdict ?? 'unknown';
}

/** Stripe's error; undefined for whatever is not (a page of a proxy, a cut body). */
export function errorOf(body: string): StripeError | undefined {
  try {
    return ErrorBodySchema.safeParse(JSON.parse(body)).data?.error;
  } catch {
    return undefined;
  }
}

/** Safe to log: codes and the name of the parameter. Stripe's sentence may quote what was sent. */
export function wordsOf(status: number, error: StripeError | undefined): string {
  const code = safeCode(error?.code) ?? safeCode(error?.type) ?? 'no code';
  const param = paramOf(error);
  const about = param === undefined ? '' : ` about ${param}`;
  switch (status) {
    case 401:
      return `Stripe refuses the API key (${code}); connect the account again: ${RECONNECT}`;
    case 403:
      return `the API key lacks a permission for this call (${code}); widen the restricted key, then: ${RECONNECT}`;
    case 429:
      return `Stripe's limit of calls is reached (${code}); it is tried again later`;
    default:
      return `Stripe answered ${status} (${code}${about}); see its page on error codes`;
  }
}

/** The parameter an error is about, if its name is one. */
export function paramOf(error: StripeError | undefined): string | undefined {
  const param = error?.param ?? undefined;
  return param !== undefined && /^[a-z_][a-z0-9_[\]]{0,79}$/.test(param) ? param : undefined;
}

/** How long to wait after a 429. */
export function waitOf({ headers }: HttpResponse): Millis {
  const seconds = headers['retry-after'];
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Math.max(1, Number(seconds)) * 1_000 : PAUSE;
}

/** An answer to a read that is not 2xx, as one fault. Total over statuses and bodies. */
export function faultOf(response: HttpResponse, operation: string): Fault {
  const { status } = response;
  const error = errorOf(response.body);
  const fault = (kind: FaultKind, more: Partial<FaultDetails> = {}) =>
    new Fault(kind, { vendor: VENDOR, operation, status, message: wordsOf(status, error), ...more });
  if (status === 429) return fault('rate-limited', { retryAfter: waitOf(response) });
  if (status === 401 || status === 403) return fault('auth-expired', { mend: RECONNECT });
  if (status >= 500 || status === 408 || status === 409 || status === 424) return fault('unavailable');
  if (status >= 400 && error) return rejected(fault, error);
  return fault('contract-changed');
}

function rejected(
  fault: (kind: FaultKind, more?: Partial<FaultDetails>) => Fault,
  error: StripeError,
): Fault {
  const field = paramOf(error);
  return fault('rejected', field === undefined ? {} : { field });
}

/** A reply that is not what the API reference says. */
export function changed(operation: string, field: string, problem: string): Fault {
  const message = `Stripe's reply to ${operation} has changed: ${field}: ${problem}; compare with its changelog`;
  return new Fault('contract-changed', { vendor: VENDOR, operation, field, message });
}
