import type * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import { VENDOR } from './faults.ts';

/** A 2xx body, parsed; one that does not fit is a changed contract, by the name of the first field. */
export function parseReply<T>(body: string, schema: z.ZodType<T>, operation: string): T {
  const parsed = schema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = fieldPath(issue?.path ?? []);
  throw new Fault('contract-changed', {
    vendor: VENDOR,
    operation,
    field,
    message: `PayPal's reply to ${operation} has changed: ${field}: ${issue?.message ?? 'does not fit'}; compare with its release notes`,
  });
}

/** Undefined for what is no JSON, an empty body included. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** `purchase_units[].amount`: the same for every position in a list. */
function fieldPath(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`));
  return parts.join('').replace(/^\./, '') || 'the body';
}
