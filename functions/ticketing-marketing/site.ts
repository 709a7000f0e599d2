import type { Constituent } from '../../shared/connectors/tessitura/schema.ts';

/** What differs from one Tessitura organisation to the next: its lookup tables are its own. */
export interface Site {
  /** Where a phone number without a country code is dialled, ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Description of the name status of somebody who has died. */
  readonly deceased: RegExp;
  /** Descriptions of the contact permission category (or, without one, the type) that is about each channel. */
  readonly emailPermission: RegExp;
  readonly phonePermission: RegExp;
  readonly mailPermission: RegExp;
  /** The subscription type of HubSpot that the e-mail permission is about; its number is in the type's address there. */
  readonly marketingTopic: number;
  /** HubSpot's reasons of a hard bounce by which nobody reads the address any more. */
  readonly deadMailbox: RegExp;
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
  /** The phone type of a number that comes from HubSpot's `phone`; neither of the two above. */
  readonly landlines: RegExp;
  /** Names in the country table that no dictionary knows, in lower case, to ISO 3166-1 alpha-2. */
  readonly countryNames: Readonly<Record<string, string>>;
}

/** A common set-up; compare it with your own lookup tables before the first backfill. */
export const usualSite: Site = {
  country: 'GB',
  deceased: /deceased/i,
  emailPermission: /^e-?mail/i,
  phonePermission: /^(tele)?phone/i,
  mailPermission: /^(direct |postal )?mail|^post/i,
  marketingTopic: 801_001,
  deadMailbox: /^unknown_user$/i,
  pendingMembership: /pending/i,
  endedMembership: /cancel|suspend|deactivat|inactive|laps|expire|merged/i,
  lapsingDays: 60,
  paidTicket: /\bpaid\b/i,
  returnedTicket: /return|cancel|refund|exchange|turn(ed)? ?back|released/i,
  mobilePhones: /mobile|cell/i,
  faxes: /fax/i,
  landlines: /^(home|main|day|evening|primary)/i,
  countryNames: {},
};

/** Has the patron died, as far as the box office knows? */
export function isDeceased({ NameStatus }: Constituent, site: Site): boolean {
  return site.deceased.test(NameStatus?.Description ?? '');
}
