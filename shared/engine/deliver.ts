import { reserve } from './alias.ts';
import { giveBack, guarded, type Sending } from './ceiling.ts';
import { type Step, step } from './compare.ts';
import type { Engine } from './engine.ts';
import { erasures } from './erase.ts';
import { failure } from './failure.ts';
import { asFault, type Fault } from './fault.ts';
import { clearedFields } from './fields.ts';
import type { Flow } from './flow.ts';
import type { Ending, Job } from './job.ts';
import { settled } from './landed.ts';
import { pairUp } from './pairing.ts';
import { heldFor, recall, type Task } from './recall.ts';
import { lookAgain, send } from './send.ts';
import type { Session } from './session.ts';
import type { Want } from './want.ts';
import { writeBack } from './write-back.ts';

/** Rounds for records that a conflict or a lost target sends back to the start. */
const ROUNDS = 3;

/** Both accounts of a collection; the source's only where it is written to. */
export interface Sessions {
  source: Session | undefined;
  target: Session;
}

/** Brings the target, and the source of a pair, to what is wanted, in bulk, one result per record. */
export async function deliver(
  engine: Engine,
  flow: Flow,
  sessions: Sessions,
  looked: readonly { job: Job; want: Want }[],
): Promise<Ending[]> {
  const { tasks, failed } = await recall(engine.ports, sessions.target, looked);
  const endings = [...failed];
  let open: readonly Task[] = await erasures(engine.ports, sessions, tasks, endings);
  for (let round = 1; open.length > 0; round += 1) {
    const again: { task: Task; fault: Fault }[] = [];
    const sendings = open.flatMap((task) => prepare(task, endings));
    const reserved = await withReserved(engine, sendings, endings);
    const allowed = await guarded(engine, flow, reserved, endings);
    const writings = await writeBack(engine, sessions.source, allowed, endings);
    await send(sessions.target, writings, { endings, again });
    await giveBack(engine, flow, allowed, endings);
    if (round < ROUNDS) open = await lookAgain(sessions.target, again, endings);
    else {
      endings.push(...again.map(({ task, fault }) => failure(task, fault, 'none')));
      open = [];
    }
  }
  return endings;
}

/** A record of the target that is nobody's yet is reserved before it is written to. */
async function withReserved(
  { ports }: Engine,
  sendings: readonly Sending[],
  endings: Ending[],
): Promise<Sending[]> {
  const reserved: Sending[] = [];
  for (const sending of sendings) {
    const { job, known } = sending.task;
    const { collection, key } = job.item;
    const { targetId } = known;
    const holder =
      collection.back && known.stranger && targetId !== undefined
        ? await reserve(ports, key, targetId)
        : undefined;
    if (holder === undefined || targetId === undefined) reserved.push(sending);
    else {
      const fault = heldFor(holder, { task: sending.task, targetId, target: collection.target });
      endings.push(failure(sending.task, fault, 'none'));
    }
  }
  return reserved;
}

function prepare(task: Task, endings: Ending[]): Sending[] {
  try {
    merge(task);
  } catch (thrown) {
    endings.push(failure(task, asFault(thrown, 'merge'), 'none'));
    return [];
  }
  const next: Step = step(task.job, task.want, task.known);
  if ('write' in next) return [{ task, ...next, removal: next.removal || clearsSource(task) }];
  if (task.pairing?.edit !== undefined)
    return [{ task, write: undefined, outcome: 'updated', removal: clearsSource(task) }];
  endings.push(settled(task, { outcome: next.done, targetId: task.known.targetId, reason: next.reason }));
  return [];
}

/** From here on what is wanted is what both sides of a pair come to. */
function merge(task: Task): void {
  const { job, want, known } = task;
  if (!job.item.collection.back || want.do !== 'put') return;
  const stranger = known.stranger ? known.targetId : undefined;
  const right = known.current && { values: known.current, history: known.history, stranger };
  task.pairing = pairUp({ ...job, collection: job.item.collection }, want.fields, right);
  task.shown = want.fields;
  task.want = { ...want, fields: task.pairing.desired };
}

function clearsSource({ pairing, shown }: Task): boolean {
  if (!pairing?.edit || !shown) return false;
  return clearedFields(shown, pairing.changed).length > 0;
}
