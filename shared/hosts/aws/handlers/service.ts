import * as z from 'zod';
import { openEngine, type Work } from '../../../engine/engine.ts';
import { openService, type Served } from '../../../engine/serve.ts';
import type { ServiceDefinition } from '../../../engine/service.ts';
import { publicHttp } from '../../public-http.ts';
import { type Host, openHost } from '../host.ts';
import { invoke, type LambdaContext } from '../invocation.ts';
import { lazily } from '../lazily.ts';
import { openLogger } from '../logger.ts';
import {
  publicUrlOf,
  textAnswer,
  toAnswer,
  toRequest,
  toWebhook,
  type UrlAnswer,
  UrlEvent,
} from './function-url.ts';
import { leftOf, type PartialBatch, SqsEvent, toDelivery } from './sqs-event.ts';

/** How a test puts a host of its own under a handler. */
export type OpenServiceHost = (service: ServiceDefinition) => Host;

function usualHost({ name, gauges }: ServiceDefinition): Host {
  return openHost(name, openLogger(), { gauges: gauges.map((each) => each.name) });
}

/** One function of a service, warm. */
interface Warm {
  host: Host;
  served: Served;
}

/** Runs one piece of work after another on the same worker. `publicUrl` is known once somebody has called. */
function workerOf(service: ServiceDefinition, open: OpenServiceHost) {
  let publicUrl = '';
  const warm = lazily((): Warm => {
    const host = open(service);
    const { ports, environment, logger, publish } = host;
    const engine = openEngine({ ports, flows: [], deployment: environment.deployment });
    const served = openService(engine, service, {
      documents: ports.documents,
      publish,
      publicHttp: publicHttp({ allowLoopback: false }),
      log: (line) => logger.info('service', line),
      publicUrl: () => environment.publicUrl ?? publicUrl,
    });
    return { host, served };
  });
  return async <T>(
    context: LambdaContext,
    run: (warm: Warm, work: Work) => Promise<T>,
    call?: UrlEvent,
  ): Promise<T> => {
    const opened = warm();
    if (call) publicUrl = publicUrlOf(opened.host.environment, call);
    try {
      return await invoke(opened.host.ports.clock, context, (work) => run(opened, work));
    } finally {
      opened.host.meter.flush();
    }
  };
}

const HOOK = /^\/hooks\/([^/]+)\/([^/]+)\/?$/;

/** The service's address: its API, and `/hooks/<service>/<source>` for its vendors. */
export function apiHandler(
  service: ServiceDefinition,
  open: OpenServiceHost = usualHost,
): (event: unknown, context: LambdaContext) => Promise<UrlAnswer> {
  const run = workerOf(service, open);
  return (event, context) => {
    const call = UrlEvent.parse(event);
    return run(
      context,
      async ({ host, served }, work) => {
        const publicUrl = publicUrlOf(host.environment, call);
        const [, of, source] = HOOK.exec(call.rawPath) ?? [];
        if (of === undefined || source === undefined)
          return toAnswer(await served.run.answer(toRequest(call, publicUrl), work));
        if (of !== service.name || !Object.hasOwn(service.hooks, source))
          return textAnswer(404, `post to /hooks/${service.name}/<source>`);
        const request = toWebhook(call, publicUrl, host.ports.clock.now());
        const { status, body } = await served.run.receive(source, request, work);
        return textAnswer(status, body);
      },
      call,
    );
  };
}

/** Works off the service's queue. */
export function workHandler(
  service: ServiceDefinition,
  open: OpenServiceHost = usualHost,
): (event: unknown, context: LambdaContext) => Promise<PartialBatch> {
  const run = workerOf(service, open);
  return (event, context) => {
    const { Records: records } = SqsEvent.parse(event);
    return run(context, async ({ served }, work) => {
      const { done } = await served.deliver(records.map(toDelivery), work);
      return leftOf(records, done);
    });
  };
}

const TimerEvent = z.object({ timer: z.string() });

/** Everything that time starts. */
export function timerHandler(
  service: ServiceDefinition,
  open: OpenServiceHost = usualHost,
): (event: unknown, context: LambdaContext) => Promise<void> {
  const run = workerOf(service, open);
  return (event, context) => {
    const { timer } = TimerEvent.parse(event);
    return run(context, ({ served }, work) => served.run.tick(timer, work));
  };
}
