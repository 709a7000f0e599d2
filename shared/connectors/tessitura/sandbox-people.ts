import { pick } from './sandbox-dice.ts';
import { EXTREME_LAST, ORGANISATIONS, PLAIN, PREFIXES, SUFFIXES, WORLD } from './sandbox-names.ts';
import { baseStamp } from './sandbox-stamp.ts';

/** A stored record under the vendor's column names; a null column is not there. */
export interface Row {
  Id: number;
  UpdatedDateTime: string;
  [column: string]: unknown;
}

export const named = (Id: number, Description: string) => ({ Id, Description, Inactive: false });
const group = (Id: number, Description: string) => ({
  ...named(Id, Description),
  ConstituentGroup: named(Id, Description),
});
const TYPES = {
  individual: group(1, 'Individual'),
  organisation: group(2, 'Organization'),
  household: group(3, 'Household'),
};
const INDICATOR = named(1, 'No Restrictions');
const SOURCE = named(1, 'Box Office');
export const ACTIVE = { Id: 1, Description: 'Active', Inactive: false };
export const INACTIVE = { Id: 2, Description: 'Inactive', Inactive: true };

export type Dice = (id: number, salt: number) => number;

export function columnsOf(role: 'individual' | 'household' | 'organisation', id: number, dice: Dice): Row {
  const stamp = baseStamp(dice(id, 10));
  const inactive = role === 'individual' && dice(id, 11) % 25 === 0;
  const died = role === 'individual' && dice(id, 12) % 60 === 0;
  return {
    Id: id,
    ConstituentType: TYPES[role],
    ...namesOf(role, id, dice),
    Inactive: inactive ? INACTIVE : ACTIVE,
    ...(inactive ? { InactiveReason: named(3, died ? 'Deceased' : 'Moved away') } : {}),
    ...(died ? { NameStatus: named(2, 'Deceased') } : {}),
    ...(dice(id, 13) % 70 === 0 ? { ProtectionType: { Id: 1, Description: 'Artist' } } : {}),
    EmarketIndicator: INDICATOR,
    MailIndicator: INDICATOR,
    PhoneIndicator: INDICATOR,
    OriginalSource: SOURCE,
    CreatedDateTime: stamp,
    CreatedBy: 'conversn',
    CreateLocation: 'BOXOFF01',
    UpdatedDateTime: stamp,
    UpdatedBy: 'boxoff',
  };
}

/** Also the names of households and organisations. */
export function namesOf(role: 'individual' | 'household' | 'organisation', id: number, dice: Dice) {
  if (role === 'organisation') {
    const name = `${pick(ORGANISATIONS, dice(id, 20))} ${id}`;
    return { LastName: name, DisplayName: name, SortName: name };
  }
  const names = dice(id, 21) % 10 < 7 ? PLAIN : pick(WORLD, dice(id, 22));
  const extreme = dice(id, 23) % 40 === 0;
  const last = extreme ? pick(EXTREME_LAST, dice(id, 24)) : pick(names.last, dice(id, 25));
  const sorted = { LastName: last, SortName: last.trim().slice(0, 55) };
  if (role === 'household') return { ...sorted, DisplayName: `The ${last.trim()} Household` };
  const first = dice(id, 26) % 30 === 0 ? undefined : pick(names.first, dice(id, 27));
  return {
    ...sorted,
    ...(first === undefined ? {} : { FirstName: first }),
    ...(dice(id, 28) % 8 === 0 ? { MiddleName: 'Q.' } : {}),
    ...(dice(id, 29) % 3 === 0
      ? { Prefix: named(1 + (dice(id, 30) % PREFIXES.length), pick(PREFIXES, dice(id, 30))) }
      : {}),
    ...(dice(id, 31) % 20 === 0
      ? { Suffix: named(1 + (dice(id, 32) % SUFFIXES.length), pick(SUFFIXES, dice(id, 32))) }
      : {}),
    DisplayName: [first, last].filter(Boolean).join(' '),
  };
}
