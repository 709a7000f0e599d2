import * as fc from 'fast-check';
import type {
  Attendance,
  Constituent,
  Membership,
  Ticket,
} from '../../shared/connectors/tessitura/schema.ts';
import { affiliation, level, membership, scan, ticket } from './builders.ts';

/** Days around the moments of the tests, near enough to each other to meet. */
const day = fc
  .integer({ min: 0, max: 1_600 })
  .map((days) => new Date(Date.UTC(2024, 0) + days * 86_400_000).toISOString().slice(0, 10));
/** As vendors write them: with an offset, or as local time without one. */
const stamp = fc
  .tuple(day, fc.constantFrom('', 'T00:00:00', 'T00:00:00.0000000-05:00', 'T13:30:00Z'))
  .map(([date, time]) => (time === '' ? `${date}T00:00:00+01:00` : `${date}${time}`));
const perhaps = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 3 });
const status = (...words: string[]) =>
  fc.constantFrom(...words).map((Description) => ({ Id: 1, Description }));
const person = fc.constantFrom({ Id: 1001 }, { Id: 1000 }, { Id: 7 });

const memberships: fc.Arbitrary<Membership[]> = fc
  .array(
    fc
      .record({
        Id: fc.integer({ min: 60, max: 66 }),
        Constituent: person,
        CurrentStatus: status('Active', 'Active', 'Active', 'Cancelled', 'Pending'),
        MembershipLevel: fc.constantFrom(
          level('Friend', 50),
          level('Patron', 1_000),
          level('Under 30', 25, 'Young'),
        ),
        InitiationDate: perhaps(stamp),
        InceptionDate: perhaps(stamp),
        ExpirationDate: perhaps(stamp),
        LapseDate: perhaps(stamp),
        RenewalDate: perhaps(stamp),
        BenefitProvidingConstituentId: fc.constantFrom(undefined, undefined, 1000),
      })
      .map(membership),
    { maxLength: 4 },
  )
  .map(distinct);

const affiliations = fc.array(
  fc
    .record({
      StartDate: perhaps(stamp),
      EndDate: perhaps(stamp),
      Inactive: fc.constantFrom(false, false, true),
    })
    .map(affiliation),
  { maxLength: 2 },
);

const tickets: fc.Arbitrary<Ticket[]> = fc.array(
  fc
    .tuple(
      day,
      fc.record({
        PaidAmountDecimal: fc.constantFrom(35, 0.1, 19.99, 0, -35),
        SubLineItemStatus: status('Seated, Paid', 'Ticketed, Paid', 'Return', 'Seated, Unpaid'),
        Owner: fc.constantFrom(undefined, { Id: 1001 }, { Id: 7 }),
        Recipient: fc.constantFrom(undefined, undefined, { Id: 1001 }, { Id: 7 }),
      }),
    )
    .map(([date, more]) => ticket(date, more)),
  { maxLength: 5 },
);

const scans: fc.Arbitrary<Attendance[]> = fc.array(
  fc
    .tuple(
      day,
      fc.record({
        TicketId: fc.integer({ min: 71, max: 73 }),
        Recipient: fc.constantFrom(undefined, { Id: 7 }),
      }),
    )
    .map(([date, more]) => scan(date, more)),
  { maxLength: 5 },
);

/** Memberships, tickets and scans of patron 1001 and household 1000, anything the vendor may send. */
export const anyHistory = fc.record({
  Memberships: memberships,
  Affiliations: affiliations,
  SubLineItems: tickets,
  AttendanceHistory: scans,
  timeZone: fc.constantFrom('Europe/London', 'America/New_York'),
});

/** The same in the opposite order. */
export function reversedHistory(patron: Constituent) {
  return {
    Memberships: patron.Memberships?.toReversed(),
    Affiliations: patron.Affiliations?.toReversed(),
    SubLineItems: patron.SubLineItems?.toReversed(),
    AttendanceHistory: patron.AttendanceHistory?.toReversed(),
  };
}

function distinct(rows: Membership[]): Membership[] {
  return [...new Map(rows.map((row) => [row.Id, row])).values()];
}
