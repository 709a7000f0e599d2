import { Fault, type FaultDetails, type FaultKind } from '../../engine/fault.ts';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import { isDecline, safeCode } from './declines.ts';
import { ErrorBodySchema, type SquareError } from './schema.ts';

/** The folder's name, as faults and accounts carry it. */
export const VENDOR = 'square';
/** What a person runs when the credentials no longer work. */
export const RECONNECT = 'npm run intertie -- connect square';
/** Square documents no Retry-After, though its own client honours one. */
const PAUSE: Millis = 1_000;

/** What an answer that is not 2xx says about this very send of a write. */
export type Verdict =
  /** Nothing was done, and that may change. */
  | 'refused'
  /** Nothing was done, and the same request would be refused again. */
  | 'refused-for-good'
  /** No to the payer. */
  | 'declined'
  | 'unknown';

interface Rule {
  status?: number;
  category?: string;
  code?: string | ((code: string) => boolean);
  verdict: Verdict;
}

/**
 * The first that fits holds; whatever fits none is unknown, so every 5xx, 3xx and page of a proxy is ("Handling
 * errors", "Error categories"). A version mismatch and the delayed-transaction codes say that the payment has changed
 * meanwhile, perhaps by an earlier request of ours: only reading tells.
 */
const RULES: readonly Rule[] = [
  { status: 429, verdict: 'refused' },
  { status: 401, verdict: 'refused' },
  { status: 408, verdict: 'unknown' },
  { status: 409, verdict: 'unknown' },
  { category: 'API_ERROR', verdict: 'unknown' },
  { category: 'EXTERNAL_VENDOR_ERROR', verdict: 'unknown' },
  { code: 'CONFLICT', verdict: 'unknown' },
  { code: 'TEMPORARY_ERROR', verdict: 'unknown' },
  { code: 'REQUEST_TIMEOUT', verdict: 'unknown' },
  { code: 'GATEWAY_TIMEOUT', verdict: 'unknown' },
  { code: 'VERSION_MISMATCH', verdict: 'unknown' },
  { code: (code) => code.startsWith('DELAYED_TRANSACTION_'), verdict: 'unknown' },
  // A one-time token that is spent stays spent: the payer has to give another.
  { code: 'CARD_TOKEN_USED', verdict: 'refused-for-good' },
  { code: 'CARD_TOKEN_EXPIRED', verdict: 'refused-for-good' },
  { code: 'SOURCE_USED', verdict: 'refused-for-good' },
  { code: 'SOURCE_EXPIRED', verdict: 'refused-for-good' },
  { code: isDecline, verdict: 'declined' },
  { category: 'PAYMENT_METHOD_ERROR', verdict: 'declined' },
  { status: 403, verdict: 'refused' },
  { category: 'AUTHENTICATION_ERROR', verdict: 'refused' },
  { category: 'RATE_LIMIT_ERROR', verdict: 'refused' },
  { category: 'MERCHANT_SUBSCRIPTION_ERROR', verdict: 'refused' },
  { category: 'INVALID_REQUEST_ERROR', verdict: 'refused-for-good' },
  { category: 'REFUND_ERROR', verdict: 'refused-for-good' },
  { status: 402, code: () => true, verdict: 'declined' },
  { status: 422, code: () => true, verdict: 'declined' },
];

/** The table's word on an answer that is not 2xx: of several errors the most doubtful counts. */
export function verdictOf(status: number, errors: readonly SquareError[]): Verdict {
  if (status >= 500 || status < 400) return 'unknown';
  const verdicts =
    errors.length === 0 ? [ruled(status, undefined)] : errors.map((each) => ruled(status, each));
  return verdicts.includes('unknown') ? 'unknown' : (verdicts[0] ?? 'unknown');
}

function ruled(status: number, error: SquareError | undefined): Verdict {
  const fits = (rule: Rule) =>
    (rule.status === undefined || rule.status === status) &&
    (rule.category === undefined || rule.category === error?.category) &&
    (rule.code === undefined || (error !== undefined && fitsCode(rule.code, error.code)));
  return RULES.find(fits)?.verdict ?? 'unknown';
}

function fitsCode(wanted: NonNullable<Rule['code']>, code: string): boolean {
  return typeof wanted === 'string' ? wanted === code : wanted(code);
}

/** Square's errors; none for whatever is not (a page of a proxy, a cut body). */
export function errorsOf(body: string): { errors: readonly SquareError[]; payment?: unknown } {
  try {
    return ErrorBodySchema.safeParse(JSON.parse(body)).data ?? { errors: [] };
  } catch {
    return { errors: [] };
  }
}

/** Safe to log: codes and the name of the field. Square's sentence may quote what was sent. */
export function wordsOf(status: number, error: SquareError | undefined): string {
  const code = safeCode(error?.code) ?? 'no code';
  const field = fieldOf(error);
  const about = field === undefined ? '' : ` about ${field}`;
  switch (status) {
    case 401:
      return `Square refuses the access token (${code}); connect the account again: ${RECONNECT}`;
    case 403:
      return `the access token lacks a permission for this call (${code}); widen its scopes, then: ${RECONNECT}`;
    case 429:
      return `Square's limit of calls is reached (${code}); it is tried again later`;
    default:
      return `Square answered ${status} (${code}${about}); see its page on error codes`;
  }
}

/** The field an error is about, if its name is one. */
export function fieldOf(error: SquareError | undefined): string | undefined {
  const field = error?.field ?? undefined;
  return field !== undefined && /^[a-z_][a-z0-9_.[\]]{0,79}$/.test(field) ? field : undefined;
}

/** How long to wait after a 429. */
export function waitOf({ headers }: HttpResponse): Millis {
  const seconds = headers['retry-after'];
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Math.max(1, Number(seconds)) * 1_000 : PAUSE;
}

/** An answer to a read that is not 2xx, as one fault. Total over statuses and bodies. */
export function faultOf(response: HttpResponse, operation: string): Fault {
  const { status } = response;
  const [error] = errorsOf(response.body).errors;
  const fault = (kind: FaultKind, more: Partial<FaultDetails> = {}) =>
    new Fault(kind, { vendor: VENDOR, operation, status, message: wordsOf(status, error), ...more });
  if (status === 429) return fault('rate-limited', { retryAfter: waitOf(response) });
  if (status === 401 || status === 403) return fault('auth-expired', { mend: RECONNECT });
  if (status >= 500 || status === 408 || status === 409) return fault('unavailable');
  if (status < 400 || !error) return fault('contract-changed');
  const field = fieldOf(error);
  return fault('rejected', field === undefined ? {} : { field });
}

/** A reply that is not what the API reference says. */
export function changed(operation: string, field: string, problem: string): Fault {
  const message = `Square's reply to ${operation} has changed: ${field}: ${problem}; compare with its release notes`;
  return new Fault('contract-changed', { vendor: VENDOR, operation, field, message });
}
