import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../engine/engine.ts';
import type { Alert } from '../../engine/health.ts';
import { openService, type Served } from '../../engine/serve.ts';
import { SERVICE_VISIBILITY, type ServiceDefinition, type ServiceTimer } from '../../engine/service.ts';
import { type ServiceHealth, serviceAlerts } from '../../engine/service-health.ts';
import type { Invoke } from '../../operate/api/record-answer.ts';
import { publicHttp } from '../public-http.ts';
import type { Receiver } from './hooks.ts';
import type { EmbeddedPorts } from './ports.ts';
import type { Job, When } from './timers.ts';
import { type LaneWorkers, startLane } from './workers.ts';

/** Batches in hand at the same time. */
const CONCURRENCY = 8;
/** Messages of a batch, as on AWS: more at once would only wait for a vendor's rate, and give up waiting. */
const BATCH = 10;

export interface ServicesOptions {
  engine: Engine;
  ports: EmbeddedPorts;
  /** The data directory. */
  dir: string;
  /** Where this host is reached, without a slash at the end. */
  publicUrl(): string;
  /** Told of what goes wrong in the background. */
  trouble(where: string, error: unknown): unknown;
}

/** Opens each service on this host's ports. */
export function openServices(services: readonly ServiceDefinition[], options: ServicesOptions): Served[] {
  const { engine, ports, dir, trouble } = options;
  return services.map((service) =>
    openService(engine, service, {
      documents: ports.documents,
      publish: (event) => append(join(dir, 'events'), `${service.name}.jsonl`, event),
      // Whoever may change this host's data may also see this machine's ports.
      publicHttp: publicHttp({ allowLoopback: true }),
      log: (line) => void trouble(service.name, new Error(JSON.stringify(line))),
      publicUrl: () => `${options.publicUrl()}${apiPath(service)}`,
    }),
  );
}

/** Where a service's API is mounted. */
export function apiPath({ name }: { name: string }): string {
  return `/${name}-api`;
}

/** What on AWS is a queue of its own, for whoever reads it there. */
async function append(dir: string, file: string, event: unknown): Promise<void> {
  await mkdir(dir, { recursive: true });
  await appendFile(join(dir, file), `${JSON.stringify(event)}\n`, { flush: true });
}

/** The workers of one service. */
export function startServiceLane(
  served: Served,
  { queue, clock }: Pick<Engine['ports'], 'queue' | 'clock'>,
  onError: (error: unknown) => void,
): LaneWorkers {
  return startLane({
    from: { flow: served.definition.name, lane: 'live' },
    ...{ queue, clock, onError },
    visibility: SERVICE_VISIBILITY,
    concurrency: CONCURRENCY,
    batch: BATCH,
    reconcile: (deliveries, work) => served.deliver(deliveries, work),
  });
}

export function serviceJobs(services: readonly Served[], invoke: Invoke): Job[] {
  return services.flatMap(({ definition, run }) =>
    definition.howOften.timers.map((timer) => ({
      name: `${definition.name} ${timer.name}`,
      when: whenOf(timer),
      run: () => invoke((work) => run.tick(timer.name, work)),
    })),
  );
}

/** The API of a service, below its own path on this host's port. */
export interface ServiceApi {
  path: string;
  answer(request: Request): Promise<Response>;
}

export function apiOf({ definition, run }: Served, invoke: Invoke): ServiceApi {
  const path = apiPath(definition);
  return {
    path,
    answer: async (request) => {
      const url = new URL(request.url);
      url.pathname = url.pathname.slice(path.length) || '/';
      const asked = new Request(url, request);
      return (await invoke((work) => run.answer(asked, work))) ?? new Response('try again', { status: 503 });
    },
  };
}

function whenOf({ when }: ServiceTimer): When {
  return 'everyMinutes' in when ? { everySeconds: when.everyMinutes * 60 } : when;
}

export function receiverOf({ definition, run }: Served, invoke: Invoke): Receiver {
  const sources = Object.keys(definition.hooks).map((source) => [source, ['POST']] as const);
  return {
    name: definition.name,
    sources: Object.fromEntries(sources),
    receive: async (source, request) => (await invoke((work) => run.receive(source, request, work))) ?? LATE,
  };
}

const LATE = { status: 503, body: 'not stored; send it again' };

/** What is known of a service now. */
export async function healthOfService({ definition }: Served, ports: EmbeddedPorts): Promise<ServiceHealth> {
  const { name } = definition;
  const readings = ports.meter.snapshot().gauges.filter(({ flow }) => flow === name);
  return {
    at: ports.clock.now(),
    deadLetters: await ports.deadLetters.depth(name),
    oldestDue: ports.queue.oldestUnfinished(name),
    gauges: new Map(readings.map(({ metric, value }) => [metric, value])),
  };
}

/** What is wrong with a service now. */
export async function alertsOfService(served: Served, ports: EmbeddedPorts): Promise<Alert[]> {
  return serviceAlerts(served.definition, await healthOfService(served, ports));
}
