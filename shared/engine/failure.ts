import { hash } from 'node:crypto';
import { dependents, isUntold } from './compare.ts';
import type { Fault, FaultKind } from './fault.ts';
import type { Doubt, Ending } from './job.ts';
import type { Task } from './recall.ts';

/** These park the record at once: no later attempt of it tells anybody. */
const FINAL: ReadonlySet<FaultKind> = new Set(['rejected', 'bug']);

/**
 * A record that waits still tells those who depend on it, once: one of them may be what it waits for. So does
 * one that the target refuses, because they read what it is at the source.
 */
export function failure(task: Task, fault: Fault, doubt: Doubt): Ending {
  const { job, want } = task;
  const failed = { job, kind: 'failed', fault, doubt, affects: want.affects } as const;
  if (FINAL.has(fault.kind)) return { ...failed, ring: isUntold(job) ? dependents(job, want) : [] };
  if (fault.kind !== 'waiting') return { ...failed, ring: [] };
  const toldAs = hash('sha256', JSON.stringify(want)).slice(0, 12);
  const ring = job.body.toldAs === toldAs && !isUntold(job) ? [] : dependents(job, want);
  return { ...failed, ring, toldAs };
}
