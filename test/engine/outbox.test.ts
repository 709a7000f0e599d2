import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ChangeEvent,
  freshHint,
  type Hint,
  type Lane,
  parseChangeEvent,
} from '../../shared/engine/change-event.ts';
import type { Item } from '../../shared/engine/intake.ts';
import { Outbox } from '../../shared/engine/outbox.ts';
import { MAX_DELAY } from '../../shared/engine/ports.ts';
import { virtualClock } from '../support/memory/clock.ts';
import { memoryPorts } from '../support/memory/ports.ts';
import { town } from './town.ts';

const { flow } = town();
const [people] = flow.collections;

function item(id: string, more: Partial<Hint> = {}): Item {
  const key = { flow: flow.name, collection: 'people', id };
  return { key, collection: people, hint: { ...freshHint(id, 5), ...more }, cause: 'scan', trace: 't' };
}

function post() {
  const clock = virtualClock();
  const ports = memoryPorts({ clock });
  const outbox = new Outbox(flow.name, ports);
  const sent = (): { lane: string; event: ChangeEvent; delay: number }[] =>
    [...ports.state.messages.values()].map(({ lane, body, visibleAt }) => {
      const event = parseChangeEvent(body);
      if (!event) throw new Error('what is sent can be read');
      return { lane, event, delay: visibleAt - clock.now() };
    });
  return { clock, outbox, sent };
}

describe('again', () => {
  test('what shares lane, cause and due time travels together', async () => {
    const { clock, outbox, sent } = post();
    outbox.again(item('1'), { lane: 'live', delay: 2_100 });
    outbox.again(item('2'), { lane: 'live', delay: 2_900 });
    outbox.again(item('3'), { lane: 'bulk', delay: 2_900 });
    outbox.again(item('4'), { lane: 'live', delay: 3_100 });
    outbox.again(item('5'), { lane: 'live', delay: 2_900, spendsAttempt: true });
    await outbox.flush();
    expect(
      sent().map(({ lane, delay, event }) => [lane, delay, event.cause, event.records.map(({ id }) => id)]),
    ).toEqual([
      ['live', 3_000, 'scan', ['1', '2']],
      ['bulk', 3_000, 'scan', ['3']],
      ['live', 4_000, 'scan', ['4']],
      ['live', 3_000, 'retry', ['5']],
    ]);
    for (const { event, delay } of sent()) expect(event.dueAt).toBe(clock.now() + delay);
  });

  test('an attempt is spent only when it is said so, and nothing else of the hint changes', async () => {
    const { outbox, sent } = post();
    const hint = { observedAt: 9, firstObservedAt: 3, attempt: 2, verify: true };
    outbox.again(item('1', hint), { lane: 'live', delay: 0 });
    outbox.again(item('1', hint), { lane: 'bulk', delay: 0, spendsAttempt: true });
    await outbox.flush();
    expect(sent().map(({ event }) => event.records[0])).toEqual([
      { id: '1', ...hint },
      { id: '1', ...hint, attempt: 3 },
    ]);
  });

  test('a wait that is longer than a queue can delay is kept in the event', async () => {
    const { clock, outbox, sent } = post();
    outbox.again(item('1'), { lane: 'live', delay: 3_600_000 });
    await outbox.flush();
    expect(sent()).toMatchObject([{ delay: MAX_DELAY, event: { dueAt: clock.now() + 3_600_000 } }]);
  });

  test('the wait is counted from the sending', async () => {
    const { clock, outbox, sent } = post();
    outbox.again(item('1'), { lane: 'live', delay: 5_000 });
    await clock.advance(30_000);
    await outbox.flush();
    expect(sent()[0]?.event.dueAt).toBe(clock.now() + 5_000);
  });
});

describe('ring', () => {
  test('tells records by their local names, at once and with fresh hints', async () => {
    const { clock, outbox, sent } = post();
    outbox.ring(['people/1', 'pets/a/b'], { lane: 'bulk', cause: 'affected', trace: 'x' });
    await outbox.flush();
    expect(sent()).toEqual([
      {
        lane: 'bulk',
        delay: 0,
        event: {
          version: 1,
          flow: flow.name,
          collection: 'people',
          cause: 'affected',
          trace: 'x',
          records: [freshHint('1', clock.now())],
        },
      },
      expect.objectContaining({
        event: expect.objectContaining({ collection: 'pets', records: [freshHint('a/b', clock.now())] }),
      }),
    ]);
  });
});

describe('flush', () => {
  test('sends once', async () => {
    const { outbox, sent } = post();
    await outbox.flush();
    expect(sent()).toEqual([]);
    outbox.again(item('1'), { lane: 'live', delay: 0 });
    await outbox.flush();
    await outbox.flush();
    expect(sent()).toHaveLength(1);
  });

  test('what storage refused is sent by the next flush', async () => {
    const clock = virtualClock();
    const ports = memoryPorts({ clock });
    let refuse = true;
    const outbox = new Outbox(flow.name, {
      clock,
      queue: {
        ...ports.queue,
        send: async (messages) => {
          if (refuse) throw new Error('no disk');
          await ports.queue.send(messages);
        },
      },
    });
    outbox.again(item('1'), { lane: 'live', delay: 0 });
    await expect(outbox.flush()).rejects.toThrow('no disk');
    refuse = false;
    await outbox.flush();
    expect(ports.state.messages.size).toBe(1);
  });

  test('nothing is lost or too large, and nothing comes before its time', async () => {
    const entry = fc.record({
      id: fc.integer({ min: 0, max: 400 }).map(String),
      lane: fc.constantFrom<Lane>('live', 'bulk'),
      delay: fc.oneof(fc.constantFrom(0, 1, 60_000), fc.integer({ min: 0, max: 8_000_000 })),
      spendsAttempt: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 400 }), async (entries) => {
        const { clock, outbox, sent } = post();
        for (const { id, ...how } of entries) outbox.again(item(id), how);
        await outbox.flush();
        const messages = sent();
        for (const { id, lane, delay, spendsAttempt } of entries) {
          const carriers = messages.filter(
            ({ lane: in_, event }) =>
              in_ === lane &&
              event.cause === (spendsAttempt ? 'retry' : 'scan') &&
              event.records.some((hint) => hint.id === id && hint.attempt === (spendsAttempt ? 1 : 0)),
          );
          const dues = carriers.map(({ event }) => (event.dueAt ?? clock.now()) - clock.now());
          expect(dues.some((due) => due >= delay && due < delay + 30_000)).toBe(true);
        }
        for (const { event, delay } of messages) {
          expect(event.records.length).toBeLessThanOrEqual(100);
          expect(delay).toBeLessThanOrEqual(MAX_DELAY);
          expect(delay).toBe(Math.min(MAX_DELAY, (event.dueAt ?? clock.now()) - clock.now()));
        }
      }),
      { numRuns: 40 },
    );
  });
});
