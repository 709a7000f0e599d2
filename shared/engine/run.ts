import type { Lane } from './change-event.ts';
import type { Engine, Work } from './engine.ts';
import { fingerprint } from './fault.ts';
import type { Flow } from './flow.ts';
import type { Item } from './intake.ts';
import type { Ending } from './job.ts';
import type { Outbox } from './outbox.ts';
import type { Millis } from './ports.ts';
import { settle } from './settle.ts';
import type { OutcomeKind } from './trail.ts';

/** One invocation of `reconcile` on its way. */
export interface Run {
  engine: Engine;
  flow: Flow;
  lane: Lane;
  work: Work;
  outbox: Outbox;
  /** The record's messages no longer wait for it. */
  handled(item: Item): void;
  /** Its messages wait for these records instead. */
  becomes(item: Item, others: readonly Item[]): void;
}

/** Puts a record on its queue again, without spending an attempt. */
export function sendAgain(run: Run, item: Item, delay: Millis): void {
  run.outbox.again(item, { lane: run.lane, delay });
  run.handled(item);
}

/** Settles what has ended, after asking whether many records fail in the same way. */
export async function finish(run: Run, endings: readonly Ending[]): Promise<void> {
  if (endings.length === 0) return;
  const { engine, flow, lane, outbox } = run;
  const failures = endings.flatMap((ending) => {
    if (ending.kind === 'settled' || !(ending.fault.kind === 'rejected' || ending.fault.kind === 'bug'))
      return [];
    return [
      { id: ending.job.item.key.id, fingerprint: fingerprint(ending.fault), message: ending.fault.message },
    ];
  });
  const successes = endings.filter((ending) => ending.kind === 'settled').length;
  await engine.guard(flow).added(outcomes(endings, 'created', 'adopted') - outcomes(endings, 'removed'));
  const found = await engine.watch(flow).tell(successes, failures);
  if (found)
    await engine.gate(flow).hold('contract', `many different records fail in the same way: ${found.message}`);
  const collection = endings[0]?.job.item.collection;
  const breakerClosed = !collection || (await engine.account(collection.target.account).breakerClosed());
  await settle({ engine, flow, lane, outbox, breakerClosed, heldFingerprint: found?.fingerprint }, endings);
  for (const { job } of endings) run.handled(job.item);
}

function outcomes(endings: readonly Ending[], ...which: OutcomeKind[]): number {
  return endings.filter((each) => each.kind === 'settled' && which.includes(each.outcome)).length;
}
