import { MAX_RECORDS, parseChangeEvent } from '../../engine/change-event.ts';
import type { Work } from '../../engine/engine.ts';
import type { ChangeQueue, Clock, Delivery, Millis, QueueRef } from '../../engine/ports.ts';
import { type Bell, makeBell } from './bell.ts';
import { invoke } from './work.ts';

/** A batch that is not full waits this long for company: single-record webhooks then share vendor calls. */
export const LINGER: Millis = 40;
/** An empty queue is looked at this often even without a wake-up: a visibility that ended rings no bell. */
export const IDLE_LOOK: Millis = 1_000;
/** The first receive of an unknown queue; later ones follow the records per message that were seen. */
const FIRST_RECEIVE = 10;

export interface LaneOptions {
  from: QueueRef;
  queue: ChangeQueue;
  clock: Clock;
  /** Of a received message. */
  visibility: Millis;
  /** Batches in hand at the same time. */
  concurrency: number;
  /** Records in one batch; unless said, as many as a vendor takes in one call. */
  batch?: number;
  reconcile(deliveries: readonly Delivery[], work: Work): Promise<{ done: readonly string[] }>;
  /** Never thrown at the loop: told, and the messages come back by their visibility timeout. */
  onError(error: unknown): void;
}

export interface LaneWorkers {
  /** There is something to receive now. */
  wake(): void;
  /** Receives nothing more; what is in hand may finish within `patience`, then it is aborted. */
  stop(patience: Millis): Promise<void>;
}

/** One loop gathers batches of about 100 records and hands each to a free worker; no batch is split by a race. */
export function startLane(options: LaneOptions): LaneWorkers {
  const stopping = new AbortController();
  const killed = new AbortController();
  const stopped = new Promise<void>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  const bell = makeBell(options.clock, stopping.signal);
  const inHand = new Set<Promise<void>>();
  const gather = gatherer(options, bell);

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const batch = await gather().catch((error: unknown) => {
        options.onError(error);
        return [];
      });
      if (batch.length === 0) await bell.rung(IDLE_LOOK);
      else {
        const worker = work(options, batch, killed.signal).finally(() => inHand.delete(worker));
        inHand.add(worker);
      }
      if (inHand.size >= options.concurrency) await Promise.race([...inHand, stopped]);
    }
  }

  const looping = loop();
  return {
    wake: bell.ring,
    async stop(patience) {
      stopping.abort();
      await looping;
      const enough = new AbortController();
      const patienceOver = options.clock.sleep(patience, enough.signal).catch(() => undefined);
      await Promise.race([Promise.all(inHand), patienceOver]);
      enough.abort();
      killed.abort(new Error('the host is stopping'));
      await Promise.all(inHand);
    },
  };
}

/** Runs one batch and acknowledges what is done; a worker past its deadline acknowledges nothing. */
async function work(options: LaneOptions, batch: readonly Delivery[], killed: AbortSignal): Promise<void> {
  try {
    const result = await invoke(options.clock, { kill: killed }, (invocation) =>
      options.reconcile(batch, invocation),
    );
    if (result) await options.queue.acknowledge(options.from, result.done);
  } catch (error) {
    options.onError(error);
  }
}

function gatherer(options: LaneOptions, bell: Bell): () => Promise<Delivery[]> {
  const { batch: most = MAX_RECORDS } = options;
  let perMessage = most / FIRST_RECEIVE;
  return async () => {
    const batch: Delivery[] = [];
    const enoughAt = options.clock.now() + LINGER;
    let records = 0;
    while (records < most) {
      const max = Math.min(100, Math.max(1, Math.ceil((most - records) / perMessage)));
      const received = await options.queue.receive(options.from, max, options.visibility);
      const count = received.reduce((sum, each) => sum + recordsOf(each), 0);
      batch.push(...received);
      records += count;
      if (received.length > 0) perMessage = count / received.length;
      if (batch.length === 0) break;
      const left = enoughAt - options.clock.now();
      if (received.length < max && (left <= 0 || !(await bell.rung(left)))) break;
    }
    return batch;
  };
}

function recordsOf(delivery: Delivery): number {
  return Math.max(1, parseChangeEvent(delivery.body)?.records.length ?? 1);
}
