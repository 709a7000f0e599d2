import * as z from 'zod';

/**
 * What this connector reads of the REST service's records (Swagger 15.2.40), under the vendor's own names.
 * A null column may be absent, so what can be null is `nullish`; what the vendor always sends is required,
 * so that a field that was renamed or removed is noticed instead of taken for "empty".
 */
const text = z.string().nullish();
const Named = z.object({ Id: z.int(), Description: text });
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
});

const PhoneSchema = z.object({
  Id: z.int(),
  PhoneNumber: z.string(),
  PhoneType: Named,
  Inactive: z.boolean(),
  AllowTelemarketing: z.boolean().nullish(),
  /** The address it belongs to, if any. */
  Address: z.object({ Id: z.int() }).nullish(),
  UpdatedDateTime: stamp,
});

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
});

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

/** What a mapping gets: the vendor's detail record, its consent, and who shares its primary e-mail. */
export const ConstituentSchema = DetailSchema.extend({
  ContactPermissions: z.array(ContactPermissionSchema),
  emailSharers: z.array(EmailSharerSchema),
});
export type Constituent = z.infer<typeof ConstituentSchema>;

/** The group of people; others are households and organisations. Compared without regard to case. */
export function isIndividual(record: Pick<Constituent, 'ConstituentType'>): boolean {
  return /^individuals?$/i.test(record.ConstituentType.ConstituentGroup.Description?.trim() ?? '');
}

/** The active e-mail marked primary, as it is stored (case and blanks are the box office's); undefined without one. */
export function primaryEmail(record: Pick<Detail, 'ElectronicAddresses'>): string | undefined {
  const isPrimary = (each: Detail['ElectronicAddresses'][number]) =>
    each.PrimaryIndicator && each.IsEmail && !each.Inactive;
  return record.ElectronicAddresses.find(isPrimary)?.Address;
}
