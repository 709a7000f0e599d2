import { HttpFailure, type HttpResponse, type Millis } from '../../../shared/engine/ports.ts';
import type { ServicePorts, ServiceWork } from '../../../shared/engine/service.ts';
import { merchantOf, type Site } from '../site.ts';
import { openDelivery, readDelivery, type StoredDelivery, writeDelivery } from './deliveries.ts';
import { afterTry, isDue, type Outcome } from './delivery.ts';
import { disableEndpoint, readEndpoint, validSecrets } from './endpoint.ts';
import { bodyOf, type EventMessage } from './message.ts';
import { signed } from './sign.ts';

/** For one request to an endpoint. */
const TIMEOUT = 15_000;
/** Left for writing down what came of it. */
const RECORDING = 2_000;
/** With less time than this the request is left to the next worker. */
const SHORTEST = 1_000;

/**
 * Delivers one event: onto the event queue, and to its merchant's endpoint. What fails is tried again by an errand for
 * later, which is posted before the failure is noted: a crash between makes one try more, never one less. Called for
 * each errand of the collection `event`.
 */
export async function deliverEvent(
  ports: ServicePorts,
  site: Site,
  id: string,
  how: ServiceWork & { dueAt: Millis },
): Promise<void> {
  const opened = await openDelivery(ports.documents, id);
  const { message, revision } = opened;
  if (!isDue(opened.delivery, Math.max(ports.clock.now(), how.dueAt))) return;
  if (!opened.delivery.published) await ports.publish(message);
  const delivery = { ...opened.delivery, published: true };
  const outcome = delivery.state === 'waiting' ? await tryEndpoint(ports, site, message, how) : undefined;
  if (outcome === 'no-time') await ports.post({ collection: 'event', id }, ports.clock.now());
  if (!outcome || outcome === 'no-time') return keep(ports, id, { delivery, revision });
  const next = afterTry(delivery, outcome, { now: ports.clock.now(), chance: ports.random.next() });
  if (next.nextAt !== undefined) await ports.post({ collection: 'event', id }, next.nextAt);
  await keep(ports, id, { delivery: next, revision });
  if (next.last)
    ports.log({ what: 'event', event: id, merchant: next.merchant, state: next.state, ...next.last });
}

/** When somebody was faster, only a success is worth writing over what they noted. */
async function keep(ports: ServicePorts, id: string, { delivery, revision }: StoredDelivery): Promise<void> {
  if (await writeDelivery(ports.documents, id, { delivery, revision })) return;
  const { nextAt: _, ...success } = delivery;
  while (delivery.state === 'delivered') {
    const stored = await readDelivery(ports.documents, id);
    if (!stored || stored.delivery.state === 'delivered') return;
    const noted = { ...success, replays: stored.delivery.replays };
    if (await writeDelivery(ports.documents, id, { delivery: noted, revision: stored.revision })) return;
  }
}

async function tryEndpoint(
  ports: ServicePorts,
  site: Site,
  message: EventMessage,
  { deadline, signal }: ServiceWork,
): Promise<Outcome | 'no-time'> {
  const { merchant } = message;
  const endpoint = merchantOf(site, merchant) && (await readEndpoint(ports.documents, merchant));
  if (endpoint?.url === undefined) return { kind: 'no-endpoint' };
  if (endpoint.disabled) return { kind: 'disabled' };
  const { url } = endpoint;
  const now = ports.clock.now();
  const timeout = Math.min(TIMEOUT, deadline - now - RECORDING);
  if (timeout < SHORTEST) return 'no-time';
  const body = bodyOf(message);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'payments-webhooks',
    ...(await signed({ id: message.id, at: now, body }, validSecrets(endpoint, now))),
  };
  const outcome = await ports
    .publicHttp({ method: 'POST', url, headers, body, timeout, signal })
    .then(outcomeOf, failed);
  if (outcome.kind === 'gone')
    await disableEndpoint(ports, merchant, { url, why: 'it answered 410 Gone: it wants no events any more' });
  return outcome;
}

function outcomeOf({ status, headers }: HttpResponse): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  if (status === 410) return { kind: 'gone', status };
  const seconds = headers['retry-after'] ?? '';
  const asked = /^\d{1,6}$/.test(seconds) ? { retryAfter: Number(seconds) * 1000 } : {};
  return { kind: 'failed', status, why: `it answered ${status}`, ...asked };
}

function failed(cause: unknown): Outcome {
  if (cause instanceof HttpFailure) return { kind: 'failed', why: cause.message };
  throw cause;
}
