import { deliverEvent } from '../../../../functions/payments/events/deliver.ts';
import { readDelivery } from '../../../../functions/payments/events/deliveries.ts';
import type { EventMessage } from '../../../../functions/payments/events/message.ts';
import { setEndpoint } from '../../../../functions/payments/events/set-endpoint.ts';
import type { EventType, Payment } from '../../../../functions/payments/payment.ts';
import type { Site } from '../../../../functions/payments/site.ts';
import { type Http, HttpFailure, type HttpRequest } from '../../../../shared/engine/ports.ts';
import type { Errand, ServicePorts } from '../../../../shared/engine/service.ts';
import { seededRandom, virtualClock } from '../../../support/memory/clock.ts';
import { memoryPorts } from '../../../support/memory/ports.ts';
import { draftOf, START } from '../builders.ts';

const SECOND = 1_000;
/** A message whose worker died comes again after so long. */
const VISIBILITY = 90 * SECOND;

export const site: Site = {
  merchants: ['club', 'other'].map((id) => ({
    id,
    title: id,
    providers: [],
    failover: 'never',
    softDecline: 'stop',
    payableMinutes: 60,
  })),
};

/** What an endpoint does with one request: a status, or nobody answers. */
export type Habit = number | 'no answer';

/** A merchant's server that keeps what it was sent, and does as it is told; when that is over it takes everything. */
class Receiver {
  readonly got: (HttpRequest & { at: number })[] = [];
  readonly habits: Habit[] = [];
  /** Headers of its answers. */
  answers: Record<string, string> = {};
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly http: Http = async (request) => {
    this.got.push({ ...request, at: this.#now() });
    const habit = this.habits.shift() ?? 204;
    if (habit === 'no answer') throw new HttpFailure('club.example: no answer within 15000 ms', true);
    return { status: habit, headers: this.answers, body: '' };
  };

  ids(): string[] {
    return this.got.map(({ headers }) => headers['webhook-id'] ?? '');
  }
}

/** Before or after which effect of which number a worker dies. */
export type Death = { effect: number; when: 'before' | 'after' };

/** A queue, an event queue and an endpoint, with a clock that is moved by hand. */
export function postOffice(deaths: readonly Death[] = []) {
  const clock = virtualClock(START);
  const receiver = new Receiver(() => clock.now());
  const memory = memoryPorts({ clock, random: seededRandom(7), http: receiver.http });
  const queue: { errand: Errand; at: number }[] = [];
  const published: EventMessage[] = [];
  const lines: Readonly<Record<string, unknown>>[] = [];
  const effects = { done: 0 };
  async function effect<T>(act: () => Promise<T>): Promise<T> {
    effects.done += 1;
    const death = deaths.find((each) => each.effect === effects.done);
    if (death?.when === 'before') throw new Error('died');
    const value = await act();
    if (death) throw new Error('died');
    return value;
  }
  const { documents } = memory;
  const ports: ServicePorts = {
    ...memory,
    documents: { ...documents, put: (...parts) => effect(() => documents.put(...parts)) },
    post: (errand, at) => effect(async () => void queue.push({ errand, at })),
    publish: (event) => effect(async () => void published.push(JSON.parse(JSON.stringify(event)))),
    publicHttp: (request) => effect(() => receiver.http(request)),
    session: () => {
      throw new Error('no provider is asked here');
    },
    log: (line) => void lines.push(line),
    publicUrl: () => 'https://pay.example',
  };
  const deliver = (id: string, dueAt = clock.now(), left = 60 * SECOND) =>
    deliverEvent(ports, site, id, {
      dueAt,
      deadline: clock.now() + left,
      signal: new AbortController().signal,
      background: () => undefined,
    });

  /** Works the queue off until nothing is due within that time; a message whose worker died comes again. */
  async function run(ms: number): Promise<void> {
    const until = clock.now() + ms;
    for (;;) {
      const next = queue.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      queue.splice(queue.indexOf(next), 1);
      await clock.advance(Math.max(0, next.at - clock.now()));
      await deliver(next.errand.id, next.at).catch((error: unknown) => {
        if (!String(error).includes('died')) throw error;
        queue.push({ ...next, at: clock.now() + VISIBILITY });
      });
    }
    await clock.advance(Math.max(0, until - clock.now()));
  }

  /** Stores a payment with events of these types, a minute apart. */
  async function store(id: string, types: readonly EventType[], merchant = 'club'): Promise<Payment> {
    const events = types.map((type, index) => ({
      ...{ version: index + 1, type, at: clock.now() + index * 60 * SECOND },
      ...{ status: 'captured', captured: 1_999, refunded: 0 },
    }));
    const payment = { ...draftOf({ id, merchant }), events };
    await documents.put(`payment/${id}`, payment, undefined);
    return payment;
  }

  const post = (...ids: string[]) => {
    for (const id of ids) queue.push({ errand: { collection: 'event', id }, at: clock.now() });
  };
  const stateOf = async (id: string) => (await readDelivery(documents, id))?.delivery;
  /** Gives the merchant an endpoint and resolves with its secret. */
  async function endpoint(url = 'https://club.example/hook', merchant = 'club'): Promise<string> {
    const set = await setEndpoint({ ...ports, documents }, site, { merchant, url });
    return set.ok ? (set.secret ?? '') : '';
  }
  const parts = { ...ports, documents };
  return {
    clock,
    receiver,
    queue,
    published,
    lines,
    ports: parts,
    deliver,
    run,
    store,
    post,
    stateOf,
    endpoint,
  };
}
