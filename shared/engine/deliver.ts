import { giveBack, guarded, type Sending } from './ceiling.ts';
import { agreed, ringsOf, type Step, step } from './compare.ts';
import type { Engine } from './engine.ts';
import { failure } from './failure.ts';
import { asFault, Fault } from './fault.ts';
import type { Flow } from './flow.ts';
import { inHalves } from './halves.ts';
import type { Ending, Job } from './job.ts';
import { adopt, candidates, recall, type Task } from './recall.ts';
import type { Found, Target, WriteResult } from './resource.ts';
import type { Session } from './session.ts';
import type { OutcomeKind } from './trail.ts';
import type { Want } from './want.ts';

/** Rounds for records that a conflict or a lost target sends back to the start. */
const ROUNDS = 3;

/** Brings the target to what is wanted, in bulk, one result per record. */
export async function deliver(
  engine: Engine,
  flow: Flow,
  session: Session,
  looked: readonly { job: Job; want: Want }[],
): Promise<Ending[]> {
  const { tasks, failed } = await recall(session, looked);
  const endings = [...failed];
  let open: readonly Task[] = tasks;
  for (let round = 1; open.length > 0; round += 1) {
    const again: { task: Task; fault: Fault }[] = [];
    const sendings = open.flatMap((task) => prepare(task, endings));
    const allowed = await guarded(engine, flow, sendings, endings);
    await send(session, allowed, { endings, again });
    await giveBack(engine, flow, allowed, endings);
    if (round < ROUNDS) open = await lookAgain(session, again, endings);
    else {
      endings.push(...again.map(({ task, fault }) => failure(task, fault, 'none')));
      open = [];
    }
  }
  return endings;
}

function prepare(task: Task, endings: Ending[]): Sending[] {
  const next: Step = step(task.job, task.want, task.known);
  if ('write' in next) return [{ task, ...next }];
  endings.push(settled(task, { outcome: next.done, targetId: task.known.targetId, reason: next.reason }));
  return [];
}

interface Results {
  endings: Ending[];
  again: { task: Task; fault: Fault }[];
}

async function send(session: Session, sendings: readonly Sending[], results: Results): Promise<void> {
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
  part: readonly Sending[],
  answers: ReadonlyMap<string, WriteResult>,
  results: Results,
): void {
  for (const sending of part) {
    const answer = answers.get(sending.write.ref);
    sortOut(sending, answer ?? { ok: false, fault: unanswered(sending) }, results);
  }
}

function sortOut(sending: Sending, result: WriteResult, { endings, again }: Results): void {
  const { task } = sending;
  if (result.ok) {
    const outcome = sending.outcome === 'created' && !result.created ? 'adopted' : sending.outcome;
    const fields = Object.keys(sending.write.fields);
    endings.push(settled(task, { outcome, targetId: result.targetId, fields }));
  } else if (result.lost) {
    task.known = { targetId: undefined };
    // A forced record may have been made anew by a worker that never said so.
    if (task.want.do === 'put' || task.job.forced) again.push({ task, fault: lostFault(task) });
    else endings.push(settled(task, { outcome: 'skipped', targetId: undefined, reason: task.want.because }));
  } else if (result.fault.kind === 'conflict') again.push({ task, fault: result.fault });
  else endings.push(failure(task, result.fault, mayStillLand(result.fault) ? 'landing' : 'none'));
}

/** After a conflict the record is looked for at the target: it may be there already, or belong to another one. */
async function lookAgain(
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

function settled(
  task: Task,
  how: {
    outcome: OutcomeKind;
    targetId: string | undefined;
    fields?: readonly string[];
    reason?: string | undefined;
  },
): Ending {
  const { job, want } = task;
  const written = how.outcome !== 'unchanged' && how.outcome !== 'skipped';
  const ring = ringsOf(job, want, written);
  const rangAt = ring.length > 0 ? job.readAt : job.body.rangAt;
  const body = agreed(job, want, how.targetId);
  const ending: Ending = {
    job,
    kind: 'settled',
    outcome: how.outcome,
    body: rangAt === undefined ? body : { ...body, rangAt },
    ring,
  };
  if (how.fields) ending.fields = how.fields;
  if (how.reason !== undefined) ending.reason = how.reason;
  return ending;
}

function mayStillLand(fault: Fault): boolean {
  return fault.kind === 'unknown-outcome' || fault.kind === 'bug' || fault.kind === 'contract-changed';
}

function unanswered(sending: Sending): Fault {
  const { target } = sending.task.job.item.collection;
  return new Fault('unknown-outcome', {
    vendor: target.account.vendor,
    operation: `write ${target.title}`,
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
