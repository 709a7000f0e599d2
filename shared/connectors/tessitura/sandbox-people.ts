import { pick } from './sandbox-dice.ts';
import {
  ACTIVE,
  BOX_OFFICE,
  CONSTITUENT_TYPES,
  INACTIVE,
  LOOKUPS,
  NO_RESTRICTIONS,
  named,
} from './sandbox-lookups.ts';
import { EXTREME_LAST, ORGANISATIONS, PLAIN, PREFIXES, SUFFIXES, WORLD } from './sandbox-names.ts';
import { baseStamp } from './sandbox-stamp.ts';

/** A stored record under the vendor's column names; a null column is not there. */
export interface Row {
  Id: number;
  UpdatedDateTime: string;
  [column: string]: unknown;
}

const [MOVED, DECEASED] = LOOKUPS.InactiveReason;

export type Dice = (id: number, salt: number) => number;

export function columnsOf(role: 'individual' | 'household' | 'organisation', id: number, dice: Dice): Row {
  const stamp = baseStamp(dice(id, 10));
  const inactive = role === 'individual' && dice(id, 11) % 25 === 0;
  const died = role === 'individual' && dice(id, 12) % 60 === 0;
  return {
    Id: id,
    ConstituentType: CONSTITUENT_TYPES[role],
    ...namesOf(role, id, dice),
    Inactive: inactive ? INACTIVE : ACTIVE,
    ...(inactive ? { InactiveReason: died ? DECEASED : MOVED } : {}),
    ...(died ? { NameStatus: LOOKUPS.NameStatus[1] } : {}),
    ...(dice(id, 13) % 70 === 0 ? { ProtectionType: LOOKUPS.ProtectionType[0] } : {}),
    EmarketIndicator: NO_RESTRICTIONS,
    MailIndicator: NO_RESTRICTIONS,
    PhoneIndicator: NO_RESTRICTIONS,
    OriginalSource: BOX_OFFICE,
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
