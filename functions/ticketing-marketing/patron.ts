import { type Constituent, isIndividual } from '../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import type { MapContext, Mapped } from '../../shared/engine/flow.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { characters, textOrNull } from '../../shared/values/name.ts';
import { attendanceFields, attendanceOf } from './attendance.ts';
import { consentFields } from './consents.ts';
import { holderOf, otherSharers, sharersOf } from './email-owner.ts';
import { type Emails, emailsOf } from './emails.ts';
import { householdMembers, sharedWithMembers } from './household.ts';
import { membershipFields, membershipOf } from './membership.ts';
import { nextChange } from './moments.ts';
import { diallingOf, phoneFields } from './phones.ts';
import { postalFields, primaryAddress } from './postal.ts';
import { isDeceased, type Site, usualSite } from './site.ts';

type Rejected = Extract<Mapped, { kind: 'rejected' }>;

/** Every contact property that this flow sets; any other is never touched. */
export const patronFields = [
  'firstname',
  'lastname',
  'salutation',
  'tessitura_letter_salutation',
  'email',
  'tessitura_other_emails',
  'tessitura_email_shared_with',
  // No property but a subscription of the address; only of the contact that has the address.
  'email_consent',
  // No property either: the address that mail came back from, or `none`.
  'email_bounced',
  'tessitura_email_permission',
  'tessitura_phone_permission',
  'tessitura_mail_permission',
  'phone',
  'mobilephone',
  'address',
  'city',
  'state',
  'zip',
  'country',
  'tessitura_status',
  ...membershipFields,
  ...attendanceFields,
] as const;

/** "The character limit is 65,536 characters": HubSpot knowledge base, Property field types. */
export const MAX_TEXT = 65_536;

/** One Tessitura constituent as a HubSpot contact, as of the context's moment. */
export function mapPatron(patron: Constituent, { now }: MapContext, site: Site = usualSite): Mapped {
  const emails = emailsOf(patron.ElectronicAddresses);
  const affects = [...new Set([...otherSharers(patron), ...householdMembers(patron)])];
  const concern = { affects, basis: basisOf(patron, emails) };
  if (isProtected(patron)) return { kind: 'absent', because: 'protected', ...concern };
  if (!isIndividual(patron)) return { kind: 'absent', because: 'not an individual', ...concern };
  const [membership, attendance] = [membershipOf(patron, site), attendanceOf(patron, site)];
  const historyAt = (moment: Millis) => ({ ...membership.at(moment), ...attendance.at(moment) });
  const fields = { ...fieldsOf(patron, emails, site), ...historyAt(now) };
  const moments = [...membership.moments, ...attendance.moments];
  const recheckAt = nextChange(moments, now, historyAt);
  const contact = { kind: 'present' as const, fields, ...concern };
  const refused = unusableEmail(emails, fields) ?? tooLong(fields);
  if (refused) return { ...refused, affects: concern.affects };
  return recheckAt === undefined ? contact : { ...contact, recheckAt };
}

/** All that others depend on: who owns a shared address and who said no, and what a household's members have of it. */
function basisOf(patron: Constituent, { primary }: Emails): string {
  const self = sharersOf(patron).find((each) => each.constituentId === String(patron.Id));
  return JSON.stringify([primary, self, ...sharedWithMembers(patron)]);
}

/** How the console names the patron; never logged. */
export function patronLabel(patron: Constituent): string {
  const name = isProtected(patron) ? null : textOrNull(`${patron.FirstName ?? ''} ${patron.LastName ?? ''}`);
  return name ?? `constituent ${patron.Id}`;
}

function fieldsOf(patron: Constituent, emails: Emails, site: Site): Fields {
  return {
    ...nameFields(patron),
    ...emailFields(patron, emails, site),
    ...consentFields(patron, emails, site),
    ...phoneFields(patron.PhoneNumbers, diallingOf(patron, site), site),
    ...postalFields(primaryAddress(patron.Addresses), site),
    tessitura_status: statusOf(patron, site),
  };
}

function nameFields(patron: Constituent): Fields {
  const [salutation] = patron.Salutations.filter((each) => each.DefaultIndicator).sort((a, b) => a.Id - b.Id);
  return {
    firstname: textOrNull(patron.FirstName),
    lastname: textOrNull(patron.LastName),
    salutation: textOrNull(patron.Prefix?.Description),
    tessitura_letter_salutation: textOrNull(salutation?.LetterSalutation),
  };
}

function emailFields(patron: Constituent, emails: Emails, site: Site): Fields {
  const { primary, others } = emails;
  const holder = holderOf(patron, emails, site);
  const holds = holder === String(patron.Id);
  return {
    email: holds ? primary : null,
    tessitura_other_emails: others.length > 0 ? others.join('; ') : null,
    tessitura_email_shared_with: holds ? null : holder,
    // An address that mail comes back from is not in use here, so what is in use never bounces.
    email_bounced: 'none',
  };
}

/** Tessitura hides protected people even from its own search; whatever the type, they stay there. */
function isProtected(patron: Constituent): boolean {
  return patron.ProtectionType !== null && patron.ProtectionType !== undefined;
}

function statusOf(patron: Constituent, site: Site): 'active' | 'inactive' | 'deceased' {
  if (isDeceased(patron, site)) return 'deceased';
  return patron.Inactive.Id === 1 ? 'active' : 'inactive';
}

/** People correct it sooner when they are told; but it must never keep a no from arriving, then `email` is empty. */
function unusableEmail({ problem }: Emails, fields: Fields): Rejected | undefined {
  if (problem === undefined || fields.tessitura_status !== 'active') return undefined;
  if (fields.tessitura_email_permission === 'denied') return undefined;
  return {
    kind: 'rejected',
    field: 'email',
    because: `the primary e-mail ${problem}: correct it in Tessitura`,
  };
}

/** A value is moved whole or not at all: a cut name is a wrong name. */
function tooLong(fields: Fields): Rejected | undefined {
  const field = Object.keys(fields).find((name) => characters(String(fields[name] ?? '')) > MAX_TEXT);
  if (field === undefined) return undefined;
  return { kind: 'rejected', field, because: `is longer than the ${MAX_TEXT} characters that HubSpot takes` };
}
