/** What differs from one Tessitura organisation to the next: its lookup tables are its own. */
export interface Site {
  /** Where a phone number without a country code is dialled, ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Description of the name status of somebody who has died. */
  readonly deceased: RegExp;
  /** Description of the contact permission category (or, without one, the type) that is about e-mail. */
  readonly emailPermission: RegExp;
  /** Descriptions of a membership's current status: not begun to count, and over whatever its dates say. */
  readonly pendingMembership: RegExp;
  readonly endedMembership: RegExp;
  /** A membership is `lapsing` this long before its last day, where it has no renewal date of its own. */
  readonly lapsingDays: number;
  /** Descriptions of a ticket's status: paid for, and given back since. */
  readonly paidTicket: RegExp;
  readonly returnedTicket: RegExp;
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
  pendingMembership: /pending/i,
  endedMembership: /cancel|suspend|deactivat|inactive|laps|expire|merged/i,
  lapsingDays: 60,
  paidTicket: /\bpaid\b/i,
  returnedTicket: /return|cancel|refund|exchange|turn(ed)? ?back|released/i,
  mobilePhones: /mobile|cell/i,
  faxes: /fax/i,
  countryNames: {},
};
