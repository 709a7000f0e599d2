import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChangeEvent } from '../../../shared/engine/change-event.ts';
import type { Host, StoragePorts } from './host.ts';
import { event, LIVE } from './host.ts';

const VISIBILITY = 10_000;

interface Message {
  visibleAt: number;
  received: number;
}

/** What must be true of the queue: the messages that are owed, and the receipts in hand. */
interface Run {
  ports: StoragePorts;
  advance(ms: number): Promise<void>;
  now: number;
  sent: number;
  owed: Map<string, Message>;
  hand: { trace: string; receipt: string; until: number }[];
}

type Step = (run: Run) => Promise<void>;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 0, 3_000))
    .map(([count, delay]) => send(count, delay)),
  fc.integer({ min: 1, max: 5 }).map(receive),
  fc.nat(10).map(acknowledge),
  fc.nat(8_000).map((ms) => async (run: Run) => {
    run.now += ms;
    await run.advance(ms);
  }),
);

/** At least once, in any order: nothing unacknowledged is lost, nothing acknowledged or hidden is delivered. */
export function queueAgainstModel(host: Host): void {
  test.skipIf(!host.traits.movableClock)(
    'what was sent and not acknowledged is delivered, nothing else',
    async () => {
      const { ports, advance } = host.open();
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (sequence) => {
          const run: Run = { ports, advance, now: 0, sent: 0, owed: new Map(), hand: [] };
          await drained(run);
          for (const step of sequence) await step(run);
          await checkDepth(run);
          expect((await drained(run)).toSorted()).toEqual([...run.owed.keys()].toSorted());
        }),
        { numRuns: host.traits.runs ?? 100 },
      );
    },
  );
}

/** Empties the queue, once everything in it is visible; begins each run, since a failed one leaves messages. */
async function drained({ ports, advance }: Run): Promise<string[]> {
  await advance(VISIBILITY);
  const rest = await ports.queue.receive(LIVE, 1_000, VISIBILITY);
  const receipts = rest.map((each) => each.receipt);
  await ports.queue.acknowledge(LIVE, receipts);
  return rest.map((each) => traceOf(each.body));
}

function send(count: number, delay: number): Step {
  return async (run) => {
    const traces = Array.from({ length: count }, () => `message-${run.sent++}`);
    await run.ports.queue.send(
      traces.map((trace) => ({ lane: LIVE.lane, event: event(LIVE, { trace }), delay })),
    );
    for (const trace of traces) run.owed.set(trace, { visibleAt: run.now + delay, received: 0 });
  };
}

function receive(max: number): Step {
  return async (run) => {
    const visible = [...run.owed.values()].filter((message) => message.visibleAt <= run.now).length;
    const deliveries = await run.ports.queue.receive(LIVE, max, VISIBILITY);
    expect(deliveries).toHaveLength(Math.min(max, visible));
    for (const { body, receipt, receiveCount } of deliveries) {
      const message = run.owed.get(traceOf(body));
      if (!message) throw new Error(`delivered, though nobody is owed it: ${body}`);
      expect(message.visibleAt).toBeLessThanOrEqual(run.now);
      message.received += 1;
      message.visibleAt = run.now + VISIBILITY;
      expect(receiveCount).toBe(message.received);
      run.hand.push({ trace: traceOf(body), receipt, until: message.visibleAt });
    }
  };
}

/** Acknowledges one receipt in hand, which may be stale: then the message stays owed. */
function acknowledge(which: number): Step {
  return async (run) => {
    const [chosen] = run.hand.splice(which % Math.max(run.hand.length, 1), 1);
    if (!chosen) return;
    await run.ports.queue.acknowledge(LIVE, [chosen.receipt]);
    if (chosen.until > run.now) run.owed.delete(chosen.trace);
  };
}

async function checkDepth(run: Run): Promise<void> {
  const owed = [...run.owed.values()];
  const hidden = owed.filter((message) => message.visibleAt > run.now);
  expect(await run.ports.queue.depth(LIVE)).toEqual({
    visible: owed.length - hidden.length,
    inFlight: hidden.filter((message) => message.received > 0).length,
    delayed: hidden.filter((message) => message.received === 0).length,
  });
}

function traceOf(body: string): string {
  return parseChangeEvent(body)?.trace ?? 'unreadable';
}
