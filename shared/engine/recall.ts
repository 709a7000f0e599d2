import type { Known } from './compare.ts';
import { failure } from './failure.ts';
import { asFault, Fault, vendorCall } from './fault.ts';
import type { Fields } from './fields.ts';
import { SKEW } from './flow.ts';
import { inHalves } from './halves.ts';
import type { Ending, Job } from './job.ts';
import type { OpenItem } from './pair.ts';
import type { Pairing } from './pairing.ts';
import type { Millis, Ports } from './ports.ts';
import { readTargets } from './read-target.ts';
import type { Found, Target } from './resource.ts';
import type { Session } from './session.ts';
import type { Want } from './want.ts';
import { itemOf } from './work-items.ts';

/** A claimed record with what should be true of it. */
export interface Task {
  job: Job;
  want: Want;
  known: Known;
  /** Of a pair: what both sides come to. */
  pairing?: Pairing;
  /** Its record at the target, or what that was merged into, which is gone. */
  gone?: string;
  /** What the source showed before its values were merged. */
  shown?: Fields;
  /** Fields that have been written at the source. */
  back?: readonly string[];
  /** What only a person can settle about the records as such. */
  item?: OpenItem;
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
  { links }: Pick<Ports, 'links'>,
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
  const read = (part: readonly Task[]) => readTargets(session, part, fail);
  await inHalves(alive().filter(needsReading), read, fail);
  await inHalves(alive().filter(needsFinding), (part) => findTargets(session, part, fail), fail);
  // What was found is not known yet, and a pair is only written when both sides are.
  await inHalves(
    alive().filter((task) => task.known.adopted && isPair(task)),
    read,
    fail,
  );
  await inHalves(alive().filter(goesInto), (part) => findSurvivors(session, part), fail);
  await givenUp(links, alive().filter(goesNowhere), fail);
  return { tasks: alive(), failed };
}

function goesInto({ want, known }: Task): boolean {
  return want.do === 'merge' && known.targetId !== undefined;
}

/** Of records that were merged at the source: into which record of the target theirs has to go. */
async function findSurvivors(session: Session, tasks: readonly Task[]): Promise<void> {
  const collection = tasks[0]?.job.item.collection;
  if (!collection) return;
  const { target } = collection;
  const refs = tasks.flatMap(({ want }) => (want.do === 'merge' ? [want.into] : []));
  const found = await vendorCall(`find ${target.title}`, () =>
    target.find(
      session,
      [...new Set(refs)].map((ref) => ({ ref, fields: {} })),
    ),
  );
  for (const task of tasks) {
    if (task.want.do !== 'merge') continue;
    const ref = task.want.into;
    const survivor = found.get(ref)?.find((each) => each.by === 'reference');
    if (survivor) task.known.into = survivor.targetId;
  }
}

function goesNowhere({ want, known }: Task): boolean {
  return want.do === 'merge' && known.targetId !== undefined && known.into === undefined;
}

/** Of those whose survivor is not at the target: it is waited for, unless it is kept away from there. */
async function givenUp(
  links: Ports['links'],
  tasks: readonly Task[],
  fail: (task: Task, fault: Fault) => void,
): Promise<void> {
  for (const task of tasks) {
    const { want, job } = task;
    if (want.do !== 'merge') continue;
    const [survivor] = await links.read([{ ...job.item.key, id: want.into }]);
    const state = survivor?.body?.state;
    const item = itemOf(survivor?.body, '');
    // People have merged the two at the target as well, where this one's record is the one that is left.
    if (state === 'absent' && item?.right === job.item.key.id) task.known.heir = want.into;
    else if (state === 'absent' || state === 'gone') {
      const { into: _, ...end } = want;
      task.want = { ...end, do: 'remove' };
    } else fail(task, notThereYet(job, want.into));
  }
}

function notThereYet({ item: { collection } }: Job, ref: string): Fault {
  const waitingFor = `${collection.name}/${ref}`;
  return new Fault('waiting', {
    vendor: 'intertie',
    operation: `find ${collection.target.title}`,
    message: `it was merged into ${waitingFor} at the source, which is not at the target yet`,
    waitingFor,
  });
}

/** How long a side may still show how it was before our own last write. */
function blindFor({ job }: Task, now: Millis): Millis {
  const { target, back } = job.item.collection;
  const { wroteAt } = job.body;
  if (wroteAt === undefined) return 0;
  const right = target.readLag === 0 ? 0 : wroteAt + target.readLag + 2 * SKEW - now;
  if (!back) return right;
  const { readLag } = job.item.collection.source;
  const left = readLag === 0 ? 0 : wroteAt + readLag + 2 * SKEW - job.readAt;
  return Math.max(left, right);
}

function tooSoon(wait: Millis): Fault {
  return new Fault('unavailable', {
    vendor: 'intertie',
    operation: 'recall',
    message: `a side may still show how it was before our last write; compared ${Math.ceil(wait / 1000)} s later`,
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
    throw heldFor(first.ref, { task, targetId: first.targetId, target });
  }
  task.known = { targetId: first.targetId, adopted: true };
  if (first.ref === undefined) task.known.stranger = true;
}

/** The wait of a record whose place at the target another record has. */
export function heldFor(ref: string, of: { task: Task; targetId: string; target: Target }): Fault {
  const { task, targetId, target } = of;
  return new Fault('waiting', {
    vendor: target.account.vendor,
    operation: `find ${target.title}`,
    message: `target record ${targetId} holds the same match value for source record ${ref}; it is written when that one lets go`,
    waitingFor: `${task.job.item.key.collection}/${ref}`,
  });
}

/** Both sides may have changed, so both are read. */
function isPair({ job, want }: Task): boolean {
  return job.item.collection.back !== undefined && want.do === 'put';
}

function needsReading(task: Task): boolean {
  const { known, want, job } = task;
  if (known.targetId === undefined || want.do === 'nothing') return false;
  return isPair(task) || want.do === 'merge' || job.item.hint.verify === true;
}

/**
 * An upsert by reference finds its record itself. Looking for a record that must not be there costs a call,
 * so a backfill leaves it to the audit, which lists the target from the other side.
 */
function needsFinding(task: Task): boolean {
  const { forced, item } = task.job;
  if (task.known.targetId !== undefined) return false;
  // One that was made and never settled has to be erased as well.
  if (task.want.do === 'nothing') return isErased(task) && (forced || item.hint.verify === true);
  if (task.want.do === 'put') return isPair(task) || item.collection.target.lookup === 'before-create';
  return forced || (item.hint.verify === true && item.cause !== 'backfill');
}

function isErased({ want, job }: Task): boolean {
  return want.do === 'nothing' && want.erased === true && job.body.erasedAt === undefined;
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
  // Of several in one batch that match the same record, which is nobody's yet, the first one has it.
  const taken = new Map<string, string>();
  for (const task of tasks) {
    try {
      adopt(task, candidates(task, found), target);
      const { targetId } = task.known;
      if (targetId === undefined) continue;
      const holder = taken.get(targetId);
      if (holder !== undefined) throw heldFor(holder, { task, targetId, target });
      taken.set(targetId, task.job.item.key.id);
    } catch (thrown) {
      fail(task, asFault(thrown, `find ${target.title}`));
    }
  }
}
