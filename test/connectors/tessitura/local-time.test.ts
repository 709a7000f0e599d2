import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  localStamp,
  offsetAt,
  offsetMinutes,
  safeWindow,
} from '../../../shared/connectors/tessitura/local-time.ts';

const NEW_YORK = 'America/New_York';
/** The second 01:30 of 1 November 2026 in New York. */
const SECOND_PASS = Date.parse('2026-11-01T06:30:00Z');
const HOUR = 3_600_000;

describe('local time with an offset', () => {
  test.each([
    ['2026-11-01T05:30:00Z', '2026-11-01T01:30:00.000-04:00'],
    ['2026-11-01T06:30:00Z', '2026-11-01T01:30:00.000-05:00'],
    ['2026-03-08T06:59:59Z', '2026-03-08T01:59:59.000-05:00'],
    ['2026-03-08T07:00:00Z', '2026-03-08T03:00:00.000-04:00'],
  ])('%s is %s in New York', (utc, local) => {
    const at = Date.parse(utc);
    expect(localStamp(at, offsetAt(NEW_YORK, at))).toBe(local);
  });

  test.each([
    ['Asia/Kolkata', 330],
    ['UTC', 0],
    ['Australia/Lord_Howe', 660],
  ])('%s in January', (zone, minutes) => {
    expect(offsetAt(zone, Date.parse('2026-01-15T00:00:00Z'))).toBe(minutes);
  });

  test('a stamp is the instant it was made from, in every zone', () => {
    const zone = fc.constantFrom(NEW_YORK, 'Asia/Kolkata', 'Australia/Lord_Howe', 'Europe/London', 'UTC');
    const at = fc.integer({ min: Date.parse('2000-01-01'), max: Date.parse('2040-01-01') });
    fc.assert(
      fc.property(zone, at, (name, instant) => {
        expect(Date.parse(localStamp(instant, offsetAt(name, instant)))).toBe(instant);
      }),
    );
  });

  test.each([
    ['-05:00', -300],
    ['+05:30', 330],
    ['Z', 0],
    ['+5', undefined],
    ['EST', undefined],
  ])('offset %s', (text, minutes) => {
    expect(offsetMinutes(text)).toBe(minutes);
  });
});

describe('windows', () => {
  test('on an ordinary day exactly what was asked', () => {
    const [from, to] = [Date.parse('2026-06-01T12:00:00Z'), Date.parse('2026-06-01T12:05:00Z')];
    expect(safeWindow(NEW_YORK, from, to)).toEqual({
      from: '2026-06-01T08:00:00.000-04:00',
      to: '2026-06-01T08:05:00.000-04:00',
    });
  });

  test('in the repeated hour wide enough, even if the service drops the offsets', () => {
    const [from, to] = [SECOND_PASS - 40 * 60_000, SECOND_PASS];
    const window = safeWindow(NEW_YORK, from, to);
    const wall = (at: number) => localStamp(at, offsetAt(NEW_YORK, at)).slice(0, 19);
    expect(wall(from) > wall(to)).toBe(true);
    for (const at of [from, from + 60_000, to - 60_000, to]) {
      expect(window.from.slice(0, 19) <= wall(at)).toBe(true);
      expect(window.to.slice(0, 19) >= wall(at)).toBe(true);
    }
  });

  test('always covers the window, as instants and on the wall', () => {
    const start = fc.integer({ min: Date.parse('2026-10-31'), max: Date.parse('2026-11-02') });
    fc.assert(
      fc.property(
        start,
        fc.integer({ min: 0, max: HOUR }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (from, length, where) => {
          const { from: a, to: b } = safeWindow(NEW_YORK, from, from + length);
          expect(Date.parse(a)).toBeLessThanOrEqual(from);
          expect(Date.parse(b)).toBeGreaterThanOrEqual(from + length);
          const at = from + Math.floor(length * where);
          const wall = localStamp(at, offsetAt(NEW_YORK, at)).slice(0, 23);
          expect(a.slice(0, 23) <= wall && wall <= b.slice(0, 23)).toBe(true);
        },
      ),
    );
  });
});
