import { currentOf, type Known } from './compare.ts';
import { failure } from './failure.ts';
import { asFault, Fault, vendorCall } from './fault.ts';
import type { Fields } from './fields.ts';
import { SKEW } from './flow.ts';
import { inHalves } from './halves.ts';
import type { Ending, Job } from './job.ts';
import type { Millis } from './ports.ts';
import type { Found, Read, Target } from './resource.ts';
import type { Session } from './session.ts';
import type { Want } from './want.ts';

/** A claimed record with what should be true of it. */
export interface Task {
  job: Job;
  want: Want;
  known: Known;
}

/** What is known of each record at the target, or how finding out failed. */
export interface Recalled {
  tasks: Task[];
  failed: Ending[];
}

/**
 * What is known of the target before anything is written: the link's memory, a fresh read where the hint asks
 * to verify, and a look for records that are not linked yet.
 */
export async function recall(
  session: Session,
  looked: readonly { job: Job; want: Want }[],
): Promise<Recalled> {
  const tasks = looked.map(({ job, want }): Task => ({ job, want, known: { targetId: job.body.targetId } }));
  const failed: Ending[] = [];
  const fail = (task: Task, fault: Fault): void => {
    failed.push(failure(task, fault, 'none'));
  };
  for (const task of tasks) {
    const wait = needsReading(task) || needsFinding(task) ? blindFor(task, session.now()) : 0;
    if (wait > 0) fail(task, tooSoon(wait));
  }
  const alive = (): Task[] => {
    const broken = new Set(failed.map((ending) => ending.job));
    return tasks.filter((task) => !broken.has(task.job));
  };
  await inHalves(alive().filter(needsReading), (part) => readTargets(session, part, fail), fail);
  await inHalves(alive().filter(needsFinding), (part) => findTargets(session, part, fail), fail);
  return { tasks: alive(), failed };
}

/** How long the target may still show how it was before our own last write. */
function blindFor({ job }: Task, now: Millis): Millis {
  const { readLag } = job.item.collection.target;
  if (readLag === 0 || job.body.wroteAt === undefined) return 0;
  return job.body.wroteAt + readLag + 2 * SKEW - now;
}

function tooSoon(wait: Millis): Fault {
  return new Fault('unavailable', {
    vendor: 'intertie',
    operation: 'recall',
    message: `the target may still show how it was before our last write; compared ${Math.ceil(wait / 1000)} s later`,
    retryAfter: wait,
  });
}

/** What was found for a record: what is to be marked or removed must be ours by reference, a match may be another's. */
export function candidates(task: Task, found: ReadonlyMap<string, readonly Found[]>): readonly Found[] {
  const all = found.get(task.job.item.key.id) ?? [];
  return task.want.do === 'put' ? all : all.filter((each) => each.by === 'reference');
}

/** Sets `known` from all candidates; throws where only a person can decide which one it is. */
export function adopt(task: Task, found: readonly Found[], target: Target): void {
  const ref = task.job.item.key.id;
  const [first, second] = found;
  if (!first) return;
  if (second && first.targetId !== second.targetId) {
    throw new Fault('rejected', {
      vendor: target.account.vendor,
      operation: `find ${target.title}`,
      message: `${found.length} records of the target match this one (${found.map((each) => each.targetId).join(', ')}); merge them there, then replay`,
    });
  }
  if (first.ref !== undefined && first.ref !== ref) {
    throw new Fault('waiting', {
      vendor: target.account.vendor,
      operation: `find ${target.title}`,
      message: `target record ${first.targetId} holds the same match value for source record ${first.ref}; it is written when that one lets go`,
      waitingFor: `${task.job.item.key.collection}/${first.ref}`,
    });
  }
  task.known = { targetId: first.targetId, adopted: true };
}

function needsReading(task: Task): boolean {
  return (
    task.job.item.hint.verify === true && task.known.targetId !== undefined && task.want.do !== 'nothing'
  );
}

/**
 * An upsert by reference finds its record itself. Looking for a record that must not be there costs a call,
 * so a backfill leaves it to the audit, which lists the target from the other side.
 */
function needsFinding(task: Task): boolean {
  if (task.known.targetId !== undefined || task.want.do === 'nothing') return false;
  const { forced, item } = task.job;
  if (task.want.do === 'put') return item.collection.target.lookup === 'before-create';
  return forced || (item.hint.verify === true && item.cause !== 'backfill');
}

async function readTargets(
  session: Session,
  tasks: readonly Task[],
  fail: (task: Task, fault: Fault) => void,
): Promise<void> {
  const [first] = tasks;
  if (!first) return;
  const { target, owns } = first.job.item.collection;
  const ids = tasks.flatMap(({ known }) => (known.targetId === undefined ? [] : [known.targetId]));
  const reads = await vendorCall(`read ${target.title}`, () => target.read(session, ids, owns));
  for (const task of tasks) {
    const { targetId } = task.known;
    if (targetId === undefined) continue;
    try {
      const bulk: Read<Fields> | undefined = reads.get(targetId);
      // Only a single read may say that a record is gone; a bulk reply may simply have left it out.
      const read = bulk && bulk.state !== 'gone' ? bulk : await target.readOne(session, targetId, owns);
      task.known = currentOf(read, targetId);
    } catch (thrown) {
      fail(task, asFault(thrown, `read ${target.title}`));
    }
  }
}

async function findTargets(
  session: Session,
  tasks: readonly Task[],
  fail: (task: Task, fault: Fault) => void,
): Promise<void> {
  const [first] = tasks;
  if (!first) return;
  const { target } = first.job.item.collection;
  const wanted = tasks.map(({ job, want }) => ({
    ref: job.item.key.id,
    fields: want.do === 'put' ? want.fields : {},
  }));
  const found = await vendorCall(`find ${target.title}`, () => target.find(session, wanted));
  for (const task of tasks) {
    try {
      adopt(task, candidates(task, found), target);
    } catch (thrown) {
      fail(task, asFault(thrown, `find ${target.title}`));
    }
  }
}
