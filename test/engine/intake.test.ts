import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChangeEvent, freshHint, type Hint, mergeHints } from '../../shared/engine/change-event.ts';
import { defineFlow } from '../../shared/engine/flow.ts';
import { takeIn } from '../../shared/engine/intake.ts';
import type { Delivery } from '../../shared/engine/ports.ts';
import { town } from './town.ts';

const NOW = 1_700_000_000_000;
const base = town().flow;
const flow = defineFlow({
  ...base,
  collections: [base.collections[0], { ...base.collections[0], name: 'pets' }],
});

function event(records: Hint[], more: Partial<ChangeEvent> = {}): ChangeEvent {
  return { version: 1, flow: flow.name, collection: 'people', cause: 'scan', trace: 't', records, ...more };
}

function delivered(...events: (ChangeEvent | string)[]): Delivery[] {
  return events.map((each, at) => ({
    receipt: `r${at}`,
    body: typeof each === 'string' ? each : JSON.stringify(each),
    receiveCount: 1,
  }));
}

describe('takeIn', () => {
  test('merges what several messages say of one record', () => {
    const a = { ...freshHint('1', 10), attempt: 2 };
    const b = { ...freshHint('1', 20, true), firstObservedAt: 5 };
    const { items, early } = takeIn(flow, delivered(event([a]), event([b], { cause: 'audit' })), NOW);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ hint: mergeHints(a, b), cause: 'scan', trace: 't' });
    expect(early).toEqual([]);
  });

  test('the same id in two collections is two records', () => {
    const { items } = takeIn(
      flow,
      delivered(event([freshHint('1', 5)]), event([freshHint('1', 5)], { collection: 'pets' })),
      NOW,
    );
    expect(items.map(({ key, collection }) => [key.collection, collection.name])).toEqual([
      ['people', 'people'],
      ['pets', 'pets'],
    ]);
  });

  test.each<[string, ChangeEvent | string]>([
    ['not a change event', '{}'],
    ['of another flow', event([freshHint('1', 5)], { flow: 'other' })],
    ['of an unknown collection', event([freshHint('1', 5)], { collection: 'cars' })],
  ])('a message that is %s stays on the queue', (_what, bad) => {
    const { items, early, ledger } = takeIn(flow, delivered(bad, event([freshHint('2', 5)])), NOW);
    expect(items.map(({ key }) => key.id)).toEqual(['2']);
    for (const item of items) ledger.handled(item);
    expect(ledger.done()).toEqual(['r1']);
    expect(early).toEqual([]);
  });

  test.each([
    [undefined, 'ready'],
    [NOW - 60_000, 'ready'],
    [NOW, 'ready'],
    [NOW + 1_000, 'ready'],
    [NOW + 1_001, 'early'],
  ])('due at %s is %s', (dueAt, expected) => {
    const due = dueAt === undefined ? {} : { dueAt };
    const { items, early } = takeIn(flow, delivered(event([freshHint('1', 5)], due)), NOW);
    expect([items.length, early.length]).toEqual(expected === 'ready' ? [1, 0] : [0, 1]);
    if (expected === 'early') expect(early[0]?.delay).toBe(1_001);
  });

  test('early hints of one record wait for the first of them', () => {
    const late = event([{ ...freshHint('1', 10), attempt: 3 }], { dueAt: NOW + 90_000 });
    const sooner = event([freshHint('1', 20)], { dueAt: NOW + 30_000 });
    for (const messages of [delivered(late, sooner), delivered(sooner, late)]) {
      const { early } = takeIn(flow, messages, NOW);
      expect(early).toHaveLength(1);
      expect(early[0]).toMatchObject({ delay: 30_000, item: { hint: { observedAt: 20, attempt: 3 } } });
    }
  });

  test('a record that is ready takes its early hints along', () => {
    const waiting = event([{ ...freshHint('1', 10, true), attempt: 3 }], { dueAt: NOW + 90_000 });
    const { items, early, ledger } = takeIn(flow, delivered(waiting, event([freshHint('1', 20)])), NOW);
    expect(early).toEqual([]);
    expect(items[0]?.hint).toEqual({
      id: '1',
      observedAt: 20,
      firstObservedAt: 10,
      attempt: 3,
      verify: true,
    });
    for (const item of items) ledger.handled(item);
    expect(ledger.done()).toEqual(['r0', 'r1']);
  });
});

describe('the ledger', () => {
  test('a message is done with its last record, in whichever message that was seen', () => {
    const messages = delivered(
      event([freshHint('1', 5), freshHint('2', 5)]),
      event([freshHint('2', 6)]),
      event([freshHint('3', 5)]),
    );
    const { items, ledger } = takeIn(flow, messages, NOW);
    const [one, two] = items;
    if (!one || !two) throw new Error('three records were sent');
    ledger.handled(two);
    expect(ledger.done()).toEqual(['r1']);
    ledger.handled(one);
    ledger.handled(one);
    expect(ledger.done()).toEqual(['r0', 'r1']);
  });

  test('every record is there once, and messages are done exactly when all their records are', () => {
    const message = fc.record({
      ids: fc.array(fc.constantFrom('1', '2', '3', '4', '5'), { minLength: 1, maxLength: 5 }),
      collection: fc.constantFrom('people', 'pets'),
      wait: fc.constantFrom(0, 0, 500, 60_000),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.func(fc.boolean()), (messages, isHandled) => {
        const deliveries = delivered(
          ...messages.map(({ ids, collection, wait }) =>
            event(
              ids.map((id) => freshHint(id, 5)),
              { collection, dueAt: NOW + wait },
            ),
          ),
        );
        const { items, early, ledger } = takeIn(flow, deliveries, NOW);
        const all = [...items, ...early.map(({ item }) => item)];
        const name = (collection: string, id: string): string => `${collection}/${id}`;
        const names = all.map(({ key }) => name(key.collection, key.id));
        const sent = new Set(
          messages.flatMap(({ ids, collection }) => ids.map((id) => name(collection, id))),
        );
        expect([...names].sort()).toEqual([...sent].sort());
        const handled = new Set(names.filter((each) => isHandled(each)));
        for (const item of all) if (handled.has(name(item.key.collection, item.key.id))) ledger.handled(item);
        const expected = messages.flatMap(({ ids, collection }, at) =>
          ids.every((id) => handled.has(name(collection, id))) ? [`r${at}`] : [],
        );
        expect(ledger.done()).toEqual(expected);
      }),
    );
  });
});
