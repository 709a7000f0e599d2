/** What differs from one Tessitura organisation to the next: its lookup tables are its own. */
export interface Site {
  /** Where a phone number without a country code is dialled, ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Description of the name status of somebody who has died. */
  readonly deceased: RegExp;
  /** Description of the contact permission category (or, without one, the type) that is about e-mail. */
  readonly emailPermission: RegExp;
  /** Descriptions of phone types. */
  readonly mobilePhones: RegExp;
  readonly faxes: RegExp;
  /** Names in the country table that no dictionary knows, in lower case, to ISO 3166-1 alpha-2. */
  readonly countryNames: Readonly<Record<string, string>>;
}

/** A common set-up; compare it with your own lookup tables before the first backfill. */
export const usualSite: Site = {
  country: 'GB',
  deceased: /deceased/i,
  emailPermission: /^e-?mail/i,
  mobilePhones: /mobile|cell/i,
  faxes: /fax/i,
  countryNames: {},
};
