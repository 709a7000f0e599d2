import type * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import { VENDOR } from './faults.ts';

/** A 2xx body, parsed; one that does not fit is a changed contract, by the name of the first field. */
export function parseReply<T>(body: string, schema: z.ZodType<T>, operation: string): T {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw changed(operation, 'the body', 'it is not JSON', cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw changed(operation, fieldPath(issue?.path ?? []), issue?.message ?? 'does not fit');
}

function changed(operation: string, field: string, problem: string, cause?: unknown): Fault {
  return new Fault('contract-changed', {
    vendor: VENDOR,
    operation,
    field,
    message: `HubSpot's reply to ${operation} has changed: ${field}: ${problem}; compare with its changelog`,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** `results[].id`: the same for every position in a list, and without keys that could be data. */
function fieldPath(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`));
  return parts.join('').replace(/^\./, '') || 'the body';
}
