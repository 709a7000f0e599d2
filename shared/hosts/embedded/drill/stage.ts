import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DrillStage } from '../../../engine/drill.ts';
import { openEngine } from '../../../engine/engine.ts';
import { openService, type Served } from '../../../engine/serve.ts';
import type { ServiceDefinition, ServicePorts } from '../../../engine/service.ts';
import { accountKey } from '../../../engine/session.ts';
import { httpClient } from '../../http-client.ts';
import { notifying } from '../notify.ts';
import { type EmbeddedPorts, openEmbeddedPorts } from '../ports.ts';
import { startServiceLane } from '../services.ts';
import { invoke } from '../work.ts';
import type { LaneWorkers } from '../workers.ts';
import { busyPorts } from './busy-ports.ts';
import { type DrillSandbox, startDrillSandbox } from './sandbox.ts';
import { type VirtualTime, virtualTime } from './virtual-time.ts';

const MINUTE = 60_000;
const SOCKETS = 32;

/** A stage, and what lets go of it. */
export interface OpenStage extends DrillStage {
  close(): Promise<void>;
}

/** A service with this host's own ports and workers, in a directory and a time of its own; `around` may watch the ports. */
export async function openStage(
  definition: ServiceDefinition,
  start: number,
  around: (ports: EmbeddedPorts) => EmbeddedPorts = (ports) => ports,
): Promise<OpenStage> {
  const time = virtualTime(start);
  const { clock } = time;
  const dir = mkdtempSync(join(tmpdir(), 'intertie-drill-'));
  const own = openEmbeddedPorts({ dir, http: httpClient({ maxSockets: SOCKETS }), clock, synced: false });
  const ports = busyPorts(around(own), time);
  const stopping = new AbortController();
  let lane: LaneWorkers | undefined;
  const queue = notifying(ports.queue, { clock, stopping: stopping.signal, told: () => lane?.wake() });
  const engine = openEngine({ ports: { ...ports, queue }, flows: [], deployment: 'drill' });
  let lent: ServicePorts | undefined;
  const served = openService(
    engine,
    {
      ...definition,
      open: (given) => {
        lent = given;
        return definition.open(given);
      },
    },
    {
      ...{ documents: ports.documents, publicHttp: ports.http, publicUrl: () => 'http://127.0.0.1' },
      ...{ publish: async () => undefined, log: () => undefined },
    },
  );
  const sandboxes = await startSandboxes(definition, served, time);
  for (const ref of definition.accounts)
    await own.secrets.put(accountKey(ref), sandboxes.get(ref.vendor)?.secret);
  lane = startServiceLane(served, { queue, clock }, () => undefined);
  keepTimers(served, time, stopping.signal);
  if (!lent) throw new Error('the service did not open');
  const { name } = definition;
  return {
    now: clock.now,
    ports: lent,
    ask: async (request) =>
      (await invoke(clock, { kill: stopping.signal }, (work) => served.run.answer(request, work))) ??
      new Response('too late', { status: 503 }),
    at: (moment, act) => time.at(moment, () => void act()),
    pass: time.pass,
    queued: async () => {
      const { visible, inFlight, delayed } = await own.queue.depth({ flow: name, lane: 'live' });
      return visible + inFlight + delayed;
    },
    letters: () => own.deadLetters.depth(name),
    vendor: (vendor) => {
      const sandbox = sandboxes.get(vendor);
      if (sandbox) return sandbox;
      throw new Error(`there is no provider "${vendor}"; there are: ${[...sandboxes.keys()].join(', ')}`);
    },
    close: async () => {
      stopping.abort();
      await lane?.stop(0);
      await Promise.all([...sandboxes.values()].map((each) => each.stop()));
      await own.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Each vendor once, its webhooks delivered to the service that takes them. */
async function startSandboxes(
  { accounts, hooks }: ServiceDefinition,
  { run }: Served,
  time: VirtualTime,
): Promise<Map<string, DrillSandbox>> {
  const sandboxes = new Map<string, DrillSandbox>();
  const kill = new AbortController().signal;
  for (const { vendor } of accounts) {
    if (sandboxes.has(vendor)) continue;
    const source = Object.entries(hooks).find(([, account]) => account.vendor === vendor)?.[0];
    const receive = async (request: Parameters<typeof run.receive>[1]) =>
      source === undefined
        ? undefined
        : await invoke(time.clock, { kill }, (work) => run.receive(source, request, work));
    sandboxes.set(vendor, await startDrillSandbox(vendor, time, receive));
  }
  return sandboxes;
}

/** What the host does every few minutes; nothing of what happens once a day. */
function keepTimers({ definition, run }: Served, { clock }: VirtualTime, stopping: AbortSignal): void {
  for (const { name, when } of definition.howOften.timers) {
    if (!('everyMinutes' in when)) continue;
    const loop = async () => {
      while (!stopping.aborted) {
        await clock.sleep(when.everyMinutes * MINUTE, stopping);
        await invoke(clock, { kill: stopping }, (work) => run.tick(name, work)).catch(() => undefined);
      }
    };
    loop().catch(() => undefined);
  }
}
