import { Fault, type FaultDetails, type FaultKind } from '../../engine/fault.ts';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import type { Effect } from '../../engine/session.ts';
import { untilMidnight } from './midnight.ts';
import { errorField, lacksProperty, safeWords } from './safe-words.ts';
import { ErrorBodySchema, type HubspotError } from './schema.ts';

/** The folder’s name, as faults and accounts carry it. */
export const VENDOR = 'hubspot';
/** What a person runs when the credentials no longer work. */
export const RECONNECT = 'npm run intertie -- connect hubspot';

/** What the translator must know of the call. */
export interface CallContext {
  operation: string;
  effect: Effect;
  now: Millis;
  /** IANA name of the account's time zone, for the daily quota. */
  timeZone: string;
}

/**
 * Statuses of HubSpot's edge network (Cloudflare) that say it could not hand the request to HubSpot: a write
 * was not executed. All other 5xx, 502, 503 and 504 included, may come after the work was done.
 */
const REFUSED_BEFORE_EXECUTION: ReadonlySet<number> = new Set([521, 523, 525, 526, 530]);

/** Any response that is not 2xx, as one fault. Total: also for bodies that are not HubSpot's. */
export function faultOf(response: HttpResponse, call: CallContext): Fault {
  const error = errorBody(response.body);
  const fault = (kind: FaultKind, message: string, more: Partial<FaultDetails> = {}) =>
    new Fault(kind, { vendor: VENDOR, operation: call.operation, status: response.status, message, ...more });
  const { status } = response;
  if (status === 429) return rateLimited(error, call, fault, headerWait(response));
  if (status === 423)
    return fault('rate-limited', 'HubSpot locks these records for 2 seconds', { retryAfter: 2_000 });
  if (status === 477) {
    const retryAfter = headerWait(response) ?? 600_000;
    return fault('rate-limited', 'HubSpot is moving this account to another data centre', { retryAfter });
  }
  if (status >= 500) return serverTrouble(status, call.effect, fault);
  return refused(status, error, fault);
}

type MakeFault = (kind: FaultKind, message: string, more?: Partial<FaultDetails>) => Fault;

/** HubSpot documents no Retry-After for 429, so the wait follows from the policy; jitter is the caller's. */
function rateLimited(
  error: HubspotError,
  call: CallContext,
  fault: MakeFault,
  asked: Millis | undefined,
): Fault {
  const policy = error.policyName?.match(/^[A-Z_]{3,40}$/)?.[0] ?? 'unnamed';
  const message = `HubSpot's ${policy} limit is reached`;
  switch (policy) {
    case 'SECONDLY':
      return fault('rate-limited', message, { retryAfter: asked ?? 1_000 });
    case 'DAILY': {
      const retryAfter = asked ?? untilMidnight(call.now, call.timeZone);
      return fault('rate-limited', `${message}; it starts again at midnight in ${call.timeZone}`, {
        retryAfter,
      });
    }
    default:
      return fault('rate-limited', message, { retryAfter: asked ?? 10_000 });
  }
}

function serverTrouble(status: number, effect: Effect, fault: MakeFault): Fault {
  if (effect === 'read' || REFUSED_BEFORE_EXECUTION.has(status))
    return fault('unavailable', `HubSpot answered ${status}; see status.hubspot.com`);
  return fault(
    'unknown-outcome',
    `HubSpot answered ${status} to a write, which may have been done all the same`,
  );
}

function refused(status: number, error: HubspotError, fault: MakeFault): Fault {
  switch (status) {
    case 401:
      return fault(
        'auth-expired',
        'HubSpot refuses the credentials: revoked, expired or of an uninstalled app',
        {
          mend: RECONNECT,
        },
      );
    case 403:
      return forbidden(error, fault);
    case 408:
      return fault('unavailable', 'HubSpot did not receive the whole request');
    case 409:
      return fault('conflict', `HubSpot refuses a second record with the same value: ${safeWords(error)}`);
    case 404:
    case 410:
      if (error.category || error.message)
        return fault('rejected', `not found in HubSpot: ${safeWords(error)}`);
      return fault(
        'contract-changed',
        'HubSpot no longer knows this path: is the apiVersion still supported?',
        {
          field: 'apiVersion',
        },
      );
    default:
      return badRequest(status, error, fault);
  }
}

function forbidden(error: HubspotError, fault: MakeFault): Fault {
  const named = [error.context, ...(error.errors ?? []).map((each) => each.context)].flatMap((context) =>
    [context?.missingScopes, context?.requiredGranularScopes, context?.requiredScopes].flat(),
  );
  const scopes = named.filter((each) => each !== undefined && /^[a-z0-9._-]{2,80}$/.test(each));
  const message = scopes.length
    ? `the app lacks the scope ${[...new Set(scopes)].join(', ')}; add it to the app and connect again`
    : `HubSpot forbids this call: ${safeWords(error)}`;
  return fault('auth-expired', message, { mend: RECONNECT });
}

function badRequest(status: number, error: HubspotError, fault: MakeFault): Fault {
  if (status < 400)
    return fault('contract-changed', `HubSpot answered ${status}, which it does not document`);
  const field = errorField(error);
  const message = `HubSpot refuses the ${field ? `property ${field}` : 'request'}: ${safeWords(error)}`;
  const kind = lacksProperty(error) ? 'contract-changed' : 'rejected';
  return fault(kind, message, field === undefined ? {} : { field });
}

/** An empty error for whatever is not HubSpot's JSON (an HTML page of the edge, a cut body). */
export function errorBody(body: string): HubspotError {
  try {
    const parsed = ErrorBodySchema.safeParse(JSON.parse(body));
    if (parsed.success) return parsed.data;
  } catch {
    // Not JSON: the status alone must do.
  }
  return {};
}

function headerWait(response: HttpResponse): Millis | undefined {
  const seconds = response.headers['retry-after'];
  return seconds !== undefined && /^\d{1,6}$/.test(seconds)
    ? Math.max(1, Number(seconds)) * 1_000
    : undefined;
}
