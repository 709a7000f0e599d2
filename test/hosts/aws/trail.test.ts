import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrailEntry } from '../../../shared/engine/trail.ts';
import { lineOf, MOST_BYTES, trail } from '../../../shared/hosts/aws/trail.ts';

const entry: TrailEntry = {
  at: 1_700_000_000_000,
  flow: 'members-payroll',
  collection: 'member',
  id: '10001',
  trace: 'ZcGqxQ0bTz2kU9yM3nPv7A',
  cause: 'webhook',
  outcome: 'updated',
  attempt: 0,
};
const bytes = (line: object) => Buffer.byteLength(`${JSON.stringify({ log: 'outcome', ...line })}\n`);

describe('a line of the trail', () => {
  test('holds what is on the list and nothing else', () => {
    const careless = {
      ...entry,
      payload: { email: 'ada@example.org' },
      headers: { authorization: 'secret' },
    };
    expect(Object.keys(lineOf(careless)).toSorted()).toEqual(Object.keys(entry).toSorted());
  });

  test('is never longer than its limit, however much there is to tell', () => {
    const long = fc.record({
      fields: fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 200 }),
      reason: fc.string({ unit: 'grapheme', maxLength: 3_000 }),
    });
    fc.assert(
      fc.property(long, ({ fields, reason }) => bytes(lineOf({ ...entry, fields, reason })) <= MOST_BYTES),
    );
    expect(
      lineOf({ ...entry, fields: Array.from({ length: 90 }, (_, at) => `field_${at}`) }).fields,
    ).toContainEqual(expect.stringMatching(/^and \d+ more$/));
  });

  test('that cannot be written stops nothing', () => {
    const broken = () => {
      throw new Error('standard output is closed');
    };
    expect(() => trail({ info: broken, warn: broken }).write([entry])).not.toThrow();
  });
});
