import * as z from 'zod';
import { parseInstant } from '../../values/instant.ts';
import { WriteSchema } from './write-entry.ts';

/**
 * What this connector reads of the REST service's records (Swagger 15.2.40), under the vendor's own names.
 * A null column may be absent, so what can be null is `nullish`; what the vendor always sends is required,
 * so that a field that was renamed or removed is noticed instead of taken for "empty".
 */
const text = z.string().nullish();
const Named = z.object({ Id: z.int(), Description: text });
/** A day or a moment that is worked with; with an offset, or local time of the server. */
const moment = z
  .string()
  .refine((value) => parseInstant(value, 'UTC').ok, { error: 'is not an ISO 8601 date and time' });
const Id = z.object({ Id: z.int() });
/** Opaque: .NET writes up to seven fraction digits, and the lock needs every one of them. */
const stamp = z.string().min(1);

const AddressSchema = z.object({
  Id: z.int(),
  Inactive: z.boolean(),
  PrimaryIndicator: z.boolean(),
  AddressType: Named.nullish(),
  Street1: text,
  Street2: text,
  Street3: text,
  City: text,
  PostalCode: text,
  State: z.object({ StateCode: text, Description: text }).nullish(),
  Country: Named.nullish(),
  UpdatedDateTime: stamp,
});

const ElectronicAddressSchema = z.object({
  Id: z.int(),
  Address: z.string(),
  /** False for web addresses and the like. */
  IsEmail: z.boolean(),
  Inactive: z.boolean(),
  PrimaryIndicator: z.boolean(),
  AllowMarketing: z.boolean(),
  ElectronicAddressType: Named.nullish(),
  UpdatedDateTime: stamp,
  UpdatedBy: text,
});
export type ElectronicAddress = z.infer<typeof ElectronicAddressSchema>;

const PhoneSchema = z.object({
  Id: z.int(),
  PhoneNumber: z.string(),
  PhoneType: Named,
  Inactive: z.boolean(),
  AllowTelemarketing: z.boolean().nullish(),
  /** The address it belongs to, if any. */
  Address: z.object({ Id: z.int() }).nullish(),
  UpdatedDateTime: stamp,
  UpdatedBy: text,
});
export type Phone = z.infer<typeof PhoneSchema>;

const SalutationSchema = z.object({
  Id: z.int(),
  DefaultIndicator: z.boolean(),
  LetterSalutation: text,
  EnvelopeSalutation1: text,
  BusinessTitle: text,
  UpdatedDateTime: stamp,
});

/** The columns that Constituents and Constituents/{id}/Detail have in common. */
export const ConstituentColumns = z.object({
  Id: z.int(),
  ConstituentType: z.object({ Id: z.int(), Description: text, ConstituentGroup: Named }),
  /** Id 1 = active; anything else has an InactiveReason. */
  Inactive: Named,
  InactiveReason: Named.nullish(),
  FirstName: text,
  MiddleName: text,
  LastName: text,
  DisplayName: text,
  SortName: text,
  Prefix: Named.nullish(),
  Suffix: Named.nullish(),
  /** Where it is set and says so, the person has died. */
  NameStatus: Named.nullish(),
  /** Set = the organisation protects this person; must never leave Tessitura. */
  ProtectionType: Named.nullish(),
  UpdatedDateTime: stamp,
  UpdatedBy: text,
});

/** `CRM/Constituents/{id}/Detail`: what is always sent is required, so that a renamed column is noticed. */
export const DetailSchema = ConstituentColumns.extend({
  Addresses: z.array(AddressSchema),
  ElectronicAddresses: z.array(ElectronicAddressSchema),
  PhoneNumbers: z.array(PhoneSchema),
  Salutations: z.array(SalutationSchema),
});
export type Detail = z.infer<typeof DetailSchema>;

/** Consent as Tessitura keeps it: per constituent, not per e-mail. */
export const ContactPermissionSchema = z.object({
  Id: z.int(),
  /** `Y`, `N`, or absent when never asked. */
  Answer: text,
  LastAskedDateTime: text,
  Type: z.object({ Id: z.int(), Description: text, Category: Named.nullish() }),
  UpdatedDateTime: stamp,
  UpdatedBy: text,
});
export type ContactPermission = z.infer<typeof ContactPermissionSchema>;

/** One constituent that has the record's primary e-mail as an active e-address; the record itself is among them. */
export const EmailSharerSchema = z.object({
  constituentId: z.string(),
  /** A person, as opposed to a household or an organisation. */
  individual: z.boolean(),
  /** It is this constituent's primary e-mail. */
  primary: z.boolean(),
  /** A web login of this constituent uses it. Only looked up where there is more than one sharer. */
  hasLogin: z.boolean(),
  inactive: z.boolean(),
  protected: z.boolean(),
  /** Has answered no to e-mail, or does not allow marketing to this address. */
  denied: z.boolean().optional(),
  nameStatus: text,
  /** In the primary household: -1 = A1, -2 = A2 (values not verified at a real site). */
  nameIndicator: z.int().optional(),
});
export type EmailSharer = z.infer<typeof EmailSharerSchema>;

