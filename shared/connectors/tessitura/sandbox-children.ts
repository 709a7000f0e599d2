import { affiliations } from './sandbox-derived-affiliations.ts';
import { pick } from './sandbox-dice.ts';
import { attendance, memberships, type Somebody, tickets } from './sandbox-history.ts';
import { emailNumber } from './sandbox-layout.ts';
import { EMAIL_TYPE, LOOKUPS, PERMISSION_TYPES, WEB_TYPE } from './sandbox-lookups.ts';
import { BAD_PHONES, DOMAINS, PLACES } from './sandbox-names.ts';
import { namesOf, type Row } from './sandbox-people.ts';
import { phoneForms } from './sandbox-row-values.ts';
import { baseStamp } from './sandbox-stamp.ts';

export const CHILD_KINDS = [
  'Addresses',
  'ElectronicAddresses',
  'PhoneNumbers',
  'Salutations',
  'ContactPermissions',
  'WebLogins',
  'Affiliations',
  'Memberships',
  'SubLineItems',
  'Attendance',
] as const;
export type ChildKind = (typeof CHILD_KINDS)[number];

const [HOME] = LOOKUPS.AddressType;
const [HOME_PHONE, , CELL] = LOOKUPS.PhoneType;

/** Ids of derived children are the constituent's times 100 plus a slot, so that a child finds its parent. */
export function childrenOf(kind: ChildKind, person: Somebody): Row[] {
  switch (kind) {
    case 'Addresses':
      return addresses(person);
    case 'ElectronicAddresses':
      return electronicAddresses(person);
    case 'PhoneNumbers':
      return phones(person);
    case 'Salutations':
      return salutations(person);
    case 'ContactPermissions':
      return contactPermissions(person);
    case 'WebLogins':
      return webLogins(person);
    case 'Affiliations':
      return affiliations(person, (slot) => row(person, slot));
    case 'Memberships':
      return memberships(person);
    case 'SubLineItems':
      return tickets(person);
    case 'Attendance':
      return attendance(person);
  }
}

function row({ id, dice }: Somebody, slot: number): Row {
  return {
    Id: id * 100 + slot,
    Constituent: { Id: id },
    UpdatedDateTime: baseStamp(dice(id, 40 + slot)),
    UpdatedBy: 'boxoff',
  };
}

function placeOf({ id, dice }: Somebody) {
  return PLACES[dice(id, 50) % 3 === 0 ? dice(id, 51) % PLACES.length : dice(id, 51) % 3];
}

function addresses(person: Somebody): Row[] {
  const { id, dice } = person;
  const place = placeOf(person);
  if (!place || dice(id, 52) % 18 === 0) return [];
  const { phones: _phones, Street1, ...rest } = place;
  const home = {
    ...row(person, 1),
    ...rest,
    Street1: `${1 + (dice(id, 53) % 990)} ${Street1}`,
    ...(dice(id, 54) % 6 === 0 ? { Street2: 'Apt 2B' } : {}),
    AddressType: HOME,
    Inactive: false,
    PrimaryIndicator: true,
    Label: true,
  };
  if (dice(id, 55) % 8 !== 0) return [home];
  return [
    home,
    { ...home, ...row(person, 2), Street1: 'PO Box 12', PrimaryIndicator: false, Inactive: true },
  ];
}

