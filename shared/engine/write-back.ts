import type { Sending } from './ceiling.ts';
import type { Engine } from './engine.ts';
import { failure } from './failure.ts';
import { asFault, Fault } from './fault.ts';
import { inHalves } from './halves.ts';
import type { Ending } from './job.ts';
import { settled } from './landed.ts';
import type { LinkBody } from './link.ts';
import type { Settlement } from './ports.ts';
import type { Task } from './recall.ts';
import type { SourceEdit, SourceResult } from './resource.ts';
import { mayStillLand, unanswered, type Writing } from './send.ts';
import type { Session } from './session.ts';

/**
 * Writes the source's half of pairs, before the target's: the source refuses a write over somebody's edit, so what is
 * refused here has not touched the target yet. Resolves with what is left to be written at the target.
 */
export async function writeBack(
  engine: Engine,
  session: Session | undefined,
  sendings: readonly Sending[],
  endings: Ending[],
): Promise<Writing[]> {
  const noted = await note(engine, sendings, endings);
  const failed = new Set<Task>();
  const fail = (task: Task, fault: Fault, doubt: 'none' | 'landing'): void => {
    failed.add(task);
    endings.push(failure(task, fault, doubt));
  };
  const edits = noted.filter(({ task }) => task.pairing?.edit !== undefined);
  if (edits.length > 0 && session) await send(session, edits, fail);
  return noted.flatMap(({ write, ...sending }) => {
    if (failed.has(sending.task)) return [];
    if (write) return [{ ...sending, write }];
    endings.push(settled(sending.task, { outcome: sending.outcome, targetId: sending.task.known.targetId }));
    return [];
  });
}

type Fail = (task: Task, fault: Fault, doubt: 'none' | 'landing') => void;

async function send(session: Session, sendings: readonly Sending[], fail: Fail): Promise<void> {
  const back = sendings[0]?.task.job.item.collection.back;
  if (!back) return;
  const told = new Set<Task>();
  for (let at = 0; at < sendings.length; at += back.writer.batchSize) {
    const batch = sendings.slice(at, at + back.writer.batchSize);
    try {
      await inHalves(
        batch,
        async (part) => sortOut(part, await back.writer.write(session, part.map(editOf)), fail, told),
        ({ task }, fault) => {
          told.add(task);
          fail(task, fault, 'none');
        },
      );
    } catch (thrown) {
      const fault = asFault(thrown, 'write back');
      for (const { task } of batch)
        if (!told.has(task)) fail(task, fault, mayStillLand(fault) ? 'landing' : 'none');
    }
  }
}

function editOf({ task }: Sending): SourceEdit<unknown, unknown> {
  return { id: task.job.item.key.id, record: task.job.record, edit: task.pairing?.edit };
}

function sortOut(
  part: readonly Sending[],
  results: ReadonlyMap<string, SourceResult>,
  fail: Fail,
  told: Set<Task>,
): void {
  for (const { task } of part) {
    told.add(task);
    const result = results.get(task.job.item.key.id) ?? {
      ok: false,
      fault: unanswered(task.job.item.collection.source),
    };
    if (result.ok) task.back = Object.keys(task.pairing?.changed ?? {});
    else fail(task, result.fault, mayStillLand(result.fault) ? 'landing' : 'none');
  }
}

/** What the link must remember before anything is written; undefined when a write can be told from a person's afterwards. */
function noteOf({ task: { job, pairing }, write }: Sending): LinkBody | undefined {
  if (pairing?.note) return { ...job.body, pair: pairing.note };
  const removes = write?.kind === 'remove' && job.item.collection.back?.whenDeleted === 'leave';
  return removes ? { ...job.body, removing: true } : undefined;
}

/**
 * Where a side does not tell who wrote what, everything that we set out to write is noted on the link first, or our
 * own half-finished write would be taken for somebody's edit, and a removal for a person's. The notes add up until the
 * record settles.
 */
async function note(
  engine: Engine,
  sendings: readonly Sending[],
  endings: Ending[],
): Promise<readonly Sending[]> {
  const planned = sendings.filter((sending) => noteOf(sending) !== undefined);
  if (planned.length === 0) return sendings;
  const settlements = planned.map((sending): Settlement => {
    const { job } = sending.task;
    job.body = noteOf(sending) ?? job.body;
    return { key: job.item.key, token: job.token, body: job.body, lease: 'keep', rung: [] };
  });
  const results = await engine.ports.links.settle(settlements);
  const lost = new Set(planned.filter((_, at) => results[at] === 'lost'));
  for (const { task } of lost) endings.push(failure(task, lostLease(), 'none'));
  return sendings.filter((sending) => !lost.has(sending));
}

function lostLease(): Fault {
  return new Fault('unavailable', {
    vendor: 'intertie',
    operation: 'lease',
    message: 'another worker has taken this record over; nothing was written',
  });
}
