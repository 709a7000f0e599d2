import type {
  Attendance,
  Constituent,
  EmailSharer,
  Membership,
  Ticket,
} from '../../shared/connectors/tessitura/schema.ts';

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

/** A Friend since 2024, in the second year of it. */
export function membership(overrides: Partial<Membership> = {}): Membership {
  return {
    Id: 61,
    Constituent: { Id: 1001 },
    MembershipLevel: level('Friend', 50),
    CurrentStatus: { Id: 2, Description: 'Active' },
    InceptionDate: '2025-04-01T00:00:00+01:00',
    InitiationDate: '2026-04-01T00:00:00+01:00',
    ExpirationDate: '2027-03-31T00:00:00+01:00',
    ...overrides,
  };
}

export function level(
  Description: string,
  StartAmount: number,
  organisation = 'Friends of the Theatre',
): Membership['MembershipLevel'] {
  return {
    Description,
    StartAmount,
    MembershipOrganization: { Id: organisation.length, Description: organisation },
  };
}

/** By default patron 1001 is A1 of household 1000. */
export function affiliation(
  overrides: Partial<NonNullable<Constituent['Affiliations']>[number]> = {},
): NonNullable<Constituent['Affiliations']>[number] {
  return {
    GroupConstituent: { Id: 1000 },
    IndividualConstituent: { Id: 1001 },
    PrimaryIndicator: true,
    Inactive: false,
    ...overrides,
  };
}

/** A paid ticket of 1001 for a performance at half past seven in the evening of a day. */
export function ticket(day: string, overrides: Partial<Ticket> = {}): Ticket {
  return {
    SubLineItemId: 71,
    PaidAmountDecimal: 35,
    Performance: evening(day),
    Owner: { Id: 1001 },
    SubLineItemStatus: { Id: 12, Description: 'Ticketed, Paid' },
    ...overrides,
  };
}

/** A good scan for a performance of a day. */
export function scan(day: string, overrides: Partial<Attendance> = {}): Attendance {
  return {
    Id: 81,
    TicketId: 71,
    AttendDateTime: `${day}T19:05:00.1234567Z`,
    Performance: evening(day),
    ...overrides,
  };
}

/** The performance of a day; its number is that day. */
export function evening(day: string) {
  return { Id: Number(day.replaceAll('-', '')), PerformanceDateTime: `${day}T19:30:00Z` };
}
