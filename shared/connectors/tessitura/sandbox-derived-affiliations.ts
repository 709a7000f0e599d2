import { dateStamp, FIRST_OPEN_DAY, SEASONS } from './sandbox-calendar.ts';
import type { Somebody } from './sandbox-history.ts';
import { roleOf } from './sandbox-layout.ts';
import { EMPLOYEE, HOUSEHOLD_MEMBER } from './sandbox-lookups.ts';
import type { Row } from './sandbox-people.ts';

/** A household's members, some who left one, and some who work for an organisation of their block of ids. */
export function affiliations(person: Somebody, row: (slot: number) => Row): Row[] {
  const { id, role, dice, layout } = person;
  if (role.role !== 'individual') return [];
  const slot = (id - 1) % 10;
  const first = id - slot;
  const to = (group: number) => ({ GroupConstituent: { Id: group }, IndividualConstituent: { Id: id } });
  const since = { StartDate: dateStamp(SEASONS.from + (dice(id, 92) % 300)) };
  const roleAt = (other: number) => roleOf(layout, other)?.role;
  if (role.household !== undefined) {
    const member = { AffiliationType: HOUSEHOLD_MEMBER, PrimaryIndicator: true, Inactive: false };
    return [{ ...row(61), ...member, ...to(role.household), ...since, NameIndicator: role.nameIndicator }];
  }
  if (slot === 3 && roleAt(first) === 'household' && dice(id, 93) % 3 === 0) {
    const EndDate = dateStamp(FIRST_OPEN_DAY - 1 - (dice(id, 94) % 200));
    const former = { AffiliationType: HOUSEHOLD_MEMBER, PrimaryIndicator: false, Inactive: true, EndDate };
    return [{ ...row(62), ...former, ...to(first), ...since, NameIndicator: 0 }];
  }
  if (slot !== 7 || roleAt(first + 9) !== 'organisation') return [];
  const employee = { AffiliationType: EMPLOYEE, PrimaryIndicator: false, Inactive: false, Title: 'Manager' };
  return [{ ...row(63), ...employee, ...to(first + 9), ...since, NameIndicator: 0 }];
}
