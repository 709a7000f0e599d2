import { describe, expect, test } from 'vitest';
import { freshHint, pack, parseChangeEvent } from '../../../shared/engine/change-event.ts';
import { WORKER_TIMEOUT } from '../../../shared/engine/flow.ts';
import type { Delivery, Outgoing } from '../../../shared/engine/ports.ts';
import { IDLE_LOOK, LINGER, startLane } from '../../../shared/hosts/embedded/workers.ts';
import { virtualClock } from '../../support/memory/clock.ts';
import { memoryPorts } from '../../support/memory/ports.ts';

const from = { flow: 'orders', lane: 'live' } as const;

function messages(ids: readonly string[], perMessage: number, now: number): Outgoing[] {
  const sent: Outgoing[] = [];
  for (let at = 0; at < ids.length; at += perMessage) {
    const hints = ids.slice(at, at + perMessage).map((id) => freshHint(id, now));
    for (const event of pack(
      { flow: 'orders', collection: 'order', cause: 'webhook', trace: `t${at}` },
      hints,
    )) {
      sent.push({ lane: 'live', event, delay: 0 });
    }
  }
  return sent;
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at));

function lane(
  reconcile?: (batch: readonly Delivery[], signal: AbortSignal) => Promise<{ done: string[] }>,
  concurrency = 2,
) {
  const clock = virtualClock();
  const ports = memoryPorts({ clock });
  const batches: number[] = [];
  const errors: unknown[] = [];
  const workers = startLane({
    from,
    queue: ports.queue,
    clock,
    visibility: 400_000,
    concurrency,
    reconcile: async (deliveries, work) => {
      batches.push(
        deliveries.reduce((sum, each) => sum + (parseChangeEvent(each.body)?.records.length ?? 0), 0),
      );
      if (reconcile) return reconcile(deliveries, work.signal);
      return { done: deliveries.map((each) => each.receipt) };
    },
    onError: (error) => void errors.push(error),
  });
  const left = async () => {
    const depth = await ports.queue.depth(from);
    return { visible: depth.visible, inFlight: depth.inFlight };
  };
  return { clock, ports, batches, errors, workers, left };
}

/** Stops a lane while its clock runs on. */
async function stopped(made: ReturnType<typeof lane>, patience = 0): Promise<void> {
  const stopping = made.workers.stop(patience);
  await made.clock.advance(patience + 1);
  await stopping;
}

describe('workers of a lane', () => {
  test('single-record messages share a batch, and all are acknowledged', async () => {
    const made = lane();
    await made.clock.advance(1);
    await made.ports.queue.send(messages(numbers(70), 1, made.clock.now()));
    made.workers.wake();
    await made.clock.advance(LINGER + 1);
    expect(made.batches).toEqual([70]);
    expect(await made.left()).toEqual({ visible: 0, inFlight: 0 });
    await stopped(made);
  });

  test('a batch ends at about a hundred records', async () => {
    const made = lane(undefined, 1);
    await made.ports.queue.send(messages(numbers(1_000), 100, made.clock.now()));
    await made.clock.advance(IDLE_LOOK + LINGER);
    // The first receive does not know how full messages are; later ones do.
    expect(made.batches.slice(1).every((size) => size === 100)).toBe(true);
    expect(made.batches.reduce((sum, size) => sum + size, 0)).toBe(1_000);
    await stopped(made);
  });

  test('nothing is left lying without a bell', async () => {
    const made = lane();
    await made.clock.advance(1);
    await made.ports.queue.send(messages(['7'], 1, made.clock.now()));
    await made.clock.advance(IDLE_LOOK + LINGER + 1);
    expect(made.batches).toEqual([1]);
    await stopped(made);
  });

  test('what failed is not acknowledged, and the loop goes on', async () => {
    const made = lane(async () => Promise.reject(new Error('disk full')));
    await made.ports.queue.send(messages(['1'], 1, made.clock.now()));
    await made.clock.advance(IDLE_LOOK + LINGER);
    await made.ports.queue.send(messages(['2'], 1, made.clock.now()));
    await made.clock.advance(IDLE_LOOK + LINGER);
    expect(made.errors).toHaveLength(2);
    expect(await made.left()).toEqual({ visible: 0, inFlight: 2 });
    await stopped(made);
  });

  test('a worker past its deadline is aborted and acknowledges nothing', async () => {
    const never = Promise.withResolvers<{ done: string[] }>();
    let signal: AbortSignal | undefined;
    const made = lane((_, given) => {
      signal = given;
      return never.promise;
    });
    await made.ports.queue.send(messages(['1'], 1, made.clock.now()));
    await made.clock.advance(IDLE_LOOK + LINGER);
    expect(signal?.aborted).toBe(false);
    await made.clock.advance(WORKER_TIMEOUT);
    expect(signal?.aborted).toBe(true);
    never.resolve({ done: ['anything'] });
    await made.clock.advance(1);
    expect((await made.left()).inFlight).toBe(1);
    await stopped(made);
  });

  test('no more batches in hand than there are workers', async () => {
    const gates: PromiseWithResolvers<{ done: string[] }>[] = [];
    const made = lane(() => {
      const gate = Promise.withResolvers<{ done: string[] }>();
      gates.push(gate);
      return gate.promise;
    });
    await made.ports.queue.send(messages(numbers(3_000), 100, made.clock.now()));
    await made.clock.advance(10_000);
    expect(gates).toHaveLength(2);
    for (const gate of gates) gate.resolve({ done: [] });
    await made.clock.advance(10_000);
    expect(gates).toHaveLength(4);
    await stopped(made);
  });

  test('a stop lets what is in hand finish, and receives nothing more', async () => {
    const gate = Promise.withResolvers<void>();
    const made = lane(async (batch) => {
      await gate.promise;
      return { done: batch.map((each) => each.receipt) };
    });
    await made.ports.queue.send(messages(['1'], 1, made.clock.now()));
    await made.clock.advance(IDLE_LOOK + LINGER);
    const stopping = made.workers.stop(10_000);
    await made.ports.queue.send(messages(['2'], 1, made.clock.now()));
    await made.clock.advance(5_000);
    gate.resolve();
    await stopping;
    expect(await made.left()).toEqual({ visible: 1, inFlight: 0 });
  });

  test('a stop does not wait longer than its patience', async () => {
    const made = lane(() => new Promise(() => undefined));
    await made.ports.queue.send(messages(['1'], 1, made.clock.now()));
    await made.clock.advance(IDLE_LOOK + LINGER);
    await stopped(made, 10_000);
    expect(made.clock.now()).toBeGreaterThan(0);
    expect((await made.left()).inFlight).toBe(1);
  });
});
