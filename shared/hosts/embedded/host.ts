import { type Engine, openEngine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import type { QueueRef } from '../../engine/ports.ts';
import { type ScanReport, scan } from '../../engine/scan.ts';
import type { Served } from '../../engine/serve.ts';
import type { ServiceDefinition } from '../../engine/service.ts';
import { gitMappings } from '../../operate/api/git-mappings.ts';
import { bindOperations } from '../../operate/api/operations-bound.ts';
import type { Invoke } from '../../operate/api/record-answer.ts';
import { bindServices } from '../../operate/api/services.ts';
import { bindView } from '../../operate/api/view.ts';
import type { ServiceDesk } from '../../operate/service-desk.ts';
import { clock } from '../clock.ts';
import { httpClient } from '../http-client.ts';
import { factsFrom } from './facts.ts';
import { receiverOfFlow } from './hooks.ts';
import { beginBackfills, flowJobs, scanJob } from './jobs.ts';
import { type Lanes, startLanes } from './lanes.ts';
import { listen } from './listen.ts';
import { notifying } from './notify.ts';
import { HOST, type HostOptions } from './options.ts';
import { type EmbeddedPorts, openEmbeddedPorts } from './ports.ts';
import { type RecentTrail, withRecent } from './recent.ts';
import { aimWebhooks, startSandboxes } from './sandbox-accounts.ts';
import type { SandboxProcess } from './sandboxes.ts';
import { buildServer } from './server.ts';
import { apiOf, healthOfService, openServices, receiverOf, serviceJobs } from './services.ts';
import { type Job, SingleFlight, startTimers } from './timers.ts';
import { toldBy } from './told.ts';
import { deploymentName, packageVersion } from './version.ts';
import { invoke } from './work.ts';

/** How long work in hand may take to finish when the host is asked to stop, in milliseconds. */
const PATIENCE = 10_000;
/** Sockets to one vendor; more calls than that at once wait for one. */
const SOCKETS = 32;

export interface HostSettings extends HostOptions {
  flows: readonly Flow[];
  services: readonly ServiceDefinition[];
  /** How people operate them; none = the console shows how they are and no more. */
  desks?: readonly ServiceDesk[];
  /** Another rate limit than the sandboxes' vendors', for benchmarks; 0 = none. */
  rateScale?: number;
  /** Milliseconds that every call to a sandbox takes longer, for benchmarks. */
  latency?: number;
}

/** Told of what goes wrong in the background; delivery goes on. */
export type Trouble = (where: string, error: unknown) => unknown;

/** The running system in this process. */
export interface Host {
  readonly url: string;
  readonly engine: Engine;
  readonly ports: EmbeddedPorts;
  readonly sandboxes: readonly SandboxProcess[];
  readonly services: readonly Served[];
  readonly facts: ReturnType<typeof factsFrom>;
  readonly trail: RecentTrail;
  /** Starts further timed jobs beside those of the flows. */
  addJobs(jobs: readonly Job[]): void;
  /** Takes nothing new, finishes what is in hand, and lets go of the data directory. */
  stop(patience?: number): Promise<void>;
}

/** Opens everything in the order in which it depends on each other; when one part fails, the others are closed. */
export async function openHost(settings: HostSettings, trouble: Trouble): Promise<Host> {
  const startedAt = clock.now();
  const ports = openEmbeddedPorts({
    dir: settings.data,
    http: httpClient({ maxSockets: SOCKETS }),
    trailLost: (lines, cause) => trouble(`${lines} lines of the trail`, cause),
  });
  let sandboxes: SandboxProcess[] = [];
  try {
    sandboxes = await startSandboxes([...settings.flows, ...settings.services], ports.secrets, settings);
    return await runHost({ settings, ports, sandboxes, startedAt, trouble });
  } catch (error) {
    await Promise.all(sandboxes.map((each) => each.stop()));
    await ports.close();
    throw error;
  }
}

interface Parts {
  settings: HostSettings;
  ports: EmbeddedPorts;
  sandboxes: readonly SandboxProcess[];
  startedAt: number;
  trouble: Trouble;
}

async function runHost(parts: Parts): Promise<Host> {
  const { settings, sandboxes, startedAt, trouble } = parts;
  const stopping = new AbortController();
  const killed = new AbortController();
  const trail = withRecent(parts.ports.trail);
  let lanes: Lanes | undefined;
  const told = (ref: QueueRef) => lanes?.wake(ref);
  const queue = notifying(parts.ports.queue, { clock, stopping: stopping.signal, told });
  const ports = { ...parts.ports, queue };
  const { flows } = settings;
  const engine = openEngine({ ports: { ...ports, trail }, flows, deployment: deploymentName() });
  let { port } = settings;
  const publicUrl = () => `http://${HOST}:${port}`;
  const services = openServices(settings.services, { engine, ports, dir: settings.data, publicUrl, trouble });
  const flights = new SingleFlight();
  const timed: Invoke = (run) => invoke(clock, { stop: stopping.signal, kill: killed.signal }, run);
  const facts = factsFrom(ports, trail, startedAt);
  // Timed work is cut short when the host stops, and goes on from its cursor after the next start.
  const jobTrouble: Trouble = (job, error) => stopping.signal.aborted || trouble(job, error);
  const startJobs = (jobs: readonly Job[]) => startTimers(jobs, { flights, onError: jobTrouble });
  const server = await listen(
    serverOf({ ...parts, ports, engine, services, trail, timed, flights, facts, publicUrl }),
    port,
  );
  port = server.port;
  aimWebhooks([...flows, ...settings.services], sandboxes, publicUrl());
  await beginBackfills(engine, ({ vendor }) => sandboxes.some((each) => each.vendor === vendor));
  lanes = startLanes(engine, services, (error) => trouble('worker', error));
  const timers = [startJobs([...flowJobs(engine, timed), ...serviceJobs(services, timed)])];
  return {
    url: publicUrl(),
    engine,
    ports,
    sandboxes,
    services,
    facts,
    trail,
    addJobs: (jobs) => void timers.push(startJobs(jobs)),
    async stop(patience = PATIENCE) {
      stopping.abort();
      const late = setTimeout(() => killed.abort(new Error('the host is stopping')), patience);
      await Promise.all([
        server.close(patience),
        lanes?.stop(patience),
        ...timers.map((each) => each.stop()),
      ]);
      clearTimeout(late);
      await ports.close();
      await Promise.all(sandboxes.map((each) => each.stop()));
    },
  };
}

interface ServedParts extends Parts {
  engine: Engine;
  services: readonly Served[];
  trail: RecentTrail;
  timed: Invoke;
  flights: SingleFlight;
  facts: ReturnType<typeof factsFrom>;
  publicUrl(): string;
}

function serverOf(parts: ServedParts): ReturnType<typeof buildServer> {
  const { settings, engine, services, sandboxes, timed, flights } = parts;
  const scanNow = async (flow: Flow, collection: string): Promise<ScanReport | undefined> => {
    let report: ScanReport | undefined = {
      sent: 0,
      finished: true,
      skipped: 'a scan was running already; it has finished',
    };
    await flights.run(scanJob(flow.name, collection), async () => {
      report = await timed((work) => scan(engine, flow, collection, work));
    });
    return report;
  };
  const operated = bindServices({
    ...{ services, ports: engine.ports, invoke: timed },
    health: (served) => healthOfService(served, parts.ports),
  });
  return buildServer({
    flows: settings.flows.map((flow) => ({
      name: flow.name,
      collections: flow.collections.map((each) => each.name),
    })),
    view: bindView({
      ...{ engine, sandboxes, startedAt: parts.startedAt, invoke: timed, told: toldBy(parts) },
      ...{ version: packageVersion(), services: operated },
      serviceAccounts: services.flatMap(({ definition }) => definition.accounts),
    }),
    services: operated,
    desks: settings.desks ?? [],
    operations: bindOperations({ engine, invoke: timed, mappings: gitMappings(), scan: scanNow }),
    sandboxes,
    hooks: {
      receivers: [
        ...settings.flows.map((flow) => receiverOfFlow(engine, flow)),
        ...services.map((served) => receiverOf(served, timed)),
      ],
      clock,
      publicUrl: parts.publicUrl,
    },
    apis: services.map((served) => apiOf(served, timed)),
    onError: (error) => parts.trouble('server', error),
  });
}
