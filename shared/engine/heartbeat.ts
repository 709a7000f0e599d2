import * as z from 'zod';
import { amend, readDocument } from './documents.ts';
import type { Engine } from './engine.ts';
import type { Collection, Flow } from './flow.ts';
import type { Millis, Ports } from './ports.ts';

const HeartbeatSchema = z.object({ version: z.literal(1), at: z.number() });

/** A scan of the collection, of both its sides, has reached its end. */
export async function beat(engine: Engine, flow: Flow, collection: Collection): Promise<void> {
  const at = engine.ports.clock.now();
  await amend(engine.ports, heartbeatKey(flow, collection), HeartbeatSchema, () => ({ version: 1, at }));
}

/** When the collection that has waited longest for a finished scan had its last one; undefined before all had one. */
export async function lastHeartbeat(
  ports: Pick<Ports, 'documents'>,
  flow: Flow,
): Promise<Millis | undefined> {
  const beats = await Promise.all(
    flow.collections.map((each) => readDocument(ports, heartbeatKey(flow, each), HeartbeatSchema)),
  );
  const known = beats.flatMap((each) => each?.at ?? []);
  return known.length < beats.length ? undefined : Math.min(...known);
}

function heartbeatKey(flow: Flow, collection: Collection): string {
  return `heartbeat/${flow.name}/${collection.name}`;
}
