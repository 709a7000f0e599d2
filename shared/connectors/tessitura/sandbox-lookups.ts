import { PLACES, PREFIXES, SUFFIXES } from './sandbox-names.ts';

/** A row of one of the organisation's reference tables; other records carry it as a whole. */
export interface Lookup {
  Id: number;
  Description: string;
  [column: string]: unknown;
}

export const named = (Id: number, Description: string) => ({ Id, Description, Inactive: false });

const typeOf = (Id: number, Description: string) => ({
  ...named(Id, Description),
  ConstituentGroup: named(Id, Description),
});
export const CONSTITUENT_TYPES = {
  individual: typeOf(1, 'Individual'),
  organisation: typeOf(2, 'Organization'),
  household: typeOf(3, 'Household'),
};

export const ACTIVE = { Id: 1, Description: 'Active', Inactive: false };
export const INACTIVE = { Id: 2, Description: 'Inactive', Inactive: true };
export const NO_RESTRICTIONS = named(1, 'No Restrictions');
export const BOX_OFFICE = named(1, 'Box Office');

export const EMAIL_TYPE = { ...named(1, 'Home E-mail'), IsEmail: true };
export const WEB_TYPE = { ...named(9, 'Web Site'), IsEmail: false };
export const HOUSEHOLD_MEMBER = named(10002, 'Household');
export const EMPLOYEE = named(10005, 'Employee');

const permission = (Id: number, Description: string, category: string) => ({
  ...named(Id, Description),
  Category: named(Id, category),
  Presenter: false,
  Rank: Id,
});
export const PERMISSION_TYPES = [
  permission(1, 'E-mail from us', 'Email'),
  permission(2, 'Phone calls', 'Phone'),
  permission(3, 'Letters', 'Mail'),
] as const;

/** Values of the reference tables by the column that shows them. */
export const LOOKUPS = {
  ConstituentType: Object.values(CONSTITUENT_TYPES),
  Inactive: [ACTIVE, INACTIVE],
  InactiveReason: [named(3, 'Moved away'), named(4, 'Deceased'), named(5, 'Duplicate')],
  NameStatus: [named(1, 'Normal'), named(2, 'Deceased')],
  ProtectionType: [named(1, 'Artist')],
  Prefix: PREFIXES.map((each, index) => named(1 + index, each)),
  Suffix: SUFFIXES.map((each, index) => named(1 + index, each)),
  Gender: [named(1, 'Female'), named(2, 'Male')],
  EmarketIndicator: [NO_RESTRICTIONS, named(3, 'No E-mail')],
  MailIndicator: [NO_RESTRICTIONS, named(3, 'No Mail')],
  PhoneIndicator: [NO_RESTRICTIONS, named(3, 'No Phone')],
  OriginalSource: [BOX_OFFICE, named(2, 'Web'), named(7, 'HubSpot')],
  AddressType: [named(1, 'Home Address'), named(2, 'Business Address')],
  State: onePerId(PLACES.flatMap((place) => place.State ?? [])),
  Country: onePerId(PLACES.map((place) => place.Country)),
  ElectronicAddressType: [EMAIL_TYPE, { ...named(2, 'Work E-mail'), IsEmail: true }, WEB_TYPE],
  PhoneType: [named(1, 'Home'), named(2, 'Business'), named(5, 'Cell')],
  SalutationType: [named(0, 'Default'), named(1, 'Formal')],
  LoginType: [named(1, 'Web')],
  AffiliationType: [HOUSEHOLD_MEMBER, EMPLOYEE],
  Type: PERMISSION_TYPES,
} as const satisfies Record<string, readonly Lookup[]>;
export type LookupColumn = keyof typeof LOOKUPS;

/** Reference tables that the service gives out whole, by the last part of their address in lower case. */
export const REFERENCE_TABLES: Readonly<Record<string, readonly Lookup[]>> = {
  constituenttypes: LOOKUPS.ConstituentType,
  inactivereasons: LOOKUPS.InactiveReason,
  namestatuses: LOOKUPS.NameStatus,
  addresstypes: LOOKUPS.AddressType,
  states: LOOKUPS.State,
  countries: LOOKUPS.Country,
  electronicaddresstypes: LOOKUPS.ElectronicAddressType,
  phonetypes: LOOKUPS.PhoneType,
  affiliationtypes: LOOKUPS.AffiliationType,
  contactpermissiontypes: LOOKUPS.Type,
  contactpermissioncategories: LOOKUPS.Type.map((type) => type.Category),
};

function onePerId<T extends Lookup>(rows: readonly T[]): T[] {
  return [...new Map(rows.map((row) => [row.Id, row])).values()];
}
