import * as z from 'zod';
import { Fault, type FaultKind } from '../../engine/fault.ts';
import type { HttpResponse } from '../../engine/ports.ts';
import type { Effect } from '../../engine/session.ts';

/** One call, as the translator and the client know it. */
export interface Call {
  /** e.g. `constituents.read`. */
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The service right it needs, e.g. `CRM/Constituents`. */
  resource: string;
  effect: Effect;
}

/** The command that mends refused credentials. */
export const MEND = 'npm run intertie -- connect tessitura';

const ErrorMessageSchema = z.object({
  Code: z.string().nullish(),
  Description: z.string().nullish(),
  ErrorPath: z.string().nullish(),
});
const ErrorBodySchema = z.union([z.array(ErrorMessageSchema).min(1), ErrorMessageSchema]);
const VERBS = { GET: 'View', POST: 'Add', PUT: 'Edit', DELETE: 'Delete' } as const;

/**
 * Any answer that is not 2xx, as a fault. Documented: 400, 401, 403, 404, 409, 500. A 500 is also what a
 * missing query parameter gets; ours are always complete, so on a read it counts as `unavailable` (and a
 * read of one record that fails alone is told apart by the caller). Any 5xx on a write may have been carried
 * out.
 */
export function faultFrom(call: Call, response: Pick<HttpResponse, 'status' | 'body'>): Fault {
  const { status } = response;
  const said = vendorError(response.body);
  const kind = isMissingResource(call, status) ? 'contract-changed' : kindOf(status, call.effect);
  const words = said.words === '' ? '' : `; it said: ${said.words}`;
  return new Fault(kind, {
    vendor: 'tessitura',
    operation: call.operation,
    status,
    message: `Tessitura answered ${status} to ${call.method} ${call.resource}: ${advice(call, status)}${words}`,
    ...(said.field === undefined ? {} : { field: said.field }),
    ...(kind === 'auth-expired' ? { mend: MEND } : {}),
  });
}

/** Addresses without an id in them: a 404 there is about the service, not about a record. */
const FIXED_RESOURCES = [
  'AccessControl/EventControl',
  'Batch',
  'Custom/Execute',
  'Diagnostics',
  'Reporting/AuditLogs',
];

function isMissingResource(call: Call, status: number): boolean {
  return status === 404 && FIXED_RESOURCES.includes(call.resource);
}

function kindOf(status: number, effect: Effect): FaultKind {
  if (status === 401 || status === 403) return 'auth-expired';
  if (status === 409) return 'conflict';
  if (status === 429) return 'rate-limited';
  if (status >= 500 || status === 408) return effect === 'read' ? 'unavailable' : 'unknown-outcome';
  if (status < 400) return 'contract-changed';
  return 'rejected';
}

function advice(call: Call, status: number): string {
  switch (status) {
    case 400:
      return 'it refuses the values; correct the record';
    case 401:
      return 'the sign-in is not accepted; the user must be of type API, any other type has its password reset every 3 months';
    case 403:
      return `the user group lacks the service right "${VERBS[call.method]}" on ${call.resource}; grant it in Tessitura security, or check user, group id and location`;
    case 404:
      return isMissingResource(call, status)
        ? 'the service has no such resource; check baseUrl in the secret'
        : 'there is no such record';
    case 409:
      return 'somebody changed the record since it was read';
    case 429:
      return 'something in front of the service limits the rate';
    default:
      if (status < 400) return 'the service never redirects; check baseUrl in the secret';
      return status < 500 ? 'it refuses the request' : 'the service failed';
  }
}

/** True for the service's own error body; false for a web server's page and for .NET's "no such route". */
export function isVendorError(body: string): boolean {
  const parsed = ErrorBodySchema.safeParse(parseJson(body)).data;
  const first = Array.isArray(parsed) ? parsed[0] : parsed;
  return first?.Code != null || first?.Description != null;
}

/** The vendor's words and the field they are about, from any of the three shapes an error body takes. */
export function vendorError(body: string): { words: string; field?: string } {
  const trimmed = body.trim();
  if (trimmed.startsWith('<'))
    return { words: 'an HTML page, so a proxy or the web server answered, not the service' };
  const parsed = ErrorBodySchema.safeParse(parseJson(trimmed));
  if (!parsed.success) return { words: redacted(trimmed) };
  const first = Array.isArray(parsed.data) ? parsed.data[0] : parsed.data;
  const words = redacted([first?.Code, first?.Description].filter(Boolean).join(' '));
  return first?.ErrorPath ? { words, field: redacted(first.ErrorPath) } : { words };
}

/** Error texts quote what was sent: quoted values, addresses and numbers are blotted out. */
function redacted(words: string): string {
  return words
    .replaceAll(/\S+@\S+/g, '…')
    .replaceAll(/"[^"]*"|'[^']*'/g, '"…"')
    .replaceAll(/\d{3,}/g, '#')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 160)
    .trim();
}

/** Undefined when it is not JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** `ElectronicAddresses[].Address`: the first field that does not fit, indices left out so that records group. */
export function fieldOf(error: z.ZodError): string {
  const path = error.issues[0]?.path ?? [];
  return (
    path
      .map((key) => (typeof key === 'number' ? '[]' : `.${String(key)}`))
      .join('')
      .replace(/^\./, '') || 'the reply'
  );
}

/** An envelope that no longer fits: everybody is affected, so the flow must stop. */
export function contractChanged(call: Call, field: string): Fault {
  return new Fault('contract-changed', {
    vendor: 'tessitura',
    operation: call.operation,
    field,
    message: `the reply to ${call.method} ${call.resource} does not fit: ${field} is missing or of another type; was Tessitura upgraded? Compare the reply with the schema`,
  });
}

/** One record that does not fit, while its envelope does. */
export function unreadable(call: Call, error: z.ZodError): Fault {
  const field = fieldOf(error);
  return new Fault('rejected', {
    vendor: 'tessitura',
    operation: call.operation,
    field,
    message: `a constituent cannot be read: ${field} is missing or of another type; look at the record in Tessitura`,
  });
}
