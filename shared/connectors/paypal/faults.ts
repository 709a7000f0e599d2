import { Fault, type FaultDetails, type FaultKind } from '../../engine/fault.ts';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import type { Sent } from '../payment-provider.ts';
import { CLASS_OF_ISSUE, PASSING } from './issues.ts';
import { ErrorBodySchema, type PaypalError } from './schema.ts';

/** The folder’s name, as faults and accounts carry it. */
export const VENDOR = 'paypal';
/** What a person runs when the credentials no longer work. */
export const RECONNECT = 'npm run intertie -- connect paypal';

/** PayPal promises no Retry-After; five seconds are chosen. */
const WAIT: Millis = 5_000;

/** How a write ended that has no usable 2xx; `payer` = the payer has to act, where PayPal says. */
export type Ending = Exclude<Sent<never>, { kind: 'answered' }> | { kind: 'payer'; url: string | undefined };

/** What the calls of one kind make of a 422 whose issue is in no table. */
export type Unlisted = 'soft' | 'refused';

/**
 * Any answer to a write that is not 2xx, as how it ended. Total. Only what PayPal documents as found wrong before it
 * did anything is `refused`; every 5xx, 408 and 409, and whatever is not PayPal's JSON, leaves the outcome open.
 */
export function endingOf(response: HttpResponse, unlisted: Unlisted): Ending {
  const error = errorBody(response.body);
  const name = word(error.name) ?? `HTTP_${response.status}`;
  const refused = (code: string, more: { retryAfter?: Millis; permanent?: true } = {}): Ending => {
    // A field is named only where the request itself is wrong; ids that are not there (any more) have fields too.
    const field = more.permanent ? fieldOf(error) : undefined;
    const message = `PayPal refuses the request: ${code}${field === undefined ? '' : ` (${field})`}`;
    return { kind: 'refused', code, message, ...(field === undefined ? {} : { field }), ...more };
  };
  switch (response.status) {
    case 429:
      return refused(name, { retryAfter: headerWait(response) ?? WAIT });
    case 401:
      return refused(name);
    case 403:
      return refused(issueOf(error) ?? name);
    case 400:
    case 404:
    case 415:
      // An error page of a gateway is no word of PayPal's about the request.
      if (word(error.name) === undefined) return unknown(name);
      // An order that nobody approved is gone after a while: another one would do.
      return refused(issueOf(error) ?? name, response.status === 404 ? {} : { permanent: true });
    case 422:
      return unprocessable(error, unlisted, refused);
    default:
      return unknown(issueOf(error) ?? name);
  }
}

function unprocessable(
  error: PaypalError,
  unlisted: Unlisted,
  refused: (code: string, more?: { permanent?: true }) => Ending,
): Ending {
  const issue = issueOf(error);
  if (issue === undefined) return unknown('UNPROCESSABLE_ENTITY');
  const known = CLASS_OF_ISSUE.get(issue) ?? unlisted;
  switch (known) {
    case 'hard':
    case 'soft':
      return { kind: 'declined', code: issue, hard: known === 'hard' };
    case 'payer':
      return { kind: 'payer', url: linkOf(error.links, 'payer-action') };
    case 'done':
      return unknown(issue);
    case 'refused':
      return refused(issue, PASSING.has(issue) ? {} : { permanent: true });
  }
}

function unknown(code: string): Ending {
  return {
    kind: 'unknown',
    message: `PayPal answered ${code}: only reading the payment tells what was done`,
  };
}

/** Any answer to a read (or to the token endpoint) that is not 2xx, as one fault. Total. */
export function faultOf(response: HttpResponse, operation: string): Fault {
  const { status } = response;
  const error = errorBody(response.body);
  const name = issueOf(error) ?? word(error.name ?? error.error) ?? 'no reason given';
  const fault = (kind: FaultKind, message: string, more: Partial<FaultDetails> = {}) =>
    new Fault(kind, { vendor: VENDOR, operation, status, message, ...more });
  if (status === 429)
    return fault('rate-limited', "PayPal's limit of calls is reached", {
      retryAfter: headerWait(response) ?? WAIT,
    });
  if (status >= 500 || status === 408)
    return fault('unavailable', `PayPal answered ${status} (${name}); see www.paypal-status.com`);
  if (status === 401)
    return fault(
      'auth-expired',
      `PayPal refuses the credentials (${name}); are clientId and clientSecret right?`,
      {
        mend: RECONNECT,
      },
    );
  if (status === 403)
    return fault('auth-expired', `the app may not do this (${name}); enable the feature for the REST app`, {
      mend: RECONNECT,
    });
  if (status === 409) return fault('conflict', `PayPal is still at another request (${name})`);
  if (status >= 400) return fault('rejected', `PayPal refuses the request: ${name}`, { ...field(error) });
  return fault('contract-changed', `PayPal answered ${status}, which it does not document`);
}

function field(error: PaypalError): { field?: string } {
  const named = fieldOf(error);
  return named === undefined ? {} : { field: named };
}

/** An empty error for whatever is not PayPal's JSON. */
export function errorBody(body: string): PaypalError {
  try {
    return ErrorBodySchema.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}

/** Where a link of this kind leads; undefined when there is none. */
export function linkOf(links: PaypalError['links'], rel: string): string | undefined {
  return links?.find((each) => each.rel === rel)?.href;
}

/** Codes are safe to log; anything else could be data. */
function word(text: string | null | undefined): string | undefined {
  return text?.match(/^[A-Za-z][A-Za-z0-9_]{2,79}$/)?.[0];
}

function issueOf(error: PaypalError): string | undefined {
  return word(error.details?.[0]?.issue);
}

/** `/purchase_units/0/amount/value`. */
function fieldOf(error: PaypalError): string | undefined {
  return error.details?.[0]?.field?.match(/^[A-Za-z0-9_/@='[\].-]{1,120}$/)?.[0];
}

function headerWait({ headers }: HttpResponse): Millis | undefined {
  const seconds = headers['retry-after'];
  return seconds !== undefined && /^\d{1,5}$/.test(seconds)
    ? Math.max(1, Number(seconds)) * 1_000
    : undefined;
}
