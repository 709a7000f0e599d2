import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isTimeZone,
  localMidnight,
  nextMidnight,
  parseInstant,
  startOfDay,
  zoneOffset,
} from '../../shared/values/instant.ts';

const ZONES = [
  'UTC',
  'Europe/London',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];
const epoch = fc.integer({ min: Date.UTC(1970, 0, 3), max: Date.UTC(2099, 0, 1) });

function epochOf(text: string, zone?: string): number | string {
  const result = parseInstant(text, zone);
  return result.ok ? result.value.epoch : result.because;
}

describe('parseInstant', () => {
  test('keeps the seven digits of .NET as they came', () => {
    const text = '2025-04-24T05:14:48.7336036-07:00';
    expect(parseInstant(text)).toEqual({
      ok: true,
      value: { text, epoch: Date.parse('2025-04-24T12:14:48.733Z') },
    });
  });

  test.each([
    ['2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1)],
    ['2026-01-01T00:00Z', Date.UTC(2026, 0, 1)],
    ['2024-02-29T23:59:59.9+00:00', Date.UTC(2024, 1, 29, 23, 59, 59, 900)],
    ['2026-01-01 05:30:00+0530', Date.UTC(2026, 0, 1)],
    ['1899-12-30T00:00:00Z', Date.UTC(1899, 11, 30)],
  ])('%s', (text, expected) => {
    expect(epochOf(text)).toBe(expected);
  });

  test.each([
    ['', 'is not an ISO 8601 date and time'],
    ['2026-01-01', 'is not an ISO 8601 date and time'],
    ['01/02/2026 10:00', 'is not an ISO 8601 date and time'],
    ['2026-01-01T00:00:00', 'has no offset from UTC'],
    ['2025-02-29T00:00:00Z', 'names a date or a time that does not exist'],
    ['2026-13-01T00:00:00Z', 'names a date or a time that does not exist'],
    ['2026-01-01T24:00:00Z', 'names a date or a time that does not exist'],
  ])('refuses %j: %s', (text, because) => {
    expect(epochOf(text)).toBe(because);
  });

  test('a stamp without offset is local time: summer, winter, the repeated and the skipped hour', () => {
    expect(epochOf('2026-07-01T12:00:00', 'Europe/London')).toBe(Date.UTC(2026, 6, 1, 11));
    expect(epochOf('2026-12-01T12:00:00', 'Europe/London')).toBe(Date.UTC(2026, 11, 1, 12));
    expect(epochOf('2026-10-25T01:30:00', 'Europe/London')).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(epochOf('2026-03-29T01:30:00', 'Europe/London')).toBe(Date.UTC(2026, 2, 29, 1, 30));
  });

  test('agrees with the calendar of the platform, for any moment and any offset', () => {
    fc.assert(
      fc.property(epoch, fc.integer({ min: -14 * 60, max: 14 * 60 }), (at, minutes) => {
        const local = new Date(at + minutes * 60_000).toISOString().slice(0, -1);
        const size = Math.abs(minutes);
        const pad = (n: number) => String(n).padStart(2, '0');
        const offset = `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
        expect(epochOf(`${local}${offset}`)).toBe(at);
      }),
    );
  });

  test('local time read back in its zone is the same wall clock', () => {
    fc.assert(
      fc.property(epoch, fc.constantFrom(...ZONES), (at, zone) => {
        const wall = at + zoneOffset(at, zone);
        const again = epochOf(new Date(wall).toISOString().slice(0, -1), zone);
        expect(typeof again).toBe('number');
        // The second pass of a repeated hour reads as the first one.
        const early = at - Number(again);
        expect(early === 0 || (early > 0 && early <= 3_600_000)).toBe(true);
      }),
    );
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['number', 'string']).toContain(typeof epochOf(text, 'Europe/London'));
      }),
    );
  });
});

describe('startOfDay', () => {
  test('is local midnight, on the days when the clocks change too', () => {
    const london = (text: string) => startOfDay(Date.parse(text), 'Europe/London');
    expect(london('2026-07-01T00:30:00Z')).toBe(Date.parse('2026-06-30T23:00:00Z'));
    expect(london('2026-07-01T23:30:00Z')).toBe(Date.parse('2026-07-01T23:00:00Z'));
    expect(london('2026-10-25T12:00:00Z')).toBe(Date.parse('2026-10-24T23:00:00Z'));
    expect(london('2026-03-29T12:00:00Z')).toBe(Date.parse('2026-03-29T00:00:00Z'));
  });

  test('where clocks skip midnight, the day begins at one', () => {
    expect(startOfDay(Date.parse('2018-11-04T12:00:00Z'), 'America/Sao_Paulo')).toBe(
      Date.parse('2018-11-04T03:00:00Z'),
    );
  });

  test('is never later than the moment, less than 26 hours before it, and idempotent', () => {
    fc.assert(
      fc.property(epoch, fc.constantFrom(...ZONES), (at, zone) => {
        const start = startOfDay(at, zone);
        expect(start).toBeLessThanOrEqual(at);
        expect(at - start).toBeLessThan(26 * 3_600_000);
        expect(startOfDay(start, zone)).toBe(start);
      }),
    );
  });
});

test('localMidnight of a date', () => {
  expect(localMidnight('2026-07-01', 'Europe/London')).toEqual({
    ok: true,
    value: Date.UTC(2026, 5, 30, 23),
  });
  expect(localMidnight('2026-02-30', 'Europe/London').ok).toBe(false);
  expect(localMidnight('soon', 'Europe/London').ok).toBe(false);
});

test('names of the IANA database are time zones, Windows names are not', () => {
  expect(isTimeZone('America/New_York')).toBe(true);
  expect(isTimeZone('Eastern Standard Time')).toBe(false);
  expect(isTimeZone('')).toBe(false);
});

test.each([
  ['2026-10-24T23:30:00Z', 'Europe/London', '2026-10-26T00:00:00Z', 'at the start of a day of 25 hours'],
  ['2026-10-25T12:00:00Z', 'Europe/London', '2026-10-26T00:00:00Z', 'on the day when clocks go back'],
  ['2026-03-29T12:00:00Z', 'Europe/London', '2026-03-29T23:00:00Z', 'on the day when clocks go forward'],
  ['2026-11-24T04:59:59Z', 'America/New_York', '2026-11-24T05:00:00Z', 'a second before it'],
])('after %s in %s the next midnight is %s: %s', (now, zone, midnight) => {
  expect(nextMidnight(Date.parse(now), zone)).toBe(Date.parse(midnight));
});
