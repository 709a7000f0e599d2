import { atTarget } from './alias.ts';
import { freshHint, type Hint, isRecordId, type Lane, pack } from './change-event.ts';
import type { Engine, Work } from './engine.ts';
import { asFault } from './fault.ts';
import { type Flow, WORKER_TIMEOUT } from './flow.ts';
import type { Outgoing } from './ports.ts';
import { accountKey } from './session.ts';
import { openSession } from './session-open.ts';
import { noteErased } from './tombstone.ts';
import {
  MAX_WEBHOOK_BYTES,
  type WebhookChange,
  type WebhookEndpoint,
  type WebhookRequest,
  type WebhookVerdict,
} from './webhook.ts';

export interface Answer {
  status: 200 | 400 | 401 | 404 | 405 | 413 | 503;
  /** One line for the caller; never repeats anything that was sent. */
  body: string;
}

/**
 * A webhook becomes change events. 2xx means that they are durably queued (or that there was nothing of
 * ours in it: vendors send every 4xx again). Nothing of the body is logged, only counted.
 */
export async function receive(
  engine: Engine,
  flow: Flow,
  source: string,
  request: WebhookRequest,
): Promise<Answer> {
  const endpoint = Object.hasOwn(flow.webhooks, source) ? flow.webhooks[source] : undefined;
  const answer = endpoint ? await answerOf(engine, flow, endpoint, request) : notFound(flow);
  engine.ports.meter.count(flow.name, `webhook.${answer.status}`);
  return answer;
}

async function answerOf(
  engine: Engine,
  flow: Flow,
  endpoint: WebhookEndpoint,
  request: WebhookRequest,
): Promise<Answer> {
  if (!endpoint.methods.includes(request.method))
    return { status: 405, body: `use ${endpoint.methods.join(' or ')}` };
  if (request.body.byteLength > MAX_WEBHOOK_BYTES)
    return { status: 413, body: `more than ${MAX_WEBHOOK_BYTES} bytes` };
  const account = engine.account(endpoint.account);
  const permit = {
    lane: 'live',
    probe: false,
    slot: undefined,
    deadline: request.receivedAt + WORKER_TIMEOUT,
  } as const;
  const session = openSession(engine, account, permit, webhookWork(request));
  try {
    return await accept(engine, flow, request, await endpoint.read(session, request));
  } catch (thrown) {
    const fault = asFault(thrown, `webhook ${accountKey(endpoint.account)}`);
    engine.ports.meter.count(flow.name, `webhook.failed.${fault.kind}`);
    return { status: 503, body: 'not stored; send it again' };
  }
}

async function accept(
  engine: Engine,
  flow: Flow,
  request: WebhookRequest,
  verdict: WebhookVerdict,
): Promise<Answer> {
  switch (verdict.kind) {
    case 'forged':
      engine.ports.meter.count(flow.name, 'webhook.forged');
      return { status: 401, body: verdict.reason };
    case 'malformed':
      return { status: 400, body: verdict.reason };
    case 'accepted':
      if (verdict.ignored > 0) engine.ports.meter.count(flow.name, 'webhook.ignored', verdict.ignored);
      await accepted(engine, flow, request, usable(engine, flow, verdict.changes));
      return { status: 200, body: 'ok' };
  }
}

async function accepted(
  engine: Engine,
  flow: Flow,
  request: WebhookRequest,
  changes: readonly WebhookChange[],
): Promise<void> {
  for (const { collection, id, erased } of changes)
    if (erased) await noteErased(engine.ports, { flow: flow.name, collection }, id);
  await engine.ports.queue.send(toMessages(engine, flow, request, changes));
}

/** One id that no record can have must not make the message of the others unreadable. */
function usable(engine: Engine, flow: Flow, changes: readonly WebhookChange[]): WebhookChange[] {
  const good = changes.filter(({ collection, id }) => isRecordId(id) && flow.collection(collection));
  if (good.length < changes.length)
    engine.ports.meter.count(flow.name, 'webhook.unusable', changes.length - good.length);
  return good;
}

function toMessages(
  engine: Engine,
  flow: Flow,
  request: WebhookRequest,
  changes: readonly WebhookChange[],
): Outgoing[] {
  const trace = engine.ports.random.token();
  const groups = new Map<string, { lane: Lane; collection: string; hints: Hint[] }>();
  for (const { collection, id, atTarget: foreign, urgent } of changes) {
    const lane = urgent && flow.howOften.urgent !== undefined ? 'urgent' : 'live';
    const group = groups.get(`${lane}/${collection}`) ?? { lane, collection, hints: [] };
    group.hints.push(freshHint(foreign ? atTarget(id) : id, request.receivedAt));
    groups.set(`${lane}/${collection}`, group);
  }
  return [...groups.values()].flatMap(({ lane, collection, hints }) =>
    pack({ flow: flow.name, collection, cause: 'webhook', trace }, hints).map((event) => ({
      lane,
      event,
      delay: 0,
    })),
  );
}

function webhookWork(request: WebhookRequest): Work {
  const background = (task: Promise<unknown>): void => void task.catch(() => undefined);
  return { deadline: request.receivedAt + WORKER_TIMEOUT, signal: new AbortController().signal, background };
}

function notFound(flow: Flow): Answer {
  const known = Object.keys(flow.webhooks);
  const hint = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`;
  return { status: 404, body: `flow ${flow.name} has no such webhook; ${hint}` };
}
