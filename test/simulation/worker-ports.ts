import type {
  ChangeQueue,
  DeadLetters,
  LinkKey,
  Links,
  Outgoing,
  Ports,
  Settlement,
  Trail,
} from '../../shared/engine/ports.ts';
import { seededRandom } from '../support/memory/clock.ts';
import { addLettersIn, letterDepthIn, lookIn, removeLettersIn } from '../support/memory/dead-letters.ts';
import { getDocumentIn, getSecretIn, putDocumentIn, putSecretIn } from '../support/memory/documents.ts';
import { dueIn, pageIn, parkedCountIn, parkedIn, readIn, waitIn } from '../support/memory/links.ts';
import { acknowledgeIn, depthIn, receiveIn, sendIn } from '../support/memory/queue.ts';
import { memoryMeter, memoryTrail } from '../support/memory/told.ts';
import type { Network } from './network.ts';
import type { Worker } from './worker.ts';

/** The in-memory ports as one worker process sees them: slow, failing, and silent once it is dead. */
export function workerPorts(worker: Worker, network: Network): Ports {
  const { world } = worker;
  const { state } = world;
  const meter = memoryMeter(state);
  return {
    clock: { now: () => worker.now(), sleep: (ms, signal) => worker.sleep(ms, signal) },
    random: seededRandom(world.dice.between(0, 0xffffffff)),
    links: linksOf(worker),
    queue: queueOf(worker),
    deadLetters: lettersOf(worker),
    documents: {
      get: (key) => worker.look(`get ${key}`, () => getDocumentIn(state, key)),
      put: (key, value, revision) =>
        worker.call(`put ${key}`, () => putDocumentIn(state, { key, value }, revision)),
    },
    secrets: {
      get: (name) => worker.look(`secret ${name}`, () => getSecretIn(state, name)),
      put: (name, value) => worker.call(`put secret ${name}`, () => putSecretIn(state, name, value)),
    },
    trail: trailOf(worker),
    meter: {
      count: (flow, metric, by) => (worker.dead ? undefined : meter.count(flow, metric, by)),
      gauge: (flow, metric, value) => (worker.dead ? undefined : meter.gauge(flow, metric, value)),
    },
    http: (request) => network.send(worker, request),
  };
}

function linksOf(worker: Worker): Links {
  const { state } = worker.world;
  const { held } = worker;
  return {
    read: (keys) => worker.look(`links.read ${ids(keys)}`, () => readIn(state, keys)),
    claim: (requests, expiredBefore) =>
      worker.call(
        `claim ${ids(requests.map((request) => request.key))}`,
        () => held.claim(requests, expiredBefore),
        () => void held.claim(worker.some(requests), expiredBefore),
      ),
    settle: (settlements) =>
      lateSettle(worker, settlements) ??
      worker.call(
        `settle ${ids(settlements.map((each) => each.key))}`,
        () => held.settle(settlements),
        () => void held.settle(worker.some(settlements)),
      ),
    wait: (key, waiter) => worker.call(`wait ${key.id}<-${waiter}`, () => waitIn(state, key, waiter)),
    page: (of, limit, after) => worker.look('links.page', () => pageIn(state, of, limit, after)),
    parked: (flow, limit, after) => worker.look('links.parked', () => parkedIn(state, flow, limit, after)),
    due: (flow, now, limit) => worker.look('links.due', () => dueIn(state, flow, now, limit)),
    parkedCount: (flow) => worker.look('links.parkedCount', () => parkedCountIn(state, flow)),
  };
}

/** A write to storage that is on its way for minutes lands even if its worker is dead by then. */
function lateSettle(
  worker: Worker,
  settlements: readonly Settlement[],
): Promise<('settled' | 'lost')[]> | undefined {
  const { world } = worker;
  if (!world.dice.chance(world.weights.lateSettle)) return undefined;
  return new Promise((resolve) => {
    world.after(world.dice.between(60_000, 400_000), () => {
      world.tell(worker.name, () => `settle lands late: ${ids(settlements.map((each) => each.key))}`);
      const results = worker.held.settle(settlements);
      if (worker.dead) return;
      world.scheduler.woke();
      resolve(results);
    });
  });
}

function queueOf(worker: Worker): ChangeQueue {
  const { world } = worker;
  const { state } = world;
  const put = (messages: readonly Outgoing[]) => {
    sendIn(state, world.now, messages);
    world.onSend();
  };
  return {
    send: (messages) =>
      worker.call(
        world.tracing ? `send ${messages.map(messageText).join(' ')}` : 'send',
        () => put(messages),
        () => put(worker.some(messages)),
      ),
    receive: (from, max, visibility) =>
      worker.call('receive', () => receiveIn(state, world.now, from, { max, visibility })),
    acknowledge: (from, receipts) =>
      worker.call(
        `acknowledge ${receipts.join(' ')}`,
        () => acknowledgeIn(state, world.now, from, receipts),
        () => acknowledgeIn(state, world.now, from, worker.some(receipts)),
      ),
    depth: (of) => worker.look('depth', () => depthIn(state, world.now, of)),
  };
}

function lettersOf(worker: Worker): DeadLetters {
  const { world } = worker;
  const { state } = world;
  return {
    add: (letters) => {
      const what = letters.map((each) => `${each.id} (${each.reason})`).join(', ');
      return worker.call(`dead letter ${what}`, () => addLettersIn(state, letters));
    },
    look: (flow, max) => worker.call('letters.look', () => lookIn(state, world.now, flow, max)),
    remove: (flow, receipts) => worker.call('letters.remove', () => removeLettersIn(state, flow, receipts)),
    depth: (flow) => worker.look('letters.depth', () => letterDepthIn(state, flow)),
  };
}

function trailOf(worker: Worker): Trail {
  const { world } = worker;
  const trail = memoryTrail(world.state);
  return {
    write: (entries) => {
      if (worker.dead) return;
      trail.write(entries);
      for (const { id, outcome, cause, attempt, reason = '', fields = [] } of entries)
        world.tell(
          worker.name,
          () => `TRAIL ${id} ${outcome} (${cause}, try ${attempt}) ${reason} ${fields.join(',')}`,
        );
    },
  };
}

function ids(keys: readonly LinkKey[]): string {
  return keys.map((key) => key.id).join(',');
}

function messageText({ event, lane, delay }: Outgoing): string {
  return `${lane}+${delay}:${event.cause}:${event.records.map((record) => record.id).join(',')}`;
}
