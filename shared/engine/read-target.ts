import { currentOf } from './compare.ts';
import { asFault, Fault, vendorCall } from './fault.ts';
import type { Fields } from './fields.ts';
import { SKEW } from './flow.ts';
import type { Task } from './recall.ts';
import type { Identity, Read, Target } from './resource.ts';
import type { Session } from './session.ts';
import { survivors } from './survivor.ts';
import { itemOf } from './work-items.ts';

/** Why a record that was deleted at the target is not made again. */
export const DELETED = 'deleted at the target; it is left alone until it is restored there';

/** What the target holds of each record, in bulk, and singly where the reply left one out. */
export async function readTargets(
  session: Session,
  tasks: readonly Task[],
  fail: (task: Task, fault: Fault) => void,
): Promise<void> {
  const [first] = tasks;
  if (!first) return;
  const { target, owns, back } = first.job.item.collection;
  const tells = back ? Object.keys(back.fields) : undefined;
  const ids = tasks.flatMap(({ known }) => (known.targetId === undefined ? [] : [known.targetId]));
  const reads = await vendorCall(`read ${target.title}`, () => target.read(session, ids, owns, tells));
  const followed = new Map<string, string>();
  for (const task of tasks) {
    const { targetId, adopted, stranger } = task.known;
    if (targetId === undefined) continue;
    try {
      const bulk: Read<Fields> | undefined = reads.get(targetId);
      // Only a single read may say that a record is gone; a bulk reply may simply have left it out.
      const isCertain = bulk && bulk.state !== 'gone' && bulk.state !== 'merged';
      const read = isCertain ? bulk : await target.readOne(session, targetId, owns, tells);
      if (adopted && read.state === 'gone') throw notYet(task, targetId);
      await learn(session, task, { read, targetId, followed });
      if (adopted && task.known.targetId !== undefined) task.known.adopted = true;
      if (stranger && task.known.targetId === targetId) task.known.stranger = true;
    } catch (thrown) {
      fail(task, asFault(thrown, `read ${target.title}`));
    }
  }
}

interface Learnt {
  read: Read<Fields>;
  targetId: string;
  /** Survivors that were nobody's, with the record of this batch that has each of them now. */
  followed: Map<string, string>;
}

async function learn(session: Session, task: Task, { read, targetId, followed }: Learnt): Promise<void> {
  const { back } = task.job.item.collection;
  if (read.state === 'merged' && back && task.want.do === 'put')
    return followMerge(session, task, { targetId, into: read.into, followed });
  if (read.state === 'gone') task.gone = targetId;
  if (read.state === 'gone' && back?.whenDeleted === 'leave' && leaves(task)) leave(task, targetId);
  else show(task, read, targetId);
}

/** Found a moment ago, or what another one was merged into: a reading that does not know it may be an old one. */
function notYet({ job }: Task, targetId: string): Fault {
  const { target } = job.item.collection;
  return new Fault('unavailable', {
    vendor: 'intertie',
    operation: `read ${target.title}`,
    message: `${targetId} has been found and cannot be read yet; it is looked for again later`,
    retryAfter: target.readLag + 2 * SKEW,
  });
}

/** Nothing is done for a record that is not at the target any more. */
export function leave(task: Task, targetId: string): void {
  if (task.want.do === 'put') task.shown = task.want.fields;
  task.want = ended(task, DELETED);
  task.known = { targetId };
}

function show(task: Task, read: Read<Fields>, targetId: string): void {
  task.known = currentOf(read, targetId);
  if (read.state === 'present' && read.history) task.known.history = read.history;
}

/** A worker of ours that set out to remove it may have died before it said so: then it is not a person who deleted it. */
function leaves({ want, job }: Task): boolean {
  return want.do === 'put' && job.body.removing !== true;
}

/** The survivor of a merge is ours if it carries our reference, or nobody's; else two of ours have become one there. */
async function followMerge(
  session: Session,
  task: Task,
  merged: Omit<Learnt, 'read'> & { into: string },
): Promise<void> {
  const { collection, key } = task.job.item;
  const { target, back, owns } = collection;
  const { into, survivor } = await lastOf(session, target, merged.into);
  const ref = (survivor?.state === 'present' ? survivor.record.ref : undefined) ?? merged.followed.get(into);
  if (ref !== undefined && ref !== key.id) return becameOne(task, merged.targetId, { into, ref });
  const read = await target.readOne(session, into, owns, Object.keys(back?.fields ?? {}));
  if (read.state === 'gone' && hasItsOwn(task)) {
    task.known = { targetId: undefined };
    task.gone = into;
    return;
  }
  const age = session.now() - task.job.item.hint.firstObservedAt;
  if (read.state === 'gone' && age < 2 * (target.readLag + 2 * SKEW)) throw notYet(task, into);
  if (read.state === 'gone') task.gone = into;
  // What it was merged into was deleted: whose it is can be seen only when it is restored.
  if (read.state === 'gone' && back?.whenDeleted === 'leave' && leaves(task))
    return leave(task, merged.targetId);
  show(task, read, into);
  if (task.known.targetId === undefined) return;
  if (ref === undefined) task.known.adopted = true;
  merged.followed.set(into, key.id);
}

/** A person has said that it is to have a record of its own again, whatever became of the one that both were. */
function hasItsOwn({ job }: Task): boolean {
  const item = itemOf(job.body, '');
  return item?.keep === 'left' && item.left === job.item.key.id;
}

/** The record that answers for one that was merged away. */
export async function lastOf(
  session: Session,
  target: Target,
  first: string,
): Promise<{ into: string; survivor: Read<Identity> | undefined }> {
  const { into, read } = (await survivors(session, target, [first])).get(first) ?? { into: first };
  if (read?.state !== 'merged') return { into, survivor: read };
  throw new Fault('rejected', {
    vendor: target.account.vendor,
    operation: `identify ${target.title}`,
    message: `the merges of ${first} lead from one record to the next without an end; look at ${into} there, then replay`,
  });
}

function becameOne(task: Task, targetId: string, other: { into: string; ref: string }): void {
  const { collection, key } = task.job.item;
  const known = itemOf(task.job.body, '');
  if (known?.keep === 'left') {
    task.known = { targetId: undefined };
    return;
  }
  task.want = ended(task, `its record at the target was merged into that of ${other.ref}`);
  task.known = { targetId };
  const because = `its record at the target was merged with that of ${collection.name}/${other.ref} (now ${other.into}): merge the two at the source as well and keep the right side, or keep the left side to give this one a record of its own again`;
  task.item = known ?? { field: '', because, left: key.id, right: other.ref, since: task.job.readAt };
}

function ended({ want }: Task, because: string): Task['want'] {
  return { do: 'nothing', state: 'absent', because, affects: want.affects };
}
