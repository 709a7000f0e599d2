import { describe, expect, test } from 'vitest';
import { attendanceOf } from '../../../functions/ticketing-marketing/attendance.ts';
import { mapPatron } from '../../../functions/ticketing-marketing/patron.ts';
import { usualSite } from '../../../functions/ticketing-marketing/site.ts';
import type { Attendance, Ticket } from '../../../shared/connectors/tessitura/schema.ts';
import { constituent, evening, scan, ticket } from '../builders.ts';

const at = (text: string) => Date.parse(text);
const NOW = at('2026-11-24T12:00:00Z');
const word = (Description: string) => ({ Id: 5, Description });

function fieldsOf(SubLineItems: Ticket[], AttendanceHistory: Attendance[], now = NOW) {
  const fields = attendanceOf(constituent({ SubLineItems, AttendanceHistory }), usualSite).at(now);
  return [
    fields.tessitura_last_attended,
    fields.tessitura_visits_12m,
    fields.tessitura_next_performance,
    fields.tessitura_lifetime_tickets,
  ];
}

test('nothing is set where tickets are not read, and nobody has been nowhere', () => {
  expect(attendanceOf(constituent(), usualSite).at(NOW)).toEqual({});
  expect(fieldsOf([], [])).toEqual([null, '0', null, '0.00']);
});

describe('visits', () => {
  const others = { Recipient: { Id: 7 } };
  test.each([
    ['one scan', [scan('2026-11-01')], '2026-11-01', '1'],
    ['a re-entry is the same visit', [scan('2026-11-01'), scan('2026-11-01', { Id: 82 })], '2026-11-01', '1'],
    [
      'two tickets are one visit',
      [scan('2026-11-01'), scan('2026-11-01', { TicketId: 72 })],
      '2026-11-01',
      '1',
    ],
    [
      'a late scan belongs to its performance',
      [scan('2026-11-01', { AttendDateTime: '2026-11-03T09:00:00Z' })],
      '2026-11-01',
      '1',
    ],
    [
      'two performances on one day',
      [scan('2026-11-01'), scan('2026-11-01', { Performance: { ...evening('2026-11-01'), Id: 5 } })],
      '2026-11-01',
      '2',
    ],
    ['the last day of the twelve months', [scan('2025-11-25')], '2025-11-25', '1'],
    ['a year ago today', [scan('2025-11-24')], '2025-11-24', '0'],
    ['a card scanned without a ticket', [scan('2026-11-01', { Performance: undefined })], null, '0'],
    ['somebody else’s evening', [scan('2026-11-01', others)], null, '0'],
    ['the own evening by name', [scan('2026-11-01', { Recipient: { Id: 1001 } })], '2026-11-01', '1'],
    ['let in before it begins', [scan('2026-11-24')], '2026-11-24', '1'],
  ] as [string, Attendance[], string | null, string][])('%s', (_, scans, last, visits) => {
    expect(fieldsOf([], scans)).toEqual([last, visits, null, '0.00']);
    expect(fieldsOf([], scans.toReversed())).toEqual([last, visits, null, '0.00']);
  });
});

describe('tickets', () => {
  const status = (Description: string) => ({ SubLineItemStatus: word(Description) });
  test.each([
    ['one ahead', [ticket('2026-12-01')], '2026-12-01', '35.00'],
    ['the nearest', [ticket('2027-01-01'), ticket('2026-12-01')], '2026-12-01', '70.00'],
    ['a past one is money only', [ticket('2026-01-01')], null, '35.00'],
    ['tonight', [ticket('2026-11-24')], '2026-11-24', '35.00'],
    ['returned', [ticket('2026-12-01', status('Return'))], null, '0.00'],
    [
      'a return with its money',
      [
        ticket('2026-12-01', status('Return')),
        ticket('2026-12-01', { ...status('Return'), PaidAmountDecimal: -35 }),
      ],
      null,
      '0.00',
    ],
    ['paid, then given back', [ticket('2026-12-01', status('Returned, Paid'))], null, '0.00'],
    ['reserved only', [ticket('2026-12-01', status('Seated, Unpaid'))], null, '0.00'],
    ['paid, not printed', [ticket('2026-12-01', status('Seated, Paid'))], '2026-12-01', '35.00'],
    [
      'cents add up',
      [ticket('2026-01-01', { PaidAmountDecimal: 0.1 }), ticket('2026-01-01', { PaidAmountDecimal: 0.2 })],
      null,
      '0.30',
    ],
    ['a gift for somebody else', [ticket('2026-12-01', { Recipient: { Id: 7 } })], null, '35.00'],
    [
      'a gift from somebody else',
      [ticket('2026-12-01', { Owner: { Id: 7 }, Recipient: { Id: 1001 } })],
      '2026-12-01',
      '0.00',
    ],
    ['a package line', [ticket('2026-12-01', { Performance: undefined })], null, '35.00'],
    ['never below nothing', [ticket('2026-01-01', { PaidAmountDecimal: -5 })], null, '0.00'],
  ] as [string, Ticket[], string | null, string][])('%s', (_, tickets, next, amount) => {
    expect(fieldsOf(tickets, [])).toEqual([null, '0', next, amount]);
    expect(fieldsOf(tickets.toReversed(), [])).toEqual([null, '0', next, amount]);
  });
});

describe('looks again', () => {
  const recheckAt = (SubLineItems: Ticket[], AttendanceHistory: Attendance[]) => {
    const mapped = mapPatron(constituent({ SubLineItems, AttendanceHistory }), { now: NOW });
    return mapped.kind === 'present' ? mapped.recheckAt : 'not a contact';
  };
  test.each([
    ['when the next performance has begun', [ticket('2026-12-01')], [], '2026-12-01T19:30:00Z'],
    ['when a visit leaves the twelve months', [], [scan('2026-03-01')], '2027-03-01T00:00:00Z'],
    ['at the earlier of the two', [ticket('2026-12-01')], [scan('2025-11-30')], '2026-11-30T00:00:00Z'],
    [
      'not for a matinee on the same day',
      [
        ticket('2026-12-01'),
        ticket('2026-12-01', { Performance: { Id: 9, PerformanceDateTime: '2026-12-01T14:00:00Z' } }),
      ],
      [],
      '2026-12-01T19:30:00Z',
    ],
  ] as [string, Ticket[], Attendance[], string][])('%s', (_, tickets, scans, expected) => {
    expect(recheckAt(tickets, scans)).toBe(at(expected));
  });

  test('never, when time alone changes nothing', () => {
    expect(recheckAt([ticket('2026-01-01')], [scan('2024-01-01')])).toBeUndefined();
  });
});
