import { describe, expect, test } from 'vitest';
import { MAX_RECORDS, parseChangeEvent } from '../../../shared/engine/change-event.ts';
import { MAX_DELAY } from '../../../shared/engine/ports.ts';
import type { Host } from './host.ts';
import { BULK, event, LIVE, OTHER, receiveAll, T0 } from './host.ts';

export function queueContract(host: Host): void {
  const ports = () => host.open().ports;
  const advance = (ms: number) => host.open().advance(ms);
  const send = (trace: string, delay = 0, ref = LIVE) =>
    ports().queue.send([{ lane: ref.lane, event: event(ref, { trace }), delay }]);
  const traces = (deliveries: { body: string }[]) =>
    deliveries.map(({ body }) => parseChangeEvent(body)?.trace).toSorted();

  test('a message is received as it was sent, 100 records in every script included', async () => {
    const records = Array.from({ length: MAX_RECORDS }, (_, at) => ({
      id: `${at} Ünï 東京 😀 "quoted" \\ \u0000`,
      observedAt: T0 + at,
      firstObservedAt: T0,
      attempt: at,
      verify: true,
    }));
    const sent = event(LIVE, { records, dueAt: T0 + 1 });
    await ports().queue.send([{ lane: 'live', event: sent, delay: 0 }]);
    const [delivery] = await receiveAll(ports(), LIVE, { count: 1, visibility: 30_000 });
    expect(parseChangeEvent(delivery?.body ?? '')).toEqual(sent);
    expect(delivery?.receiveCount).toBe(1);
  });

  test('flows and lanes are queues of their own', async () => {
    await send('live');
    await send('bulk', 0, BULK);
    await send('other', 0, OTHER);
    for (const [ref, trace] of [
      [LIVE, 'live'],
      [BULK, 'bulk'],
      [OTHER, 'other'],
    ] as const) {
      expect(traces(await receiveAll(ports(), ref, { count: 2, visibility: 30_000 }))).toEqual([trace]);
    }
  });

  test('one send takes messages of several lanes and more than a queue takes at once', async () => {
    const messages = Array.from({ length: 23 }, (_, at) => {
      const ref = at % 2 ? LIVE : BULK;
      return { lane: ref.lane, event: event(ref, { trace: `t${at}` }), delay: 0 };
    });
    await ports().queue.send(messages);
    const live = await receiveAll(ports(), LIVE, { count: 11, visibility: 30_000 });
    const bulk = await receiveAll(ports(), BULK, { count: 12, visibility: 30_000 });
    expect(traces([...live, ...bulk])).toEqual(messages.map((message) => message.event.trace).toSorted());
  });

  test('an empty queue answers at once with nothing, and never more than asked', async () => {
    expect(await ports().queue.receive(LIVE, 10, 30_000)).toEqual([]);
    for (const trace of ['a', 'b', 'c']) await send(trace);
    expect((await ports().queue.receive(LIVE, 2, 30_000)).length).toBeLessThanOrEqual(2);
  });

  test('a received message is invisible, and an acknowledged one does not come back', async () => {
    await send('a');
    await send('b');
    const [first] = await receiveAll(ports(), LIVE, { count: 1, visibility: 1_000 });
    const [second] = await receiveAll(ports(), LIVE, { count: 1, visibility: 1_000 });
    expect(traces([first, second].flatMap((each) => each ?? []))).toEqual(['a', 'b']);
    expect(await ports().queue.receive(LIVE, 10, 1_000)).toEqual([]);
    await ports().queue.acknowledge(LIVE, [first?.receipt ?? '']);
    await advance(1_100);
    const again = await receiveAll(ports(), LIVE, { count: 2, visibility: 30_000 });
    expect(again.map(({ body, receiveCount }) => [body, receiveCount])).toEqual([[second?.body, 2]]);
  });

  test('the receive count grows with every delivery, and the newest receipt acknowledges', async () => {
    await send('a');
    let receipt = '';
    for (const count of [1, 2]) {
      const [delivery] = await receiveAll(ports(), LIVE, { count: 1, visibility: 1_000 });
      expect(delivery?.receiveCount).toBe(count);
      receipt = delivery?.receipt ?? '';
      if (count === 1) await advance(1_100);
    }
    await ports().queue.acknowledge(LIVE, [receipt]);
    await advance(1_100);
    expect(await ports().queue.receive(LIVE, 1, 1_000)).toEqual([]);
  });

  test('unknown receipts are ignored, the good ones beside them are not', async () => {
    await send('a');
    const [delivery] = await receiveAll(ports(), LIVE, { count: 1, visibility: 1_000 });
    const receipts = ['never given', delivery?.receipt ?? '', delivery?.receipt ?? '', ''];
    await ports().queue.acknowledge(LIVE, receipts);
    await ports().queue.acknowledge(LIVE, []);
    await advance(1_100);
    expect(await ports().queue.receive(LIVE, 1, 1_000)).toEqual([]);
  });

  test('100 receipts in one acknowledgement', async () => {
    const lot = Array.from({ length: 100 }, (_, at) => ({
      lane: LIVE.lane,
      event: event(LIVE, { trace: `t${at}` }),
      delay: 0,
    }));
    await ports().queue.send(lot);
    const all = await receiveAll(ports(), LIVE, { count: 100, visibility: 60_000 });
    expect(all).toHaveLength(100);
    await ports().queue.acknowledge(
      LIVE,
      all.map(({ receipt }) => receipt),
    );
    expect(await ports().queue.depth(LIVE)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('depth tells visible, in flight and delayed apart', async () => {
    for (const trace of ['a', 'b']) await send(trace);
    await send('later', 600_000);
    await receiveAll(ports(), LIVE, { count: 1, visibility: 30_000 });
    expect(await ports().queue.depth(LIVE)).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
    expect(await ports().queue.depth(BULK)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('a short delay is kept', async () => {
    await send('later', 1_000);
    expect(await ports().queue.receive(LIVE, 1, 30_000)).toEqual([]);
    await advance(1_100);
    expect(traces(await receiveAll(ports(), LIVE, { count: 1, visibility: 30_000 }))).toEqual(['later']);
  });

  test('a delay beyond the longest, or a negative one, is refused and nothing of that send is kept', async () => {
    const of = (delay: number) => ({ lane: LIVE.lane, event: event(LIVE), delay });
    await expect(ports().queue.send([of(0), of(MAX_DELAY + 1)])).rejects.toThrow(/delay/);
    await expect(ports().queue.send([of(0), of(-1)])).rejects.toThrow(/delay/);
    expect(await ports().queue.receive(LIVE, 10, 30_000)).toEqual([]);
  });

  describe.skipIf(!host.traits.movableClock)('with a clock that can be moved', () => {
    test('the longest delay ends at its moment', async () => {
      await send('later', MAX_DELAY);
      await advance(MAX_DELAY - 1);
      expect(await ports().queue.receive(LIVE, 1, 30_000)).toEqual([]);
      await advance(1);
      expect(await ports().queue.receive(LIVE, 1, 30_000)).toHaveLength(1);
    });

    test('the receipt of an older delivery does not acknowledge the newer one', async () => {
      await send('a');
      const [old] = await ports().queue.receive(LIVE, 1, 10_000);
      await advance(10_000);
      const [fresh] = await ports().queue.receive(LIVE, 1, 10_000);
      expect(fresh?.receiveCount).toBe(2);
      await ports().queue.acknowledge(LIVE, [old?.receipt ?? '']);
      await advance(10_000);
      expect(await ports().queue.receive(LIVE, 1, 10_000)).toMatchObject([{ receiveCount: 3 }]);
    });
  });
}
