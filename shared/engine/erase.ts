import { currentOf } from './compare.ts';
import type { Sessions } from './deliver.ts';
import { failure } from './failure.ts';
import { asFault, Fault, vendorCall } from './fault.ts';
import type { Fields } from './fields.ts';
import type { Ending } from './job.ts';
import type { LinkBody } from './link.ts';
import type { OpenItem, SideName } from './pair.ts';
import type { Ports } from './ports.ts';
import { lastOf, leave } from './read-target.ts';
import type { Task } from './recall.ts';
import type { SourceResult } from './resource.ts';
import { bury, ERASED, isBuried, wasErased } from './tombstone.ts';
import { itemOf } from './work-items.ts';

/**
 * Privacy: a person who was erased on one side is erased on the other when somebody has agreed to it, and is not made
 * anew by anything. Resolves with the records that go on.
 */
export async function erasures(
  ports: Ports,
  sessions: Sessions,
  tasks: readonly Task[],
  endings: Ending[],
): Promise<Task[]> {
  const going: Task[] = [];
  for (const task of tasks) {
    const side = await askedFrom(ports, task);
    if (side === undefined) {
      await leaveBuried(ports, task);
      going.push(task);
    } else if (answerOf(task, side) === side) endings.push(await erase(ports, sessions, task, side));
    else {
      ask(task, side);
      going.push(task);
    }
  }
  return going;
}

/** The side on which the person was erased, while the other one still has them. */
async function askedFrom(ports: Ports, task: Task): Promise<SideName | undefined> {
  const { job, want, known, gone } = task;
  if (!job.item.collection.back || job.body.erasedAt !== undefined) return undefined;
  if (want.do === 'nothing' && want.erased) return known.targetId === undefined ? undefined : 'left';
  const before = job.body.targetId;
  // One of its own, by our reference, is there besides the one that was erased.
  const hasAnother = known.targetId !== undefined && known.targetId !== before && !known.stranger;
  if (gone === undefined || before === undefined || hasAnother) return undefined;
  if (!(await wasErased(ports, job.item.key, gone))) return undefined;
  if (want.do === 'put') leave(task, before);
  return 'right';
}

async function leaveBuried(ports: Ports, task: Task): Promise<void> {
  const { job, want, known } = task;
  const { back } = job.item.collection;
  if (!back || want.do !== 'put') return;
  const isNew = known.targetId === undefined;
  const buried =
    job.body.erasedAt !== undefined ||
    (isNew && back.identity && (await isBuried(ports, job.item.key, back.identity(want.fields))));
  if (!buried) return;
  task.known = { targetId: job.body.targetId };
  task.want = { do: 'nothing', state: 'absent', because: ERASED, affects: want.affects };
}

/** Another item about the records as such is no answer to this question. */
function askedBefore({ job }: Task, side: SideName): OpenItem | undefined {
  const item = itemOf(job.body, '');
  return item?.[side] === 'erased' ? item : undefined;
}

function answerOf(task: Task, side: SideName): SideName | undefined {
  return askedBefore(task, side)?.keep;
}

function ask(task: Task, side: SideName): void {
  const { job } = task;
  const { source, target } = job.item.collection;
  const [here, there] = side === 'left' ? [source.title, target.title] : [target.title, source.title];
  const known = askedBefore(task, side);
  task.item = known ?? {
    field: '',
    because: `the person was erased among the ${here}: keep that side to erase them among the ${there} as well, or the other side to leave that record`,
    left: side === 'left' ? 'erased' : job.item.key.id,
    right: side === 'right' ? 'erased' : (task.known.targetId ?? null),
    since: job.readAt,
  };
}

async function erase(ports: Ports, sessions: Sessions, task: Task, side: SideName): Promise<Ending> {
  const { job } = task;
  try {
    if (side === 'left') await followMerges(sessions, task);
    // First, or a worker that dies after the erasure leaves nobody who knows whom it was about.
    await bury(ports, job.item.key, await identityOf(sessions, task, side));
    const result = await eraseOther(sessions, task, side);
    if (!result.ok) return failure(task, result.fault, 'none');
  } catch (thrown) {
    return failure(task, asFault(thrown, 'erase'), 'none');
  }
  // Base, plans and outcomes may hold values of the person.
  const body: LinkBody = {
    version: 1,
    readAt: job.readAt,
    state: 'gone',
    absentBecause: ERASED,
    erasedAt: job.readAt,
    outcomes: [],
  };
  return { job, kind: 'settled', outcome: 'removed', body, ring: [], reason: 'erased on request' };
}

/** Its record may have gone into another one there, which may be somebody else's as well. */
async function followMerges(sessions: Sessions, { job, known }: Task): Promise<void> {
  const { collection, key } = job.item;
  const { target } = collection;
  if (known.targetId === undefined) return;
  const { into, survivor } = await lastOf(sessions.target, target, known.targetId);
  const ref = survivor?.state === 'present' ? survivor.record.ref : undefined;
  known.targetId = into;
  if (ref === undefined || ref === key.id) return;
  const message = `its record among the ${target.title} was merged with that of ${collection.name}/${ref} (now ${into}), who was not erased: take out of ${into} what is about this person by hand, then keep the other side`;
  throw new Fault('rejected', { vendor: 'intertie', operation: 'erase', message });
}

/** Read before the last record of the person goes. */
async function identityOf(sessions: Sessions, task: Task, side: SideName): Promise<readonly string[]> {
  const { back, target, owns } = task.job.item.collection;
  if (!back?.identity) return [];
  if (side === 'right') return back.identity(task.shown ?? {});
  const { targetId } = task.known;
  if (targetId === undefined) return [];
  const read = await vendorCall(`read ${target.title}`, () =>
    target.readOne(sessions.target, targetId, owns),
  );
  // One that is in the bin there cannot be read: what both sides last agreed on may still tell.
  const known: Fields = { ...task.job.body.pair?.base, ...currentOf(read, targetId).current };
  return back.identity(known);
}

async function eraseOther(sessions: Sessions, { job, known }: Task, side: SideName): Promise<SourceResult> {
  const { back, target, source } = job.item.collection;
  const { id } = job.item.key;
  const at = side === 'left' ? target.title : source.title;
  const result = await vendorCall(`erase ${at}`, async () => {
    if (side === 'left') return target.erase?.(sessions.target, known.targetId ?? '');
    return sessions.source && back?.writer.erase?.(sessions.source, id);
  });
  if (result) return result;
  const message = `the ${at} cannot be erased by this flow: erase the person there by hand, then keep the other side`;
  return { ok: false, fault: new Fault('rejected', { vendor: 'intertie', operation: 'erase', message }) };
}
