import type { Constituent, EmailSharer } from '../../shared/connectors/tessitura/schema.ts';

type Part<
  Name extends 'Addresses' | 'ElectronicAddresses' | 'PhoneNumbers' | 'Salutations' | 'ContactPermissions',
> = Constituent[Name][number];

const UpdatedDateTime = '2026-04-24T05:14:48.7336036-07:00';

/** A plain patron with one of everything; each test overrides what it is about. */
export function constituent(overrides: Partial<Constituent> = {}): Constituent {
  return {
    Id: 1001,
    ConstituentType: {
      Id: 1,
      Description: 'Individual',
      ConstituentGroup: { Id: 1, Description: 'Individual' },
    },
    Inactive: { Id: 1, Description: 'Active' },
    FirstName: 'Ada',
    LastName: 'Lovelace',
    Prefix: { Id: 3, Description: 'Ms.' },
    Addresses: [address()],
    ElectronicAddresses: [electronic()],
    PhoneNumbers: [phone()],
    Salutations: [salutation()],
    ContactPermissions: [],
    emailSharers: [],
    timeZone: 'Europe/London',
    UpdatedDateTime,
    ...overrides,
  };
}

export function address(overrides: Partial<Part<'Addresses'>> = {}): Part<'Addresses'> {
  return {
    Id: 11,
    Inactive: false,
    PrimaryIndicator: true,
    Street1: '12 St James’s Square',
    City: 'London',
    PostalCode: 'SW1Y 4LB',
    Country: { Id: 2, Description: 'United Kingdom' },
    UpdatedDateTime,
    ...overrides,
  };
}

export function electronic(
  overrides: Partial<Part<'ElectronicAddresses'>> = {},
): Part<'ElectronicAddresses'> {
  return {
    Id: 21,
    Address: 'ada@example.org',
    IsEmail: true,
    Inactive: false,
    PrimaryIndicator: true,
    AllowMarketing: true,
    UpdatedDateTime,
    ...overrides,
  };
}

export function phone(overrides: Partial<Part<'PhoneNumbers'>> = {}): Part<'PhoneNumbers'> {
  return {
    Id: 31,
    PhoneNumber: '020 7946 0000',
    PhoneType: { Id: 1, Description: 'Home' },
    Inactive: false,
    UpdatedDateTime,
    ...overrides,
  };
}

export function salutation(overrides: Partial<Part<'Salutations'>> = {}): Part<'Salutations'> {
  return { Id: 41, DefaultIndicator: true, LetterSalutation: 'Ms. Lovelace', UpdatedDateTime, ...overrides };
}

export function permission(Answer: string | undefined, category = 'Email'): Part<'ContactPermissions'> {
  const Type = { Id: 2, Description: 'News by e-mail', Category: { Id: 1, Description: category } };
  return { Id: 51, Answer, Type, UpdatedDateTime };
}

/** By default a person whose primary e-mail it is and who has nothing to set them apart. */
export function sharer(id: number, overrides: Partial<EmailSharer> = {}): EmailSharer {
  return {
    constituentId: String(id),
    individual: true,
    primary: true,
    hasLogin: false,
    inactive: false,
    protected: false,
    denied: false,
    ...overrides,
  };
}
