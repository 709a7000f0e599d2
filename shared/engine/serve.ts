import { type ChangeEvent, freshHint, parseChangeEvent } from './change-event.ts';
import type { Engine, Work } from './engine.ts';
import { asFault } from './fault.ts';
import type { FiledDocuments } from './filing.ts';
import { type Delivery, MAX_DELAY, type Millis, type Outgoing, type Ports } from './ports.ts';
import type { Errand, ServiceDefinition, ServicePorts, ServiceRun, ServiceWork } from './service.ts';
import { openSession } from './session-open.ts';

/** What a service needs of its host beyond the ports of every flow. */
export type ServiceHost = Pick<ServicePorts, 'publish' | 'publicHttp' | 'log' | 'publicUrl'> & {
  documents: FiledDocuments;
};

/** A service on its host's ports. */
export interface Served {
  readonly definition: ServiceDefinition;
  readonly run: ServiceRun;
  /** Works off messages of the service's queue; what is not `done` stays there. */
  deliver(deliveries: readonly Delivery[], work: Work): Promise<{ done: string[] }>;
}

/** Asks nothing of the ports yet. */
export function openService(engine: Engine, definition: ServiceDefinition, host: ServiceHost): Served {
  const { clock, random, secrets, http, meter, queue } = engine.ports;
  const { name } = definition;
  const ports: ServicePorts = {
    ...{ clock, random, secrets, http, meter },
    ...host,
    post: (errand, at) => queue.send([messageOf(name, errand, { at, now: clock.now(), random })]),
    session: (ref, work, bounds = { sendBefore: Number.MAX_SAFE_INTEGER }) => {
      const permit = { lane: 'live', probe: false, slot: undefined, deadline: work.deadline } as const;
      return openSession(engine, engine.account(ref), { ...permit, ...bounds }, work);
    },
  };
  const run = definition.open(ports);
  return {
    definition,
    run,
    deliver: async (deliveries, work) => {
      const ended = await Promise.all(
        deliveries.map((delivery) => one({ engine, name, run, ports }, delivery, work)),
      );
      return { done: deliveries.filter((_, at) => ended[at]).map(({ receipt }) => receipt) };
    },
  };
}

interface Parts {
  engine: Engine;
  name: string;
  run: ServiceRun;
  ports: ServicePorts;
}

/** True when the message is finished with. */
async function one(parts: Parts, { body }: Delivery, work: ServiceWork): Promise<boolean> {
  const { engine, name, run, ports } = parts;
  const event = parseChangeEvent(body);
  if (event?.flow !== name) {
    ports.meter.count(name, 'unreadable');
    return false;
  }
  try {
    if (await putOff(engine.ports, event)) return true;
    const dueAt = event.records[0]?.observedAt ?? 0;
    for (const { id } of event.records)
      await run.work({ collection: event.collection, id }, { ...work, dueAt });
    return true;
  } catch (thrown) {
    const { kind, vendor, message } = asFault(thrown, `${name} ${event.collection}`);
    ports.log({ log: 'trouble', service: name, collection: event.collection, kind, vendor, reason: message });
    return false;
  }
}

/** A queue cannot wait for as long as a service may ask: it is sent on until its time has come. */
async function putOff({ queue, clock }: Ports, event: ChangeEvent): Promise<boolean> {
  const wait = (event.dueAt ?? 0) - clock.now();
  if (wait <= 0) return false;
  await queue.send([{ lane: 'live', event, delay: Math.min(wait, MAX_DELAY) }]);
  return true;
}

function messageOf(
  flow: string,
  { collection, id }: Errand,
  { at, now, random }: { at: Millis; now: Millis; random: Ports['random'] },
): Outgoing {
  const wait = Math.max(0, at - now);
  const due = Math.max(at, now);
  const event: ChangeEvent = {
    ...{ version: 1, flow, collection, cause: 'recheck', trace: random.token() },
    records: [freshHint(id, due)],
    ...(wait > 0 && { dueAt: due }),
  };
  return { lane: 'live', event, delay: Math.min(wait, MAX_DELAY) };
}
