import { type Engine, openEngine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import type { Ports } from '../../engine/ports.ts';
import { scan } from '../../engine/scan.ts';
import { openService } from '../../engine/serve.ts';
import type { ServiceDefinition } from '../../engine/service.ts';
import { gitMappings } from '../../operate/api/git-mappings.ts';
import { inProcessClient } from '../../operate/api/in-process.ts';
import { bindOperations } from '../../operate/api/operations-bound.ts';
import type { OtherMappings } from '../../operate/api/other-mappings.ts';
import type { Invoke } from '../../operate/api/record-answer.ts';
import { bindServices, type ServiceOperations } from '../../operate/api/services.ts';
import { bindView } from '../../operate/api/view.ts';
import type { Client } from '../../operate/client.ts';
import { publicHttp } from '../public-http.ts';
import { readDeployed } from './deployed.ts';
import { explainer } from './explain.ts';
import { invoke } from './invocation.ts';
import { type OperatorOptions, type OperatorPorts, operatorPorts } from './operator-ports.ts';

/** A command may take as long as a worker. */
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

export interface AwsOperator {
  ports: Ports;
  /** The operator's API on this stage: every command of the CLI works on it. */
  client: Client;
  /** Runs one piece of work with a worker's deadline. */
  invoke: Invoke;
}

/**
 * Works on a deployed stage from the operator's own machine: the same engine, on the same table and queues.
 * A scan or a trace therefore calls the vendors from here, which an allow-list of addresses may refuse.
 */
export function openAwsOperator(
  options: OperatorOptions & {
    flows: readonly Flow[];
    services: readonly ServiceDefinition[];
    ports?: OperatorPorts;
  },
): AwsOperator {
  const { stage, flows, services } = options;
  const ports = options.ports ?? operatorPorts(options);
  const mappings = gitMappings();
  const run: Invoke = (work) => invoke(ports.clock, CONTEXT, work);
  const client = async (path: string): Promise<Client> => {
    const flow = flows.find((each) => path.startsWith(`/api/flows/${encodeURIComponent(each.name)}/`));
    const deployed = flow && (await readDeployed(ports, flow));
    const deployment = deployed?.deployment ?? 'unknown';
    return clientOf(openEngine({ ports, flows, deployment }), { ports, services, stage, run, mappings });
  };
  return {
    ports,
    invoke: run,
    client: {
      get: async (path, schema) => (await client(path)).get(path, schema),
      post: async (path, schema, body) => (await client(path)).post(path, schema, body),
    },
  };
}

/** The same services as the functions run, in this process; what they measure lies in CloudWatch. */
function operatedServices(
  engine: Engine,
  { ports, services, run }: Pick<ClientParts, 'ports' | 'services' | 'run'>,
): ServiceOperations {
  return bindServices({
    ports,
    invoke: run,
    services: services.map((service) =>
      openService(engine, service, {
        documents: ports.documents,
        publish: (event) => ports.publish(service.name, event),
        publicHttp: publicHttp({ allowLoopback: false }),
        log: () => undefined,
        // Only functions know it, and only for callers and vendors.
        publicUrl: () => '',
      }),
    ),
    health: async ({ definition }) => ({
      at: ports.clock.now(),
      deadLetters: await ports.deadLetters.depth(definition.name),
      oldestDue: undefined,
      gauges: new Map(),
    }),
  });
}

interface ClientParts {
  stage: string;
  run: Invoke;
  mappings: OtherMappings;
  ports: OperatorPorts;
  services: readonly ServiceDefinition[];
}

function clientOf(engine: Engine, { stage, run, mappings, ...parts }: ClientParts): Client {
  const { ports, flows } = engine;
  const services = operatedServices(engine, { ...parts, run });
  const startedAt = ports.clock.now();
  return inProcessClient({
    name: `stage ${stage}`,
    services,
    explain: explainer(stage),
    flows: flows.map(({ name, collections }) => ({
      name,
      collections: collections.map((each) => each.name),
    })),
    operations: bindOperations({
      engine,
      invoke: run,
      mappings,
      scan: (flow, collection) => run((work) => scan(engine, flow, collection, work)),
    }),
    view: bindView({
      engine,
      sandboxes: [],
      invoke: run,
      version: `stage ${stage}`,
      services,
      serviceAccounts: parts.services.flatMap(({ accounts }) => accounts),
      startedAt,
      // Counters, ages and outcomes lie in CloudWatch: the dashboard and the functions' logs show them.
      told: {
        facts: () => ({ newParkings: 0, oldestUnfinished: undefined, startedAt }),
        counters: () => ({}),
        recent: () => [],
      },
    }),
  });
}
