import type { Lane } from './change-event.ts';
import type { Engine } from './engine.ts';
import { type Flow, readLag, SKEW } from './flow.ts';
import type { Doubt, Ending, Job } from './job.ts';
import type { LinkBody, LinkOutcome } from './link.ts';
import type { Outbox } from './outbox.ts';
import type { DeadLetter, LinkKey, Millis, Settlement } from './ports.ts';
import type { OutcomeKind } from './trail.ts';

/** What settling one batch needs to know of its surroundings. */
export interface SettleContext {
  engine: Engine;
  flow: Flow;
  lane: Lane;
  outbox: Outbox;
  breakerClosed: boolean;
  /** Fingerprint of a failure that has become a pattern: its records stay queued instead of being parked. */
  heldFingerprint: string | undefined;
}

/** How one record's attempt is written down. */
export interface Line {
  ending: Ending;
  settlement: Settlement;
  outcome: OutcomeKind;
  reason?: string;
  letter?: DeadLetter;
  /** The link whose settling rings this one. */
  waitsFor?: LinkKey;
}

/** A job that did not get there. */
export type Failed = Extract<Ending, { kind: 'failed' }>;

/** A read that began before the source was sure to show the change counts, and is done once more. */
export function readAgainAfterLag({ outbox, lane }: SettleContext, job: Job, now: Millis): void {
  const lag = readLag(job.item.collection);
  if (lag === 0) return;
  const visibleAt = job.item.hint.observedAt + lag + 2 * SKEW;
  if (job.readAt < visibleAt) outbox.again(job.item, { lane, delay: Math.max(1_000, visibleAt - now) });
}

/** Writes the body and gives the record free; who was rung no longer waits. */
export function release(job: Job, body: LinkBody, rung: readonly string[]): Settlement {
  return { key: job.item.key, token: job.token, body, lease: 'release', rung };
}

/** A failed record keeps its waiters. */
export function held(job: Job, doubt: Doubt, body: LinkBody | undefined): Settlement {
  return {
    key: job.item.key,
    token: job.token,
    body,
    lease: doubt === 'landing' ? 'report' : 'release',
    rung: [],
  };
}

/** A line for the link's own short history. */
export function outcomeOf(
  job: Job,
  at: Millis,
  what: { outcome: OutcomeKind; reason?: string; fields?: readonly string[] },
): LinkOutcome {
  const { cause, trace, hint } = job.item;
  const outcome: LinkOutcome = { at, outcome: what.outcome, cause, trace, attempt: hint.attempt };
  if (what.reason !== undefined) outcome.reason = what.reason;
  if (what.fields !== undefined) outcome.fields = [...what.fields];
  return outcome;
}