/**
 * One term of a membership (`CRM/Memberships/Details`). The vendor announces that this resource will change in a
 * major release: a renamed column shows as a record that cannot be read, with the column's name.
 */
export const MembershipSchema = z.object({
  Id: z.int(),
  /** Whose it is: with affiliates included also the household's, or an employer's. */
  Constituent: Id.nullish(),
  /** Who provides the benefits, if not the constituent itself. */
  BenefitProvidingConstituentId: z.int().nullish(),
  MembershipLevel: z.object({
    Description: text,
    /** The gift at which the level begins: the only order of levels that means the same everywhere. */
    StartAmount: z.number().nullish(),
    MembershipOrganization: Named,
  }),
  CurrentStatus: Named,
  /** When this term began, and when the first one did. */
  InitiationDate: moment.nullish(),
  InceptionDate: moment.nullish(),
  /** The last day; absent = for life. */
  ExpirationDate: moment.nullish(),
  LapseDate: moment.nullish(),
  RenewalDate: moment.nullish(),
});
export type Membership = z.infer<typeof MembershipSchema>;

/** Who belongs to which household or organisation; `PrimaryIndicator` = the one household that counts. */
export const AffiliationSchema = z.object({
  GroupConstituent: Id,
  IndividualConstituent: Id,
  PrimaryIndicator: z.boolean(),
  Inactive: z.boolean(),
  StartDate: moment.nullish(),
  EndDate: moment.nullish(),
});

/** One ticket of an order (`TXN/SubLineItems`); a line of a package has no performance of its own. */
export const TicketSchema = z.object({
  SubLineItemId: z.int(),
  OrderDate: moment.nullish(),
  PaidAmountDecimal: z.number().nullish(),
  Performance: z.object({ Id: z.int(), PerformanceDateTime: moment }).nullish(),
  Owner: Id.nullish(),
  /** Who goes, where that is not the owner. */
  Recipient: Id.nullish(),
  /** A lookup table of the organisation: `Seated, Paid`, `Ticketed, Paid`, `Return` and the like. */
  SubLineItemStatus: Named,
});
export type Ticket = z.infer<typeof TicketSchema>;

/** One good scan (`CRM/AttendanceHistory`); a scan of a membership card or an area has no performance. */
export const AttendanceSchema = z.object({
  Id: z.int(),
  TicketId: z.int().nullish(),
  AttendDateTime: moment.nullish(),
  Performance: z.object({ Id: z.int(), PerformanceDateTime: moment }).nullish(),
  Recipient: Id.nullish(),
});
export type Attendance = z.infer<typeof AttendanceSchema>;

/** What a mapping gets: the vendor's detail record, its consent, who shares its primary e-mail, and what was included. */
export const ConstituentSchema = DetailSchema.extend({
  ContactPermissions: z.array(ContactPermissionSchema),
  emailSharers: z.array(EmailSharerSchema),
  /** Of the server, from the account's secret: what a stamp without an offset means, and where days begin. */
  timeZone: z.string(),
  /** With `memberships` included. */
  Memberships: z.array(MembershipSchema).optional(),
  Affiliations: z.array(AffiliationSchema).optional(),
  /** With `attendance` included. */
  SubLineItems: z.array(TicketSchema).optional(),
  AttendanceHistory: z.array(AttendanceSchema).optional(),
  /** With `tells`: who wrote what flows back, oldest first; absent where the audit log cannot be read. */
  writes: z.array(WriteSchema).optional(),
  /** With `tells`: a web login uses the primary e-mail, so that it may not be changed from outside. */
  primaryEmailHasLogin: z.boolean().optional(),
});
export type Constituent = z.infer<typeof ConstituentSchema>;

/** The group of people; others are households and organisations. Compared without regard to case. */
export function isIndividual(record: Pick<Constituent, 'ConstituentType'>): boolean {
  return /^individuals?$/i.test(record.ConstituentType.ConstituentGroup.Description?.trim() ?? '');
}

/** The active e-mail marked primary, as it is stored (case and blanks are the box office's); undefined without one. */
export function primaryEmail(record: Pick<Detail, 'ElectronicAddresses'>): string | undefined {
  return primaryEmailRow(record)?.Address;
}

/** The same with everything that the row says. */
export function primaryEmailRow(record: Pick<Detail, 'ElectronicAddresses'>): ElectronicAddress | undefined {
  return record.ElectronicAddresses.find((each) => each.PrimaryIndicator && each.IsEmail && !each.Inactive);
}
