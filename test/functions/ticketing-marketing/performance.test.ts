import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapPerformance } from '../../../functions/ticketing-marketing/performance.ts';
import { eventIdOf, overAt, seasonDayOf } from '../../../functions/ticketing-marketing/performance-day.ts';
import { usualProgramme } from '../../../functions/ticketing-marketing/performance-programme.ts';
import type { Performance } from '../../../shared/connectors/tessitura/index.ts';
import { cancelled, evening, SEASON_DAY, slot } from '../season-builders.ts';

const MORNING = Date.parse('2026-06-10T08:00:00+01:00');
const id = (show: Performance) => eventIdOf(show, usualProgramme);
const mapped = (event: string, shows: Performance[], now = MORNING) =>
  mapPerformance({ id: event, shows }, { now });
const fields = (event: string, shows: Performance[], now = MORNING) => {
  const one = mapped(event, shows, now);
  return one.kind === 'present' ? one.fields : one;
};

describe('an event', () => {
  test('is one performance of an allowed type', () => {
    expect(mapped('7', [evening()])).toEqual({
      kind: 'present',
      fields: {
        name: 'Hamlet, 2026-06-10 19:30',
        type: 'Performance',
        start: '2026-06-10T18:30:00.000Z',
        end: '2026-06-10T21:00:00.000Z',
        cancelled: false,
        completed: false,
      },
      recheckAt: Date.parse('2026-06-11T09:00:00Z'),
    });
  });

  test('or all slots of a production season on one day', () => {
    expect(mapped(SEASON_DAY, [slot(3), slot(0), slot(13)])).toEqual({
      kind: 'present',
      fields: {
        name: 'Masks, 2026-06-10',
        type: 'Timed Entry',
        start: '2026-06-10T09:00:00.000Z',
        end: '2026-06-10T16:00:00.000Z',
        cancelled: false,
        completed: false,
      },
      recheckAt: Date.parse('2026-06-11T12:00:00+01:00'),
    });
  });

  test('or nothing that marketing is to know of', () => {
    expect(id(evening({ Type: { Id: 2, Description: 'Tour' } }))).toBeUndefined();
    expect(id(evening({ Type: undefined }))).toBeUndefined();
    expect(id(slot(1, { ProductionSeason: undefined }))).toBeUndefined();
    expect(mapped('7', [evening({ Type: { Id: 2 } })]).kind).toBe('absent');
  });

  test('belongs to the day of its own calendar', () => {
    const late = slot(0, { startsAt: Date.parse('2026-06-10T23:30:00Z') });
    expect([id(slot(1)), id(late), id(evening())]).toEqual([SEASON_DAY, 'season-5001-2026-06-11', '7']);
    expect(seasonDayOf(SEASON_DAY)).toEqual({ season: 5_001, day: '2026-06-10' });
    for (const none of ['7', 'season-5001-2026-02-30', 'season--2026-06-10'])
      expect(seasonDayOf(none)).toBeUndefined();
  });

  test('is cancelled, and then never over', () => {
    const over = overAt('7', [evening()], usualProgramme);
    expect(fields('7', [evening(cancelled)], over)).toMatchObject({ cancelled: true, completed: false });
    expect(mapped('7', [evening(cancelled)])).not.toHaveProperty('recheckAt');
    const slots = [slot(0, cancelled), slot(1), slot(2, cancelled)];
    expect(fields(SEASON_DAY, slots)).toMatchObject({ cancelled: false, start: '2026-06-10T09:30:00.000Z' });
    expect(fields(SEASON_DAY, [slot(0, cancelled)])).toMatchObject({ cancelled: true });
  });

  test('is over twelve hours after its end, known or usual', () => {
    const over = overAt('7', [evening()], usualProgramme);
    expect(fields('7', [evening()], over - 1)).toMatchObject({ completed: false });
    expect(fields('7', [evening()], over)).toMatchObject({ completed: true });
    const { endsAt: _, ...endless } = evening();
    expect(fields('7', [endless])).toMatchObject({ end: '2026-06-10T21:30:00.000Z' });
  });
});

const anySlots = fc
  .array(fc.record({ number: fc.integer({ min: 0, max: 13 }), off: fc.boolean() }), { minLength: 1 })
  .map((all) => all.map(({ number, off }) => slot(number, off ? cancelled : {})));

test('whatever the order of its slots, a day is the same event, and its recheck is the moment that it changes', () => {
  fc.assert(
    fc.property(anySlots, fc.integer({ min: -200, max: 200 }), (slots, hours) => {
      const now = MORNING + hours * 3_600_000;
      const one = mapped(SEASON_DAY, slots, now);
      expect(mapped(SEASON_DAY, slots.toReversed(), now)).toEqual(one);
      if (one.kind !== 'present') throw new Error('it is there');
      const { recheckAt } = one;
      if (recheckAt === undefined) expect(fields(SEASON_DAY, slots, now + 1e10)).toEqual(one.fields);
      else {
        expect(recheckAt).toBeGreaterThan(now);
        expect(fields(SEASON_DAY, slots, recheckAt - 1)).toEqual(one.fields);
        expect(fields(SEASON_DAY, slots, recheckAt)).not.toEqual(one.fields);
      }
      for (const each of slots)
        expect(overAt(SEASON_DAY, [each], usualProgramme)).toBe(overAt(SEASON_DAY, slots, usualProgramme));
    }),
  );
});
