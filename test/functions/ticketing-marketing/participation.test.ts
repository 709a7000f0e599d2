import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapAttending } from '../../../functions/ticketing-marketing/participation.ts';
import { attendingIds } from '../../../functions/ticketing-marketing/participation-source.ts';
import { overAt } from '../../../functions/ticketing-marketing/performance-day.ts';
import { usualProgramme } from '../../../functions/ticketing-marketing/performance-programme.ts';
import type { Constituent, Performance } from '../../../shared/connectors/tessitura/index.ts';
import type { Attendance, Ticket } from '../../../shared/connectors/tessitura/schema.ts';
import { constituent } from '../builders.ts';
import { admission, cancelled, evening, SEASON_DAY, seat, slot } from '../season-builders.ts';

const BEFORE = Date.parse('2026-06-10T08:00:00+01:00');
const OVER = overAt('7', [evening()], usualProgramme);

interface Case {
  tickets?: readonly Ticket[];
  scans?: readonly Attendance[];
  shows?: readonly Performance[];
  event?: string;
  now?: number;
  patron?: Partial<Constituent>;
}

function part({ tickets = [], scans = [], shows = [evening()], event = '7', now = BEFORE, patron }: Case) {
  const who = constituent({ SubLineItems: [...tickets], AttendanceHistory: [...scans], ...patron });
  return mapAttending({ id: `${event}-1001`, event, patron: who, shows }, { now });
}

function stateOf(one: Case) {
  const mapped = part(one);
  return mapped.kind === 'present' ? mapped.fields.state : mapped.kind === 'absent' ? mapped.because : mapped;
}

function atOf(one: Case): number {
  const mapped = part(one);
  return mapped.kind === 'present' ? Date.parse(String(mapped.fields.at)) : Number.NaN;
}

const group = (Description: string) => ({ Id: 2, ConstituentGroup: { Id: 2, Description } });
const RETURN = 'Return';

describe('somebody', () => {
  test.each<[string, Case, string]>([
    ['has a ticket', { tickets: [seat(7)] }, 'registered'],
    ['has not paid for it yet', { tickets: [seat(7, 'Reserved, Unseated')] }, 'no ticket has been paid'],
    ['came', { tickets: [seat(7)], scans: [admission(7)] }, 'attended'],
    [
      'came on a ticket that was returned since',
      { tickets: [seat(7, RETURN)], scans: [admission(7)] },
      'attended',
    ],
    ['came long after everybody', { tickets: [seat(7)], scans: [admission(7)], now: OVER + 1e9 }, 'attended'],
    ['returned it', { tickets: [seat(7, RETURN)] }, 'cancelled'],
    ['returned one of two', { tickets: [seat(7, RETURN), seat(7)] }, 'registered'],
    ['did not come', { tickets: [seat(7)], now: OVER }, 'no_show'],
    ['may still be told to have come', { tickets: [seat(7)], now: OVER - 1 }, 'registered'],
    ['had one for what is cancelled', { tickets: [seat(7)], shows: [evening(cancelled)] }, 'cancelled'],
    [
      'was let in before it was called off',
      { tickets: [seat(7)], scans: [admission(7)], shows: [evening(cancelled)] },
      'cancelled',
    ],
    [
      'bought it for somebody else',
      { tickets: [seat(7, 'Paid', { Recipient: { Id: 9 } })] },
      'no ticket has been paid',
    ],
    ['is protected', { tickets: [seat(7)], patron: { ProtectionType: { Id: 1 } } }, 'protected'],
    [
      'is a household',
      { tickets: [seat(7)], patron: { ConstituentType: group('Household') } },
      'not an individual',
    ],
    ['had one half a year ago', { tickets: [seat(7)], now: OVER + 181 * 86_400_000 }, 'too long ago'],
    [
      'has one for a type that is not listed',
      { tickets: [seat(7)], shows: [evening({ Type: { Id: 2 } })] },
      'not of a type that marketing is to know of',
    ],
  ])('%s', (_, one, state) => {
    expect(stateOf(one)).toBe(state);
  });

  test('is looked at again when it is over, and only who registered', () => {
    expect(part({ tickets: [seat(7)] })).toHaveProperty('recheckAt', OVER);
    for (const one of [
      { scans: [admission(7)] },
      { tickets: [seat(7, RETURN)] },
      { tickets: [seat(7)], now: OVER },
    ])
      expect(part(one)).not.toHaveProperty('recheckAt');
  });

  test('came to one slot of a day: the others do not matter', () => {
    const shows = [slot(0), slot(5, cancelled)];
    const day = { event: SEASON_DAY, shows, tickets: [seat(1_000), seat(1_005)] };
    expect(stateOf(day)).toBe('registered');
    expect(stateOf({ ...day, tickets: [seat(1_005)] })).toBe('cancelled');
    expect(stateOf({ ...day, scans: [admission(1_000)] })).toBe('attended');
    expect(part(day)).toHaveProperty('recheckAt', Date.parse('2026-06-11T12:00:00+01:00'));
  });

  test('each state is later than those it can follow', () => {
    const ordered = { OrderDate: '2026-06-01T10:00:00+01:00' };
    const held: Ticket & { OrderDate: string } = { ...seat(7), ...ordered };
    const back = { ...seat(7, RETURN), ...ordered };
    const steps: Case[] = [
      { tickets: [held] },
      { tickets: [back] },
      { tickets: [back, held] },
      { tickets: [back, back] },
      { tickets: [back, back], scans: [admission(7)] },
      { tickets: [back, back], scans: [admission(7)], shows: [evening(cancelled)] },
    ];
    const moments = steps.map(atOf);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(new Set(moments).size).toBe(moments.length);
    // A door sale: bought after the performance began.
    const door = { ...held, OrderDate: '2026-06-10T19:40:00+01:00' };
    expect(atOf({ tickets: [door], scans: [admission(7)] })).toBeGreaterThan(atOf({ tickets: [door] }));
    expect(new Date(atOf({ tickets: [held] })).toISOString()).toBe('2026-06-01T09:00:10.000Z');
  });

  test('is named with the event', () => {
    expect(attendingIds('season-5001-2026-06-10-1001')).toEqual({ event: SEASON_DAY, patron: '1001' });
    expect(attendingIds('7-1001')).toEqual({ event: '7', patron: '1001' });
    for (const none of ['7', '-1', '7-', 'x']) expect(attendingIds(none)).toBeUndefined();
  });
});

