import type { Flow } from '../../../engine/flow.ts';
import { receive } from '../../../engine/receive.ts';
import { type Host, openHost, writeLine } from '../host.ts';
import type { LambdaContext } from '../invocation.ts';
import { publicUrlOf, textAnswer, toWebhook, type UrlAnswer, UrlEvent } from './function-url.ts';
import { type OpenHost, workerOf } from './worker.ts';

const PATH = /^\/hooks\/([^/]+)\/([^/]+)\/?$/;

/** A webhook has no outcome to tell, so this function goes without the logging library: its cold start counts. */
function openQuietHost(flow: string): Host {
  const write = (log: string, line: Record<string, unknown>) => writeLine(JSON.stringify({ log, ...line }));
  return openHost(flow, { info: write, warn: write });
}

/** `/hooks/<flow>/<source>`: 2xx means durably queued. */
export function receiveHandler(
  flow: Flow,
  open: OpenHost = openQuietHost,
): (event: unknown, context: LambdaContext) => Promise<UrlAnswer> {
  const run = workerOf(flow, open);
  return (event, context) => {
    const call = UrlEvent.parse(event);
    return run(context, async ({ engine, environment, ports }) => {
      const [, of, source] = PATH.exec(call.rawPath) ?? [];
      if (of !== flow.name || source === undefined)
        return textAnswer(404, `post to /hooks/${flow.name}/<source>`);
      const request = toWebhook(call, publicUrlOf(environment, call), ports.clock.now());
      const { status, body } = await receive(engine, flow, source, request);
      return textAnswer(status, body);
    });
  };
}
