import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ChangeEvent,
  freshHint,
  type Hint,
  MAX_RECORDS,
  mergeHints,
  pack,
  parseChangeEvent,
} from '../../shared/engine/change-event.ts';

const ids = fc.string({ minLength: 1, maxLength: 200 });
const moment = fc.integer({ min: 0, max: 4_000_000_000_000 });
const hintOf = (id: fc.Arbitrary<string>): fc.Arbitrary<Hint> =>
  fc
    .record({ id, observedAt: moment, firstObservedAt: moment, attempt: fc.nat(50), verify: fc.boolean() })
    .map(({ verify, ...rest }) => (verify ? { ...rest, verify } : rest));
const hint = hintOf(ids);

const envelope = { flow: 'f', collection: 'c', cause: 'scan', trace: 't' } as const;
const event: ChangeEvent = { version: 1, ...envelope, records: [freshHint('1', 5)] };

describe('parseChangeEvent', () => {
  test('reads what pack has made', () => {
    expect(parseChangeEvent(JSON.stringify(event))).toEqual(event);
    expect(parseChangeEvent(JSON.stringify({ ...event, dueAt: 9 }))?.dueAt).toBe(9);
  });

  test.each([
    ['not JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a newer version', JSON.stringify({ ...event, version: 2 })],
    ['an unknown cause', JSON.stringify({ ...event, cause: 'magic' })],
    ['an unknown field', JSON.stringify({ ...event, extra: 1 })],
    ['no record', JSON.stringify({ ...event, records: [] })],
    ['101 records', JSON.stringify({ ...event, records: Array(101).fill(freshHint('1', 5)) })],
    ['an empty id', JSON.stringify({ ...event, records: [freshHint('', 5)] })],
    ['an id of 201 characters', JSON.stringify({ ...event, records: [freshHint('x'.repeat(201), 5)] })],
    ['a negative attempt', JSON.stringify({ ...event, records: [{ ...freshHint('1', 5), attempt: -1 }] })],
    ['a payload in a hint', JSON.stringify({ ...event, records: [{ ...freshHint('1', 5), name: 'Ada' }] })],
    ['an empty trace', JSON.stringify({ ...event, trace: '' })],
    ['a half millisecond', JSON.stringify({ ...event, dueAt: 0.5 })],
  ])('does not take %s', (_what, body) => {
    expect(parseChangeEvent(body)).toBeUndefined();
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void parseChangeEvent(body)));
  });
});

describe('freshHint', () => {
  test('has no past and asks for verification only when told', () => {
    expect(freshHint('1', 5)).toEqual({ id: '1', observedAt: 5, firstObservedAt: 5, attempt: 0 });
    expect(freshHint('1', 5, true).verify).toBe(true);
  });
});

describe('mergeHints', () => {
  test('newest observation, oldest age, most attempts, verify if either asks', () => {
    const a: Hint = { id: '1', observedAt: 10, firstObservedAt: 3, attempt: 1, verify: true };
    const b: Hint = { id: '1', observedAt: 20, firstObservedAt: 5, attempt: 0 };
    const merged = { id: '1', observedAt: 20, firstObservedAt: 3, attempt: 1, verify: true };
    expect(mergeHints(a, b)).toEqual(merged);
    expect(mergeHints(b, a)).toEqual(merged);
  });

  test('order, grouping and repetition make no difference', () => {
    const same = hintOf(fc.constant('1'));
    fc.assert(
      fc.property(same, same, same, (a, b, c) => {
        expect(mergeHints(a, b)).toEqual(mergeHints(b, a));
        expect(mergeHints(a, mergeHints(b, c))).toEqual(mergeHints(mergeHints(a, b), c));
        expect(mergeHints(a, a)).toEqual(a);
      }),
    );
  });
});

describe('pack', () => {
  test.each([
    [0, []],
    [1, [1]],
    [100, [100]],
    [101, [100, 1]],
    [250, [100, 100, 50]],
  ])('%i records travel as %j', (count, sizes) => {
    const hints = [...Array(count).keys()].map((id) => freshHint(String(id), 5));
    expect(pack(envelope, hints).map(({ records }) => records.length)).toEqual(sizes);
  });

  test('every record is in exactly one message, merged, and every message can be read again', () => {
    const few = hintOf(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    const many = fc.array(fc.oneof(hint, few), { minLength: 1, maxLength: 350 });
    fc.assert(
      fc.property(many, (hints) => {
        const events = pack({ ...envelope, dueAt: 7 }, hints);
        const expected = new Map<string, Hint>();
        for (const each of hints) {
          const known = expected.get(each.id);
          expected.set(each.id, known ? mergeHints(known, each) : each);
        }
        const packed = events.flatMap(({ records }) => records);
        expect(packed).toHaveLength(expected.size);
        expect(new Map(packed.map((each) => [each.id, each]))).toEqual(expected);
        expect(events).toHaveLength(Math.ceil(expected.size / MAX_RECORDS));
        for (const each of events) expect(parseChangeEvent(JSON.stringify(each))).toEqual(each);
      }),
      { numRuns: 50 },
    );
  });

  test('a full message of the longest ids stays below 256 KB', () => {
    const hints = [...Array(MAX_RECORDS).keys()].map((id) => ({
      ...freshHint(`${id}${'\u20ac'.repeat(196)}`, 4_000_000_000_000, true),
      attempt: 1_000,
    }));
    const [full] = pack(envelope, hints);
    expect(new TextEncoder().encode(JSON.stringify(full)).byteLength).toBeLessThan(256 * 1024);
  });
});
