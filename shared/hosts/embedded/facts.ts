import type { Flow } from '../../engine/flow.ts';
import type { HostFacts } from '../../engine/health.ts';
import type { Millis } from '../../engine/ports.ts';
import type { EmbeddedPorts } from './ports.ts';
import type { RecentTrail } from './recent.ts';

/** Parkings of this long count as new. */
const NEW: Millis = 5 * 60_000;

/** What the health rules ask of a host. */
export function factsFrom(
  ports: EmbeddedPorts,
  trail: RecentTrail,
  startedAt: Millis,
): (flow: Flow) => HostFacts {
  return (flow) => ({
    newParkings: trail.parkedSince(flow.name, ports.clock.now() - NEW),
    oldestUnfinished: ports.queue.oldestUnfinished(flow.name),
    startedAt,
  });
}
