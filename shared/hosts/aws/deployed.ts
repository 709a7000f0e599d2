import * as z from 'zod';
import { amend, readDocument } from '../../engine/documents.ts';
import type { Flow } from '../../engine/flow.ts';
import type { Millis, Ports } from '../../engine/ports.ts';

const DeployedSchema = z.object({ version: z.literal(1), since: z.number(), deployment: z.string() });
export type Deployed = z.infer<typeof DeployedSchema>;

/** Notes which code runs; resolves with when the flow was first looked after: a scan that never ends must page too. */
export async function tellDeployed(ports: Ports, flow: Flow, deployment: string): Promise<Millis> {
  const now = ports.clock.now();
  const stored = await amend<Deployed>(ports, key(flow), DeployedSchema, (known) =>
    known?.deployment === deployment ? undefined : { version: 1, since: known?.since ?? now, deployment },
  );
  return stored?.since ?? now;
}

/** What runs, for people who work from their own machine. Undefined before the first minute of a flow. */
export function readDeployed(ports: Ports, flow: Flow): Promise<Deployed | undefined> {
  return readDocument(ports, key(flow), DeployedSchema);
}

function key(flow: Flow): string {
  return `deployed/${flow.name}`;
}
