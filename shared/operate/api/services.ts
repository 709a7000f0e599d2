import type { Ports } from '../../engine/ports.ts';
import type { Served } from '../../engine/serve.ts';
import { CannotDo } from '../../engine/service.ts';
import { redrive, type ServiceHealth, serviceAlerts } from '../../engine/service-health.ts';
import type { ServiceStatus } from '../answers-health.ts';
import { serviceAnswers } from '../five-answers.ts';
import { asking } from './asking.ts';
import { Problem } from './problem.ts';
import type { Invoke } from './record-answer.ts';

/** Services beside the flows, as operators reach them. */
export interface ServiceOperations {
  readonly names: readonly string[];
  /** Runs one of the service's own commands; throws a Problem for what cannot be done. */
  run(service: string, command: string, input: unknown): Promise<unknown>;
  /** Sends its dead letters again; resolves with how many. */
  replay(service: string): Promise<number>;
  status(): Promise<ServiceStatus[]>;
}

export interface ServiceBindings {
  services: readonly Served[];
  ports: Pick<Ports, 'queue' | 'deadLetters'>;
  invoke: Invoke;
  /** What the host knows of a service right now. */
  health(served: Served): Promise<ServiceHealth>;
}

/** The operator's actions on the services of a host. */
export function bindServices({ services, ports, invoke, health }: ServiceBindings): ServiceOperations {
  const find = (name: string): Served => {
    const served = services.find(({ definition }) => definition.name === name);
    if (served) return served;
    const names = services.map(({ definition }) => definition.name).join(', ') || '(none)';
    throw new Problem(404, 'no such service', `the services are: ${names}`);
  };
  return {
    names: services.map(({ definition }) => definition.name),
    run: async (name, command, input) => {
      const { run } = find(name);
      return asking(invoke, (work) => refusing(() => run.operate(command, input, work)));
    },
    replay: async (name) => redrive(ports, find(name).definition.name),
    status: () => Promise.all(services.map(async (served) => statusOf(served, ports, await health(served)))),
  };
}

const STATUS = { input: 400, missing: 404, conflict: 409 } as const;

async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    throw thrown instanceof CannotDo ? problemOf(thrown) : thrown;
  }
}

function problemOf({ kind, message, next }: CannotDo): Problem {
  return new Problem(STATUS[kind], message, next);
}

async function statusOf(
  { definition }: Served,
  { queue }: Pick<Ports, 'queue'>,
  health: ServiceHealth,
): Promise<ServiceStatus> {
  const { name, title, gauges } = definition;
  const alerts = serviceAlerts(definition, health);
  const { at, oldestDue, deadLetters } = health;
  return {
    ...{ name, title, answers: serviceAnswers(definition), alerts, deadLetters },
    health: alerts.length > 0 ? 'attention' : 'ok',
    queue: await queue.depth({ flow: name, lane: 'live' }),
    ...(oldestDue !== undefined && oldestDue < at && { oldestDueMs: at - oldestDue }),
    gauges: gauges.map((gauge) => {
      const value = health.gauges.get(gauge.name);
      return { name: gauge.name, above: gauge.above, ...(value !== undefined && { value }) };
    }),
  };
}
