import * as z from 'zod';
import type { Flow } from '../../../engine/flow.ts';
import { receive } from '../../../engine/receive.ts';
import type { WebhookRequest } from '../../../engine/webhook.ts';
import { type Host, openHost, writeLine } from '../host.ts';
import type { LambdaContext } from '../invocation.ts';
import { type OpenHost, workerOf } from './worker.ts';

/** What of a function URL's event (payload format 2.0) is used. */
const UrlEvent = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    /** The function URL's own name, set by Lambda; not what the caller claims. */
    domainName: z.string(),
    http: z.object({ method: z.string() }),
  }),
});
type UrlEvent = z.infer<typeof UrlEvent>;

export interface UrlAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

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
        return answerOf(404, `post to /hooks/${flow.name}/<source>`);
      const publicUrl = environment.publicUrl ?? `https://${call.requestContext.domainName}`;
      const request = toRequest(call, { publicUrl, receivedAt: ports.clock.now() });
      const { status, body } = await receive(engine, flow, source, request);
      return answerOf(status, body);
    });
  };
}

function toRequest(
  { rawPath, rawQueryString, headers, body = '', isBase64Encoded, requestContext }: UrlEvent,
  { publicUrl, receivedAt }: { publicUrl: string; receivedAt: number },
): WebhookRequest {
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  return {
    method: requestContext.http.method,
    url: `${publicUrl.replace(/\/$/, '')}${rawPath}${query}`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    receivedAt,
  };
}

function answerOf(statusCode: number, body: string): UrlAnswer {
  return { statusCode, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
