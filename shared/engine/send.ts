import type { Sending } from './ceiling.ts';
import { failure } from './failure.ts';
import { asFault, Fault } from './fault.ts';
import { inHalves } from './halves.ts';
import type { Ending } from './job.ts';
import { settled } from './landed.ts';
import { adopt, candidates, type Task } from './recall.ts';
import type { Found, Target, Write, WriteResult } from './resource.ts';
import type { Session } from './session.ts';

/** A task with something to write at the target. */
export type Writing = Sending & { write: Write };

/** How the records of one round ended, and which of them are to be looked for once more. */
export interface Results {
  endings: Ending[];
  again: { task: Task; fault: Fault }[];
}

/** One write per record, in bulk; what nobody answered for has an unknown outcome. */
export async function send(session: Session, sendings: readonly Writing[], results: Results): Promise<void> {
  const target = sendings[0]?.task.job.item.collection.target;
  if (!target) return;
  try {
    await inHalves(
      sendings,
      async (part) =>
        takeResults(
          part,
          await target.write(
            session,
            part.map((each) => each.write),
          ),
          results,
        ),
      (single, fault) => sortOut(single, { ok: false, fault }, results),
    );
  } catch (thrown) {
    // A connector may have made several calls, and what the earlier ones did is not known here.
    const fault = asFault(thrown, `write ${target.title}`);
    const ended = new Set([
      ...results.endings.map((each) => each.job),
      ...results.again.map(({ task }) => task.job),
    ]);
    for (const { task } of sendings)
      if (!ended.has(task.job))
        results.endings.push(failure(task, fault, mayStillLand(fault) ? 'landing' : 'landed'));
  }
}

function takeResults(
  part: readonly Writing[],
  answers: ReadonlyMap<string, WriteResult>,
  results: Results,
): void {
  for (const sending of part) {
    const answer = answers.get(sending.write.ref);
    sortOut(
      sending,
      answer ?? { ok: false, fault: unanswered(sending.task.job.item.collection.target) },
      results,
    );
  }
}

function sortOut(sending: Writing, result: WriteResult, { endings, again }: Results): void {
  const { task } = sending;
  if (result.ok) {
    const outcome = sending.outcome === 'created' && !result.created ? 'adopted' : sending.outcome;
    const fields = Object.keys(sending.write.fields);
    endings.push(settled(task, { outcome, targetId: result.targetId, fields }));
  } else if (task.pairing) {
    // Both sides are read again before anything more is written.
    const fault = result.lost ? lostFault(task) : result.fault;
    endings.push(failure(task, fault, mayStillLand(fault) ? 'landing' : 'none'));
  } else if (result.lost) {
    task.known = { targetId: undefined };
    // A forced record may have been made anew by a worker that never said so; a pair's may have been merged by people.
    const another = task.job.forced || task.job.item.collection.back !== undefined;
    if (task.want.do === 'put' || another) again.push({ task, fault: lostFault(task) });
    else endings.push(settled(task, { outcome: 'skipped', targetId: undefined, reason: task.want.because }));
  } else if (result.fault.kind === 'conflict') again.push({ task, fault: result.fault });
  else endings.push(failure(task, result.fault, mayStillLand(result.fault) ? 'landing' : 'none'));
}

/** After a conflict the record is looked for at the target: it may be there already, or belong to another one. */
export async function lookAgain(
  session: Session,
  again: readonly { task: Task; fault: Fault }[],
  endings: Ending[],
): Promise<Task[]> {
  const target = again[0]?.task.job.item.collection.target;
  if (!target) return [];
  try {
    const wanted = again.map(({ task }) => ({
      ref: task.job.item.key.id,
      fields: task.want.do === 'put' ? task.want.fields : {},
    }));
    const found = await target.find(session, wanted);
    return again.flatMap(({ task }) => readopt(task, candidates(task, found), { target, endings }));
  } catch (thrown) {
    const fault = asFault(thrown, `find ${target.title}`);
    endings.push(...again.map(({ task }) => failure(task, fault, 'none')));
    return [];
  }
}

function readopt(
  task: Task,
  found: readonly Found[],
  { target, endings }: { target: Target; endings: Ending[] },
): Task[] {
  try {
    adopt(task, found, target);
    return [task];
  } catch (thrown) {
    endings.push(failure(task, asFault(thrown, `find ${target.title}`), 'none'));
    return [];
  }
}

/** May the vendor still carry out what it did not answer for? */
export function mayStillLand(fault: Fault): boolean {
  return fault.kind === 'unknown-outcome' || fault.kind === 'bug' || fault.kind === 'contract-changed';
}

/** A record of a written batch that the reply says nothing about. */
export function unanswered({ account, title }: Pick<Target, 'account' | 'title'>): Fault {
  return new Fault('unknown-outcome', {
    vendor: account.vendor,
    operation: `write ${title}`,
    message: 'the reply left this record out; it is verified before anything is repeated',
  });
}

function lostFault(task: Task): Fault {
  const { target } = task.job.item.collection;
  return new Fault('conflict', {
    vendor: target.account.vendor,
    operation: `write ${target.title}`,
    message: 'the linked record has gone from the target; it is looked for and linked anew',
  });
}
