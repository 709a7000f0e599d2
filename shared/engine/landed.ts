import { agreed, ringsOf } from './compare.ts';
import type { Ending } from './job.ts';
import { newPair, type PairState } from './pair.ts';
import type { Task } from './recall.ts';
import type { OutcomeKind } from './trail.ts';

/** How a record came to be as it should be. */
export interface Landing {
  outcome: OutcomeKind;
  targetId: string | undefined;
  fields?: readonly string[];
  reason?: string | undefined;
}

/** The ending of a record that is now as it should be, on both sides of a pair. */
export function settled(task: Task, how: Landing): Ending {
  const { job, want } = task;
  const { back } = task;
  const written = how.outcome !== 'unchanged' && how.outcome !== 'skipped';
  const ring = ringsOf(job, want, written);
  const rangAt = ring.length > 0 ? job.readAt : job.body.rangAt;
  const body = agreed(job, want, how.targetId, pairOf(task));
  const ending: Ending = {
    job,
    kind: 'settled',
    outcome: how.outcome,
    body: rangAt === undefined ? body : { ...body, rangAt },
    ring,
  };
  if (how.fields) ending.fields = how.fields;
  if (back) ending.back = back;
  if (how.reason !== undefined) ending.reason = how.reason;
  return ending;
}

/** A pair is forgotten with the target's record, unless that one may be restored. */
function pairOf({ job, want, pairing, item }: Task): PairState | undefined {
  const before = job.body.pair;
  if (want.do === 'put') return pairing?.state;
  if (want.do !== 'nothing') return undefined;
  if (!item) return before;
  const others = (before?.items ?? []).filter((each) => each.field !== item.field);
  return { ...(before ?? newPair), items: [item, ...others] };
}
