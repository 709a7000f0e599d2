import { hash } from 'node:crypto';
import { dependents, isUntold } from './compare.ts';
import type { Fault } from './fault.ts';
import type { Doubt, Ending } from './job.ts';
import type { Task } from './recall.ts';

/** A record that waits still tells those who depend on it, once: one of them may be what it waits for. */
export function failure(task: Task, fault: Fault, doubt: Doubt): Ending {
  const { job, want } = task;
  const failed = { job, kind: 'failed', fault, doubt, affects: want.affects } as const;
  if (fault.kind !== 'waiting') return { ...failed, ring: [] };
  const toldAs = hash('sha256', JSON.stringify(want)).slice(0, 12);
  const ring = job.body.toldAs === toldAs && !isUntold(job) ? [] : dependents(job, want);
  return { ...failed, ring, toldAs };
}
