import { LANES, type Lane, parseChangeEvent } from '../../../engine/change-event.ts';
import type { Flow } from '../../../engine/flow.ts';
import type { ChangeQueue, Millis, Outgoing } from '../../../engine/ports.ts';
import { reconcile } from '../../../engine/reconcile.ts';
import type { Environment } from '../environment.ts';
import type { LambdaContext } from '../invocation.ts';
import { nameOf } from '../sqs.ts';
import { openLoggedHost } from './open.ts';
import { leftOf, type PartialBatch, SqsEvent, type SqsRecord, toDelivery } from './sqs-event.ts';
import { type OpenHost, type Worker, workerOf } from './worker.ts';

/** Works off messages of the flow's queues; every message that is not finished is reported and comes back. */
export function reconcileHandler(
  flow: Flow,
  open: OpenHost = openLoggedHost,
): (event: unknown, context: LambdaContext) => Promise<PartialBatch> {
  const run = workerOf(flow, open);
  return (event, context) => {
    const { Records: records } = SqsEvent.parse(event);
    return run(context, async (worker, work) => {
      tellUnreadable(worker, records);
      const batch = { lane: laneOf(worker.environment, records), deliveries: records.map(toDelivery) };
      const { queue, oldest } = watched(worker.engine.ports.queue);
      const engine = { ...worker.engine, ports: { ...worker.engine.ports, queue } };
      const { done } = await reconcile(engine, flow, batch, work);
      const { now } = worker.ports.clock;
      const first = oldest();
      if (first !== undefined) worker.meter.tell('oldestUnfinished', Math.round((now() - first) / 1_000));
      return leftOf(records, done);
    });
  };
}

function laneOf(environment: Environment, records: readonly SqsRecord[]): Lane {
  const names = new Set(records.map((record) => nameOf(record.eventSourceARN)));
  const lane = LANES.find((each) => {
    const url = environment.queues[each];
    return url !== undefined && names.has(nameOf(url));
  });
  if (lane && names.size === 1) return lane;
  throw new Error(
    `messages of ${[...names].join(', ')} reached a function that serves ${Object.values(environment.queues).map(nameOf).join(', ')}; see its event sources`,
  );
}

/** The engine leaves them on the queue; a person should know why they stay. */
function tellUnreadable({ flow, meter, logger }: Worker, records: readonly SqsRecord[]): void {
  const unreadable = records.filter((record) => {
    const event = parseChangeEvent(record.body);
    return event?.flow !== flow.name || !flow.collection(event.collection);
  });
  if (unreadable.length === 0) return;
  meter.tell('unreadableMessages', unreadable.length);
  logger.warn('unreadable', {
    messages: unreadable.map(({ messageId }) => messageId).slice(0, 10),
    reason: 'not a change event of this flow in a version that this code knows; it stays on the queue',
  });
}

/** What is sent again is unfinished: its age is not the age of its newest message. */
function watched(under: ChangeQueue): { queue: ChangeQueue; oldest(): Millis | undefined } {
  let oldest: Millis | undefined;
  const note = (messages: readonly Outgoing[]) => {
    for (const { event } of messages)
      for (const { firstObservedAt } of event.records) oldest = Math.min(oldest ?? Infinity, firstObservedAt);
  };
  const queue: ChangeQueue = {
    send: (messages) => {
      note(messages);
      return under.send(messages);
    },
    receive: (from, max, visibility) => under.receive(from, max, visibility),
    acknowledge: (from, receipts) => under.acknowledge(from, receipts),
    depth: (of) => under.depth(of),
  };
  return { queue, oldest: () => oldest };
}
