import type { Performance } from '../../shared/connectors/tessitura/index.ts';
import type { Attendance, Ticket } from '../../shared/connectors/tessitura/schema.ts';

const ZONE = 'Europe/London';
const SLOT = 5;
const EVENING = 1;

/** An evening of two and a half hours at half past seven, by default number 7. */
export function evening(overrides: Partial<Performance> = {}): Performance {
  return show({ Id: 7, Type: { Id: EVENING, Description: 'Performance' }, ...overrides });
}

/** A half-hour slot of the exhibition on the same day; its number is that of the slot. */
export function slot(number: number, overrides: Partial<Performance> = {}): Performance {
  const startsAt = Date.parse('2026-06-10T10:00:00+01:00') + number * 1_800_000;
  return show({
    Id: 1_000 + number,
    Description: 'Masks',
    Type: { Id: SLOT, Description: 'Timed Entry' },
    ProductionSeason: { Id: 5_001, Description: 'Masks' },
    startsAt,
    endsAt: startsAt + 1_800_000,
    ...overrides,
  });
}

export const SEASON_DAY = 'season-5001-2026-06-10';

function show(overrides: Partial<Performance>): Performance {
  const startsAt = Date.parse('2026-06-10T19:30:00+01:00');
  return {
    Id: 7,
    Description: 'Hamlet',
    Date: '2026-06-10T19:30:00+01:00',
    Status: { Id: 1, Description: 'Available' },
    ProductionSeason: { Id: 3_001, Description: 'Hamlet' },
    startsAt,
    endsAt: startsAt + 150 * 60_000,
    timeZone: ZONE,
    ...overrides,
  };
}

export const cancelled = { Status: { Id: 4, Description: 'Cancelled' } };

/** A paid ticket of 1001 for a performance. */
export function seat(
  performanceId: number,
  status: string = 'Ticketed, Paid',
  more: Partial<Ticket> = {},
): Ticket {
  return {
    SubLineItemId: 71,
    Performance: { Id: performanceId, PerformanceDateTime: '2026-06-10T19:30:00+01:00' },
    Owner: { Id: 1001 },
    SubLineItemStatus: { Id: 12, Description: status },
    ...more,
  };
}

/** A good scan for a performance. */
export function admission(performanceId: number, at = '2026-06-10T19:05:00+01:00'): Attendance {
  return {
    Id: 81,
    TicketId: 71,
    AttendDateTime: at,
    Performance: { Id: performanceId, PerformanceDateTime: '2026-06-10T19:30:00+01:00' },
  };
}