const anyTicket = fc
  .record({
    show: fc.constantFrom(7, 7, 7, 8),
    status: fc.constantFrom('Ticketed, Paid', 'Seated, Paid', RETURN, 'Reserved, Unseated'),
    Recipient: fc.constantFrom(undefined, undefined, { Id: 1001 }, { Id: 9 }),
    OrderDate: fc.constantFrom(undefined, '2026-05-01T10:00:00+01:00', '2026-06-10T20:00:00+01:00'),
  })
  .map(({ show, status, ...more }): Ticket => seat(show, status, more));
const anyScan = fc
  .record({
    show: fc.constantFrom(7, 7, 8),
    minute: fc.integer({ min: 0, max: 59 }),
    Id: fc.integer({ min: 1, max: 9 }),
    TicketId: fc.constantFrom(undefined, 71, 72),
  })
  .map(({ show, minute, ...more }) => ({
    ...admission(show, `2026-06-10T19:${String(minute).padStart(2, '0')}:00+01:00`),
    ...more,
  }));
const anyCase = fc.record({
  tickets: fc.array(anyTicket, { maxLength: 4 }),
  scans: fc.array(anyScan, { maxLength: 4 }),
  shows: fc.constantFrom([evening()], [evening(cancelled)]),
  now: fc.constantFrom(BEFORE, OVER - 1, OVER, OVER + 1e9),
});
const mine = (scans: readonly Attendance[]) => scans.filter((row) => row.Performance?.Id === 7);

describe('whatever tickets and scans there are', () => {
  test('their order, and being told twice, mean nothing', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(), (one, turn) => {
        const turned = <T>(rows: readonly T[]) => rows.map((row, n) => rows[(n + turn) % rows.length] ?? row);
        const other = { ...one, tickets: turned(one.tickets), scans: [...turned(one.scans), ...one.scans] };
        expect(part(other)).toEqual(part(one));
        expect(part(one)).toEqual(part(one));
      }),
    );
  });

  test('nobody attended who was not let in, and whoever was did, unless it was called off', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const playing = one.shows[0]?.Status?.Id === 1;
        expect(stateOf(one) === 'attended').toBe(playing && mine(one.scans).length > 0);
      }),
    );
  });

  test('once every ticket is returned nobody is registered or missed', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const tickets = one.tickets.map((each) => ({
          ...each,
          SubLineItemStatus: { Id: 3, Description: RETURN },
        }));
        expect(['registered', 'no_show']).not.toContain(stateOf({ ...one, tickets }));
      }),
    );
  });

  test('a scan that comes late, of whatever ticket, only ever turns a state into attended, and never back in time', () => {
    fc.assert(
      fc.property(anyCase, anyScan, (one, late) => {
        const after = { ...one, scans: [...one.scans, late] };
        const [before, now] = [part(one), part(after)];
        if (before.kind === 'present' && mine([late]).length === 0) expect(now).toEqual(before);
        if (before.kind === 'present') expect(atOf(after)).toBeGreaterThanOrEqual(atOf(one));
        if (before.kind === 'present' && before.fields.state === 'attended') expect(now).toEqual(before);
      }),
    );
  });

  test('time alone turns registered into no_show, at the moment of its recheck', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const mapped = part(one);
        if (mapped.kind !== 'present') return;
        if (mapped.recheckAt === undefined) {
          expect(part({ ...one, now: OVER + 1e9 })).toEqual(mapped);
          return;
        }
        expect(stateOf({ ...one, now: mapped.recheckAt - 1 })).toBe('registered');
        expect(stateOf({ ...one, now: mapped.recheckAt })).toBe('no_show');
        expect(atOf({ ...one, now: mapped.recheckAt })).toBe(atOf(one));
      }),
    );
  });
});
