import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  anniversary,
  dayOf,
  endOfDay,
  momentOf,
  nextChange,
} from '../../../functions/ticketing-marketing/moments.ts';

const ZONES = ['Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
const at = (text: string) => Date.parse(text);

describe('days', () => {
  test.each([
    ['2026-06-01T03:30:00Z', 'America/New_York', '2026-05-31'],
    ['2026-06-01T04:00:00Z', 'America/New_York', '2026-06-01'],
    ['2024-02-29T12:00:00Z', 'UTC', '2024-02-29'],
    ['1900-03-01T00:00:00Z', 'UTC', '1900-03-01'],
    ['9999-12-31T23:59:59Z', 'UTC', '9999-12-31'],
  ])('%s in %s is %s', (text, zone, day) => {
    expect(dayOf(at(text), zone)).toBe(day);
  });

  test('are those that the platform writes', () => {
    const moments = fc.integer({ min: at('1950-01-01T00:00Z'), max: at('2100-01-01T00:00Z') });
    fc.assert(
      fc.property(moments, fc.constantFrom(...ZONES), (moment, zone) => {
        const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
        expect(dayOf(moment, zone)).toBe(format.format(moment));
      }),
    );
  });

  test('end where the next one begins', () => {
    const moments = fc.integer({ min: at('2020-01-01T00:00Z'), max: at('2030-01-01T00:00Z') });
    fc.assert(
      fc.property(moments, fc.constantFrom(...ZONES), (moment, zone) => {
        const end = endOfDay(moment, zone);
        expect(end).toBeGreaterThan(moment);
        expect(dayOf(end - 1, zone)).toBe(dayOf(moment, zone));
        expect(dayOf(end, zone)).not.toBe(dayOf(moment, zone));
      }),
    );
  });

  test.each([
    ['2025-06-01T19:30:00-04:00', '2026-06-01T04:00:00Z'],
    ['2024-02-29T19:30:00-05:00', '2025-03-01T05:00:00Z'],
  ])('a year after %s is %s', (from, to) => {
    expect(anniversary(at(from), 'America/New_York')).toBe(at(to));
  });

  test('a stamp without an offset is local time, and none is none', () => {
    expect(momentOf('2026-06-01T19:30:00', 'America/New_York')).toBe(at('2026-06-01T23:30:00Z'));
    expect(momentOf('2026-06-01T19:30:00.1234567-07:00', 'UTC')).toBe(at('2026-06-02T02:30:00.123Z'));
    expect(momentOf(undefined, 'UTC')).toBeUndefined();
  });
});

test('the next change is the first moment at which the outcome differs', () => {
  const outcome = (moment: number) => (moment >= 30 ? 'late' : 'early');
  expect(nextChange([40, 10, 30, 20, Number.POSITIVE_INFINITY], 15, outcome)).toBe(30);
  expect(nextChange([40, 10, 30], 30, outcome)).toBeUndefined();
  expect(nextChange([], 0, outcome)).toBeUndefined();
});
