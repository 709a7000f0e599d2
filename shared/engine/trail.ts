import type { Cause } from './change-event.ts';
import type { Millis } from './ports.ts';

/** How one record left one attempt. */
export const OUTCOMES = [
  'created',
  'adopted',
  'updated',
  'removed',
  'unchanged',
  'skipped',
  'retry',
  'waiting',
  'unknown',
  'parked',
  'discarded',
] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];

/** One line of the audit trail: names of fields, never their values. */
export interface TrailEntry {
  at: Millis;
  flow: string;
  collection: string;
  id: string;
  trace: string;
  cause: Cause;
  outcome: OutcomeKind;
  attempt: number;
  targetId?: string;
  fields?: readonly string[];
  /** Fields that were written back to the source. */
  back?: readonly string[];
  /** `kind: safe message` of the fault behind a retry, a wait or a parking, or why a record was skipped. */
  reason?: string;
}
