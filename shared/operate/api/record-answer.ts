import type { Engine, Work } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import type { Link } from '../../engine/ports.ts';
import { trace } from '../../engine/trace.ts';
import type { RecordAnswer } from '../answers.ts';
import type { RecordRef } from '../record-ref.ts';
import { pairAnswer } from './items-answer.ts';
import { parkedRecord } from './parked-answer.ts';
import { Problem } from './problem.ts';

/** Runs one piece of work under a worker's deadline; undefined when it was cut off. */
export type Invoke = <T>(run: (work: Work) => Promise<T>) => Promise<T | undefined>;

export interface RecordQuestion {
  engine: Engine;
  flow: Flow;
  invoke: Invoke;
}

/** One record as it is at both sides now; undefined when neither the source nor a link knows it. */
export async function recordAnswer(
  { engine, flow, invoke }: RecordQuestion,
  ref: RecordRef,
): Promise<RecordAnswer | undefined> {
  const collection = flow.collection(ref.collection);
  if (!collection) return undefined;
  const traced = await invoke((work) => trace(engine, flow, ref, work));
  if (!traced) throw new Problem(503, 'the vendors took too long to answer', 'ask again in a minute');
  const { link, source, targetId, fields, verdict, label, note } = traced;
  if (source === 'gone' && !link?.body) return undefined;
  const parked = link && parkedRecord(link);
  const pair = pairAnswer(flow, link?.body);
  return {
    flow: flow.name,
    ...ref,
    ...(label !== undefined && { label }),
    source: { title: collection.source.title, state: source },
    target: {
      title: collection.target.title,
      state: targetId === undefined ? 'none' : 'linked',
      ...(targetId !== undefined && { id: targetId }),
    },
    ...(note !== undefined && { note }),
    verdict,
    fields,
    ...(link && { link: linkAnswer(link) }),
    ...(parked && { parked }),
    ...(pair && { pair }),
    history: (link?.body?.outcomes ?? []).map((each) => ({ ...each })),
  };
}

function linkAnswer({ body, lease, takeovers }: Link): NonNullable<RecordAnswer['link']> {
  return {
    takeovers,
    ...(body?.state !== undefined && { state: body.state }),
    ...(body?.readAt !== undefined && { readAt: body.readAt }),
    ...(body?.recheckAt !== undefined && { recheckAt: body.recheckAt }),
    ...(lease && { leasedUntil: lease.until }),
  };
}
