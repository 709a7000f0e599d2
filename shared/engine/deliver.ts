import { agreed, ringsOf, type Step, step } from './compare.ts';
import type { Engine } from './engine.ts';
import { asFault, Fault } from './fault.ts';
import type { Flow } from './flow.ts';
import { inHalves } from './halves.ts';
import type { Doubt, Ending, Job } from './job.ts';
import { adopt, recall, type Task } from './recall.ts';
import type { Found, Target, Write, WriteResult } from './resource.ts';
import type { Session } from './session.ts';
import type { OutcomeKind } from './trail.ts';
import type { Want } from './want.ts';

/** Rounds for records that a conflict or a lost target sends back to the start. */
const ROUNDS = 3;

/** A task that needs a write. */
interface Sending {
  task: Task;
  write: Write;
  outcome: OutcomeKind;
  removal: boolean;
}

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

/** What would pass the flow's ceiling is held back with the whole flow, until a person agrees. */
async function guarded(
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
async function giveBack(
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
    if (task.want.do === 'put') again.push({ task, fault: lostFault(task) });
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
    return again.flatMap(({ task }) =>
      readopt(task, found.get(task.job.item.key.id) ?? [], { target, endings }),
    );
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
  const ending: Ending = {
    job,
    kind: 'settled',
    outcome: how.outcome,
    body: agreed(job, want, how.targetId),
    ring: ringsOf(job, want, written),
  };
  if (how.fields) ending.fields = how.fields;
  if (how.reason !== undefined) ending.reason = how.reason;
  return ending;
}

/** A record that waits for another still tells those who depend on it: one of them may be what it waits for. */
function failure(task: Task, fault: Fault, doubt: Doubt): Ending {
  const ring = fault.kind === 'waiting' ? ringsOf(task.job, task.want, true) : [];
  return { job: task.job, kind: 'failed', fault, doubt, ring };
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
