import type { Engine } from './engine.ts';
import { failure } from './failure.ts';
import { Fault } from './fault.ts';
import type { Flow } from './flow.ts';
import type { Ending } from './job.ts';
import type { Task } from './recall.ts';
import type { Write } from './resource.ts';
import type { OutcomeKind } from './trail.ts';

/** A task that needs a write. */
export interface Sending {
  task: Task;
  /** At the target; undefined where only the source is written to. */
  write: Write | undefined;
  outcome: OutcomeKind;
  removal: boolean;
}

/** What would pass the flow's ceiling is held back with the whole flow, until a person agrees. */
export async function guarded(
  engine: Engine,
  flow: Flow,
  sendings: readonly Sending[],
  endings: Ending[],
): Promise<Sending[]> {
  const removals = sendings.filter((each) => each.removal);
  const changes = sendings.filter(isChange);
  const guard = engine.guard(flow);
  const refused = new Set<Sending>();
  if (!(await guard.allow('removals', removals.length))) for (const each of removals) refused.add(each);
  if (!(await guard.allow('changes', changes.length))) for (const each of changes) refused.add(each);
  if (refused.size === 0) return [...sendings];
  const reason = `more records would be ${removals.some((each) => refused.has(each)) ? 'removed or emptied' : 'changed'} within 24 hours than its ceiling allows; look at the plan, then approve or fix the cause`;
  await engine.gate(flow).hold('mass-change', reason);
  const fault = new Fault('rate-limited', {
    vendor: 'intertie',
    operation: 'budget',
    message: reason,
    retryAfter: 60_000,
  });
  for (const each of refused) endings.push(failure(each.task, fault, 'none'));
  return sendings.filter((each) => !refused.has(each));
}

/** What did not happen does not count; if it is tried again, it is counted then. */
export async function giveBack(
  engine: Engine,
  flow: Flow,
  sent: readonly Sending[],
  endings: readonly Ending[],
): Promise<void> {
  const happened = new Set(endings.flatMap((each) => (each.kind === 'settled' ? [each.job] : [])));
  const failed = sent.filter((each) => !happened.has(each.task.job));
  const guard = engine.guard(flow);
  await guard.giveBack('removals', failed.filter((each) => each.removal).length);
  await guard.giveBack('changes', failed.filter(isChange).length);
}

function isChange(sending: Sending): boolean {
  return !sending.removal && sending.outcome === 'updated';
}
