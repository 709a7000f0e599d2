import {
  dateStamp,
  FIRST_OPEN_DAY,
  isCancelled,
  SEASONS,
  type Show,
  SLOTS,
  showOf,
  slotOf,
} from './sandbox-calendar.ts';
import { roll } from './sandbox-dice.ts';
import type { Layout, Role } from './sandbox-layout.ts';
import { named } from './sandbox-lookups.ts';
import type { Dice, Row } from './sandbox-people.ts';
import { baseStamp, netStamp } from './sandbox-stamp.ts';

/** Who has a history: derived like everything else from (seed, id), so that a million of them weigh nothing. */
export interface Somebody {
  id: number;
  role: Exclude<Role, { role: 'merged' }>;
  dice: Dice;
  layout: Layout;
}

const MINUTE = 60_000;
const FRIENDS = { Id: 1, Description: 'Friends of the Theatre' };
const YOUNG = { Id: 2, Description: 'Young Patrons' };
const CORPORATE = { Id: 3, Description: 'Corporate Partners' };

/** The levels that a box office sells, lowest gift first. */
export const LEVELS = [
  { Id: 11, Description: 'Under 30', StartAmount: 25, Rank: 1, MembershipOrganization: YOUNG },
  { Id: 12, Description: 'Friend', StartAmount: 50, Rank: 1, MembershipOrganization: FRIENDS },
  { Id: 13, Description: 'Household', StartAmount: 120, Rank: 2, MembershipOrganization: FRIENDS },
  { Id: 14, Description: 'Patron', StartAmount: 1_000, Rank: 3, MembershipOrganization: FRIENDS },
  { Id: 15, Description: 'Partner', StartAmount: 5_000, Rank: 1, MembershipOrganization: CORPORATE },
] as const;

export const MEMBER = { active: named(2, 'Active'), cancelled: named(6, 'Cancelled') };
export const TICKET = {
  reserved: named(2, 'Seated, Unpaid'),
  paid: named(3, 'Seated, Paid'),
  returned: named(4, 'Return'),
  printed: named(12, 'Ticketed, Paid'),
};

/** A term of 365 days; days of grace after it, and a time to renew before its end. */
export function termFrom(day: number) {
  return {
    InitiationDate: dateStamp(day),
    ExpirationDate: dateStamp(day + 364),
    LapseDate: dateStamp(day + 364 + 45),
    RenewalDate: dateStamp(day + 364 - 75),
  };
}

/** Of every kind: own, the household's, of several organisations, lapsing, lapsed, cancelled, for life. */
export function memberships(person: Somebody): Row[] {
  const { id, role, dice } = person;
  const levels = levelsOf(role.role, dice(id, 310));
  return levels.map((MembershipLevel, index) => {
    const began = SEASONS.from + (dice(id, 312 + index) % 900);
    const years = dice(id, 314 + index) % 4;
    return {
      ...row(person, 91 + index),
      Constituent: { Id: id, DisplayName: '' },
      MembershipLevel,
      CurrentStatus: dice(id, 316 + index) % 20 === 0 ? MEMBER.cancelled : MEMBER.active,
      IsCurrent: true,
      IsDefault: index === 0,
      ...termFrom(began),
      InceptionDate: dateStamp(began - years * 365),
      BenefitProvidingConstituentId: id,
      ...(dice(id, 318 + index) % 30 === 0 ? FOR_LIFE : {}),
    };
  });
}

/** Columns that are null are not there. */
const FOR_LIFE = { ExpirationDate: undefined, LapseDate: undefined, RenewalDate: undefined };

function levelsOf(role: Somebody['role']['role'], number: number): (typeof LEVELS)[number][] {
  const [young, friend, household, patron, partner] = LEVELS;
  switch (role) {
    case 'household':
      return number % 2 === 0 ? [number % 6 === 0 ? patron : household] : [];
    case 'organisation':
      return number % 3 === 0 ? [partner] : [];
    case 'individual':
      return [[friend], [young, friend], [patron], [], [], [], [], [], []][number % 9] ?? [];
  }
}

/** Up to five tickets, for past and future evenings; those of a cancelled evening are returned. */
export function tickets(person: Somebody): Row[] {
  const { id, dice } = person;
  return Array.from({ length: ticketCount(person) }, (_, index) => {
    const day = dayOf(person, index);
    return {
      ...row(person, 71 + index),
      OrderDate: dateStamp(day - 30),
      PaidAmountDecimal: 20 + (dice(id, 330 + index) % 120) / 2,
      Performance: showAt(person, index),
      Owner: { Id: id },
      SubLineItemStatus: ticketStatus(person, index),
    };
  });
}

/** Good scans of derived tickets: some come back in after the interval, some scanners were offline till morning. */
export function attendance(person: Somebody): Row[] {
  const { id, dice } = person;
  return Array.from({ length: ticketCount(person) }).flatMap((_, index) => {
    const day = dayOf(person, index);
    const held = ticketStatus(person, index) === TICKET.printed;
    if (!held || day >= FIRST_OPEN_DAY || dice(id, 350 + index) % 8 === 0) return [];
    const late = dice(id, 360 + index) % 10 === 0;
    const first = scanRow(person, { slot: 71 + index, row: 81 + 2 * index, minutes: late ? 13 * 60 : -20 });
    const back = scanRow(person, { slot: 71 + index, row: 82 + 2 * index, minutes: 75 });
    return dice(id, 370 + index) % 5 === 0 ? [first, back] : [first];
  });

  function scanRow(who: Somebody, scan: { slot: number; row: number; minutes: number }): Row {
    const show = showAt(who, scan.slot - 71);
    const start = Date.parse(show.PerformanceDateTime);
    return {
      ...row(who, scan.row),
      TicketId: who.id * 100 + scan.slot,
      OrderId: who.id * 100 + scan.slot,
      AttendDateTime: netStamp(start + scan.minutes * MINUTE, who.id),
      ScanSource: 'N-Scan',
      Device: 'DOOR01',
      AdmissionAdult: 1,
      Performance: show,
    };
  }
}

function ticketCount({ id, role, dice }: Somebody): number {
  if (role.role === 'organisation') return 0;
  const count = dice(id, 320) % 10;
  return count > 5 ? 0 : count;
}

function dayOf({ id, dice }: Somebody, index: number): number {
  return SEASONS.from + (dice(id, 322 + index) % SEASONS.days);
}

/** One ticket in six is a timed entry to the exhibition. */
function showAt(person: Somebody, index: number): Show {
  const { id, dice } = person;
  const day = dayOf(person, index);
  return isTimed(person, index) ? slotOf(day, dice(id, 390 + index) % SLOTS) : showOf(day);
}

function isTimed({ id, dice }: Somebody, index: number): boolean {
  return dice(id, 380 + index) % 6 === 0;
}

function ticketStatus(person: Somebody, index: number) {
  const { id, dice, layout } = person;
  const kind = dice(id, 340 + index) % 12;
  const cancelled = !isTimed(person, index) && isCancelled(layout.seed, dayOf(person, index));
  if (kind === 0 || cancelled) return TICKET.returned;
  if (kind === 1) return TICKET.reserved;
  return kind === 2 ? TICKET.paid : TICKET.printed;
}

function row({ id, layout }: Somebody, slot: number): Row {
  return {
    Id: id * 100 + slot,
    Constituent: { Id: id },
    UpdatedDateTime: baseStamp(roll(layout.seed, id, 40 + slot)),
    UpdatedBy: 'boxoff',
  };
}
