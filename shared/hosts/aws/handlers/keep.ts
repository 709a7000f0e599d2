import * as z from 'zod';
import { isOpen } from '../../../engine/breaker.ts';
import type { Flow } from '../../../engine/flow.ts';
import { gatherHealth } from '../../../engine/health.ts';
import { keepDeadLetters } from '../../../engine/keeper.ts';
import type { Millis } from '../../../engine/ports.ts';
import { tellDeployed } from '../deployed.ts';
import type { LambdaContext } from '../invocation.ts';
import { openLoggedHost } from './open.ts';
import { type OpenHost, type Worker, workerOf } from './worker.ts';

const ErrandSchema = z.object({ errand: z.enum(['health', 'keep']) });
/** A vendor that has not answered for this long is down; shorter pauses page nobody. */
const OUTAGE: Millis = 60_000;

/** Timed: publishes what alarms look at, and tidies the dead-letter queue. */
export function keepHandler(
  flow: Flow,
  open: OpenHost = openLoggedHost,
): (event: unknown, context: LambdaContext) => Promise<void> {
  const run = workerOf(flow, open);
  return (event, context) => {
    const { errand } = ErrandSchema.parse(event);
    return run(context, async (worker) => {
      if (errand === 'keep') await keepDeadLetters(worker.engine, flow);
      else await publishHealth(worker);
    });
  };
}

async function publishHealth({ engine, flow, meter, environment }: Worker): Promise<void> {
  const startedAt = await tellDeployed(engine.ports, flow, environment.deployment);
  const health = await gatherHealth(engine, flow, { newParkings: 0, oldestUnfinished: undefined, startedAt });
  const { at, deadLetters, parked, heartbeat, state, accounts } = health;
  const seconds = (since: Millis | undefined) => (since === undefined ? 0 : Math.round((at - since) / 1_000));
  const down = accounts.filter(
    ({ state: { breaker } }) => isOpen(breaker) && at - (breaker.openedAt ?? at) > OUTAGE,
  );
  meter.tell('deadLetters', deadLetters);
  meter.tell('parked', parked.count);
  meter.tell('parkedAge', seconds(parked.oldestSince));
  meter.tell('heartbeatAge', seconds(heartbeat));
  meter.tell('accountsHeld', accounts.filter((account) => account.state.held !== undefined).length);
  meter.tell('accountsDown', down.length);
  meter.tell('flowHeld', state?.hold ? 1 : 0);
}
