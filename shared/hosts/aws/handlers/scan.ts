import * as z from 'zod';
import { continueBackfill } from '../../../engine/backfill.ts';
import type { Work } from '../../../engine/engine.ts';
import { Fault } from '../../../engine/fault.ts';
import type { Flow } from '../../../engine/flow.ts';
import { ringRechecks } from '../../../engine/recheck.ts';
import { scan } from '../../../engine/scan.ts';
import type { LambdaContext } from '../invocation.ts';
import { openLoggedHost } from './open.ts';
import { type OpenHost, tellFault, type Worker, workerOf } from './worker.ts';

const ErrandSchema = z.object({ errand: z.enum(['scan', 'tick']) });

/** Timed: asks the source what changed, goes on with a backfill, rings what is due. */
export function scanHandler(
  flow: Flow,
  open: OpenHost = openLoggedHost,
): (event: unknown, context: LambdaContext) => Promise<void> {
  const run = workerOf(flow, open);
  return (event, context) => {
    const { errand } = ErrandSchema.parse(event);
    return run(context, (worker, work) => (errand === 'scan' ? scanAll(worker, work) : tick(worker, work)));
  };
}

async function scanAll(worker: Worker, work: Work): Promise<void> {
  await eachCollection(worker, 'scan', (name) => scan(worker.engine, worker.flow, name, work));
}

async function tick(worker: Worker, work: Work): Promise<void> {
  await ringRechecks(worker.engine, worker.flow);
  await eachCollection(worker, 'backfill', (name) =>
    continueBackfill(worker.engine, worker.flow, name, work),
  );
}

/**
 * One collection's trouble keeps no other waiting. A vendor that does not answer is told and tried again by the
 * next run (silence pages by the heartbeat); anything else is a defect and fails the function, after the rest.
 */
async function eachCollection(
  worker: Worker,
  operation: string,
  run: (name: string) => Promise<unknown>,
): Promise<void> {
  const defects: unknown[] = [];
  for (const { name } of worker.flow.collections) {
    try {
      await run(name);
    } catch (thrown) {
      tellFault(worker, thrown, `${operation} ${name}`);
      if (!(thrown instanceof Fault) || thrown.kind === 'bug') defects.push(thrown);
    }
  }
  if (defects.length > 0) throw defects[0];
}
