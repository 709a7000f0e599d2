import type { Context } from 'hono';
import type { Engine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import type { Clock } from '../../engine/ports.ts';
import { receive } from '../../engine/receive.ts';
import { MAX_WEBHOOK_BYTES, type WebhookRequest } from '../../engine/webhook.ts';
import { answerProblem, Problem } from '../../operate/api/problem.ts';

/** A flow or a service that takes webhooks. */
export interface Receiver {
  name: string;
  /** Methods by the last part of the path. */
  sources: Readonly<Record<string, readonly string[]>>;
  receive(source: string, request: WebhookRequest): Promise<{ status: number; body: string }>;
}

export function receiverOfFlow(engine: Engine, flow: Flow): Receiver {
  const sources = Object.entries(flow.webhooks).map(([source, { methods }]) => [source, methods] as const);
  return {
    name: flow.name,
    sources: Object.fromEntries(sources),
    receive: (source, request) => receive(engine, flow, source, request),
  };
}

export interface HookOptions {
  receivers: readonly Receiver[];
  clock: Clock;
  /** Where vendors reach this host, without a slash at the end; signatures are over it. */
  publicUrl(): string;
}

/** `/hooks/:flow/:source`: hands over the bytes as they came; who takes them decides everything else. */
export async function answerHook(context: Context, options: HookOptions): Promise<Response> {
  const receiver = options.receivers.find((each) => each.name === context.req.param('flow'));
  const source = context.req.param('source') ?? '';
  const methods = receiver && Object.hasOwn(receiver.sources, source) ? receiver.sources[source] : undefined;
  if (!receiver || !methods) {
    return answerProblem(
      context,
      new Problem(
        404,
        'no such webhook',
        "the address is /hooks/<flow>/<source>; the flow's README names its sources",
      ),
    );
  }
  if (!methods.includes(context.req.method)) {
    context.header('allow', methods.join(', '));
    return answerProblem(context, new Problem(405, 'wrong method', `use ${methods.join(' or ')}`));
  }
  const body = await readCapped(context, MAX_WEBHOOK_BYTES);
  if (!body) {
    return answerProblem(
      context,
      new Problem(
        413,
        'the body is larger than 256 KB',
        'no webhook of this vendor is that large: check who sends it',
      ),
    );
  }
  const { pathname, search } = new URL(context.req.url);
  const answer = await receiver.receive(source, {
    method: context.req.method,
    url: `${options.publicUrl()}${pathname}${search}`,
    headers: context.req.header(),
    body,
    receivedAt: options.clock.now(),
  });
  return new Response(answer.body, { status: answer.status });
}

/** Undefined as soon as it is known to be too large; never holds more than the cap. */
async function readCapped({ req }: Context, most: number): Promise<Uint8Array | undefined> {
  const length = req.header('content-length');
  // The HTTP parser keeps to a stated length, so such a body may be taken whole, which is far cheaper.
  if (length !== undefined)
    return Number(length) > most ? undefined : new Uint8Array(await req.arrayBuffer());
  if (!req.raw.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of req.raw.body) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
