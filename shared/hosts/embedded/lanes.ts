import type { Engine } from '../../engine/engine.ts';
import { lanesOf, visibilityTimeout } from '../../engine/flow.ts';
import type { Millis, QueueRef } from '../../engine/ports.ts';
import { reconcile } from '../../engine/reconcile.ts';
import type { Served } from '../../engine/serve.ts';
import { startServiceLane } from './services.ts';
import { type LaneWorkers, startLane } from './workers.ts';

/** Batches in hand at the same time, per flow and lane; an account's own limits bound what they call. */
const CONCURRENCY = { urgent: 2, live: 4, bulk: 8 } as const;

export interface Lanes {
  wake(ref: QueueRef): void;
  stop(patience: Millis): Promise<void>;
}

/** The workers of every flow, on each of its lanes, and of every service. */
export function startLanes(
  engine: Engine,
  services: readonly Served[],
  onError: (error: unknown) => void,
): Lanes {
  const lanes = new Map<string, LaneWorkers>();
  const { queue, clock } = engine.ports;
  for (const flow of engine.flows) {
    for (const lane of lanesOf(flow)) {
      const workers = startLane({
        from: { flow: flow.name, lane },
        queue,
        clock,
        visibility: visibilityTimeout(flow),
        concurrency: CONCURRENCY[lane],
        reconcile: (deliveries, work) => reconcile(engine, flow, { lane, deliveries }, work),
        onError,
      });
      lanes.set(`${flow.name} ${lane}`, workers);
    }
  }
  for (const served of services)
    lanes.set(`${served.definition.name} live`, startServiceLane(served, { queue, clock }, onError));
  return {
    wake: ({ flow, lane }) => lanes.get(`${flow} ${lane}`)?.wake(),
    stop: async (patience) => {
      await Promise.all([...lanes.values()].map((workers) => workers.stop(patience)));
    },
  };
}