function electronicAddresses(person: Somebody): Row[] {
  const { id, role, dice } = person;
  const rows: Row[] = [];
  const base = { Inactive: false, AllowHtmlFormat: true, IsEmail: true, ElectronicAddressType: EMAIL_TYPE };
  const email = emailOf(person);
  const AllowMarketing = dice(id, 60) % 6 !== 0;
  if (email !== undefined)
    rows.push({ ...row(person, 11), ...base, Address: email, PrimaryIndicator: true, AllowMarketing });
  if (dice(id, 61) % 9 === 0)
    rows.push({
      ...row(person, 12),
      ...base,
      Address: `old.${id}@example.com`,
      PrimaryIndicator: false,
      AllowMarketing,
    });
  if (dice(id, 62) % 40 === 0)
    rows.push({
      ...row(person, 13),
      ...base,
      Address: 'no email',
      PrimaryIndicator: false,
      AllowMarketing,
      Inactive: true,
    });
  if (role.role === 'organisation')
    rows.push({
      ...row(person, 14),
      ...base,
      Address: `https://www.example.com/${id}`,
      IsEmail: false,
      ElectronicAddressType: WEB_TYPE,
      PrimaryIndicator: false,
      AllowMarketing,
    });
  return rows;
}

/** Upper case and blanks at the end are the box office's; the number in it is what finds it again. */
function emailOf({ layout, id, dice }: Somebody): string | undefined {
  const number = emailNumber(layout, id);
  if (number === id && dice(id, 63) % 15 === 0) return undefined;
  const tag = dice(number, 64) % 12 === 0 ? '+tickets' : '';
  const address = `${pick(['patron', "o'brien", 'a.b-c', 'x_1'], dice(number, 65))}${tag}.${number}@${pick(DOMAINS, dice(number, 66))}`;
  const style = dice(id, 67) % 20;
  if (style === 0) return address.toUpperCase();
  if (style === 1) return `${address}  `;
  return style === 2 ? address.replace('e', 'E') : address;
}

function phones(person: Somebody): Row[] {
  const { id, dice } = person;
  const place = placeOf(person);
  if (!place || dice(id, 70) % 7 === 0) return [];
  const bad = dice(id, 71) % 25 === 0;
  const number = bad ? pick(BAD_PHONES, dice(id, 72)) : pick(place.phones, dice(id, 73));
  const home = {
    ...row(person, 21),
    PhoneNumber: number,
    ...phoneForms(number),
    PhoneType: HOME_PHONE,
    Inactive: false,
    AllowTelemarketing: true,
    ...(dice(id, 52) % 18 === 0 ? {} : { Address: { Id: id * 100 + 1 } }),
  };
  if (dice(id, 74) % 3 !== 0) return [home];
  const second = pick(place.phones, dice(id, 75));
  const cell = {
    ...home,
    ...row(person, 22),
    PhoneNumber: second,
    ...phoneForms(second),
    PhoneType: CELL,
  };
  return [home, cell];
}

function salutations(person: Somebody): Row[] {
  const name = namesOf(person.role.role, person.id, person.dice).LastName;
  return [
    {
      ...row(person, 31),
      DefaultIndicator: true,
      Label: true,
      LetterSalutation: person.role.role === 'organisation' ? 'Friends' : `Dear ${name}`,
      EnvelopeSalutation1: name,
      SalutationType: LOOKUPS.SalutationType[0],
    },
  ];
}

function contactPermissions(person: Somebody): Row[] {
  const { id, dice } = person;
  const asked = dice(id, 80) % 4;
  if (asked === 0) return [];
  return PERMISSION_TYPES.slice(0, 1 + (asked % 2)).map((Type, index) => ({
    ...row(person, 41 + index),
    ...(dice(id, 81 + index) % 10 === 0 ? {} : { Answer: dice(id, 83 + index) % 5 === 0 ? 'N' : 'Y' }),
    LastAskedDateTime: baseStamp(dice(id, 85)),
    ShouldAsk: false,
    Type,
  }));
}

function webLogins(person: Somebody): Row[] {
  const email = emailOf(person);
  if (email === undefined || person.role.role === 'organisation' || person.dice(person.id, 90) % 4 !== 0)
    return [];
  const shared = {
    Email: { Id: person.id * 100 + 11 },
    LoginType: LOOKUPS.LoginType[0],
    PrimaryIndicator: true,
  };
  return [{ ...row(person, 51), ...shared, Login: email.trim(), Inactive: false, TemporaryIndicator: false }];
}
