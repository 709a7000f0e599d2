import { hash } from 'node:crypto';
import type { Millis } from './ports.ts';

/** The closed list; `decide.ts` turns each into what happens. */
export const FAULT_KINDS = [
  'rate-limited',
  'unavailable',
  'unknown-outcome',
  'auth-expired',
  'conflict',
  'rejected',
  'contract-changed',
  'waiting',
  'bug',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultDetails {
  /** Which system said it, e.g. the connector's vendor name; `intertie` for ours. */
  vendor: string;
  /** The vendor's name of the call, e.g. `contacts.upsert`. */
  operation: string;
  /** Safe to log: no values, no personal data. Says what failed, the likely cause and the next step. */
  message: string;
  status?: number;
  /** How long the vendor asked us to wait. */
  retryAfter?: Millis;
  /** The field that a `rejected` or `contract-changed` is about. */
  field?: string;
  /** For `waiting`: the record (`collection/id`) whose settling would help, where known. */
  waitingFor?: string;
  /** For `auth-expired` and held accounts: the command that mends it. */
  mend?: string;
  cause?: unknown;
}

/** All trouble with vendors, networks and records. Anything else that is thrown is a `bug`. */
export class Fault extends Error {
  readonly kind: FaultKind;
  readonly vendor: string;
  readonly operation: string;
  readonly status: number | undefined;
  readonly retryAfter: Millis | undefined;
  readonly field: string | undefined;
  readonly waitingFor: string | undefined;
  readonly mend: string | undefined;

  constructor(kind: FaultKind, details: FaultDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Fault';
    this.kind = kind;
    this.vendor = details.vendor;
    this.operation = details.operation;
    this.status = details.status;
    this.retryAfter = details.retryAfter;
    this.field = details.field;
    this.waitingFor = details.waitingFor;
    this.mend = details.mend;
  }
}

/** Whatever was thrown, as a fault; the message of a foreign error may hold data, so only its place is kept. */
export function asFault(thrown: unknown, operation: string): Fault {
  if (thrown instanceof Fault) return thrown;
  const place = thrown instanceof Error ? stackPlace(thrown) : typeof thrown;
  const name = thrown instanceof Error && /^[A-Za-z]{1,40}$/.test(thrown.name) ? thrown.name : 'value';
  return new Fault('bug', {
    vendor: 'intertie',
    operation,
    message: `unexpected ${name} at ${place}; this is a defect of the code, see the log`,
    cause: thrown,
  });
}

/** Runs a connector's code: whatever it throws that is not a fault is a defect of that code, not of storage. */
export async function vendorCall<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw asFault(thrown, operation);
  }
}

/** An id that no change event can carry: the vendor's listing is not what we take it for. */
export function unusableId(vendor: string, operation: string): Fault {
  const message =
    'it lists a record whose id is empty or longer than 200 characters; nothing of this page was sent';
  return new Fault('contract-changed', { vendor, operation, message, field: 'id' });
}

/** The same for every record that fails in the same way: groups parkings, detects a changed contract. */
export function fingerprint(fault: Fault): string {
  const text = fault.message.replaceAll(/\d+/g, '#').slice(0, 120);
  const parts = [fault.kind, fault.vendor, fault.operation, fault.status ?? '', fault.field ?? '', text];
  return hash('sha256', parts.join('\n')).slice(0, 12);
}

function stackPlace(error: Error): string {
  const stack = error.stack ?? '';
  // The message stands above the first place, and may look like one.
  const places = stack.slice(stack.indexOf(error.message) + error.message.length).split('\n');
  const line = places.find((each) => /^\s+at .*\.m?[tj]s:\d/.test(each));
  return line?.match(/([\w.-]+\.m?[tj]s:\d+)/)?.[1] ?? 'an unknown place';
}
