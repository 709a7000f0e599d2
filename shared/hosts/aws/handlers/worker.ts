import { type Engine, openEngine, type Work } from '../../../engine/engine.ts';
import { asFault, type Fault } from '../../../engine/fault.ts';
import type { Flow } from '../../../engine/flow.ts';
import type { Host } from '../host.ts';
import { invoke, type LambdaContext } from '../invocation.ts';
import { lazily } from '../lazily.ts';

/** One function of a flow, warm: its ports and its engine. */
export interface Worker extends Host {
  flow: Flow;
  engine: Engine;
}

/** How a test puts a host of its own under a handler. */
export type OpenHost = (flow: string) => Host;

/** Runs one piece of work after another on the same worker, each with its own deadline. */
export type RunOn = <T>(
  context: LambdaContext,
  run: (worker: Worker, work: Work) => Promise<T>,
) => Promise<T>;

/** Nothing is read or opened before the first invocation. */
export function workerOf(flow: Flow, open: OpenHost): RunOn {
  const worker = lazily((): Worker => {
    const host = open(flow.name);
    const { ports, environment } = host;
    const engine = openEngine({ ports, flows: [flow], deployment: environment.deployment });
    return { ...host, flow, engine };
  });
  return async (context, run) => {
    const opened = worker();
    try {
      return await invoke(opened.ports.clock, context, (work) => run(opened, work));
    } finally {
      opened.meter.flush();
    }
  };
}

/** For trouble that no record's line tells of: a scan that a vendor refused, a message that nobody can read. */
export function tellFault({ logger }: Pick<Host, 'logger'>, thrown: unknown, operation: string): Fault {
  const fault = asFault(thrown, operation);
  const { kind, vendor, message } = fault;
  logger.warn('trouble', { operation, kind, vendor, reason: message });
  return fault;
}
