import {
  type Constituent,
  type ConstituentEdit,
  FIELD_LENGTHS,
} from '../../shared/connectors/tessitura/index.ts';
import type { Fields, FieldValue } from '../../shared/engine/fields.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { normaliseEmail, parseEmail } from '../../shared/values/email.ts';
import { textOrNull } from '../../shared/values/name.ts';
import { parsePhone } from '../../shared/values/phone.ts';
import { otherSharers } from './email-owner.ts';
import { emailsOf } from './emails.ts';
import { diallingOf } from './phones.ts';
import type { Site } from './site.ts';

/** One field's part of an edit, or why only a person can bring it over. */
type PartOf =
  | { edit: ConstituentEdit; because?: undefined }
  | { edit?: undefined; because: string; waits?: readonly string[] }
  /** Nothing is left to do. */
  | { edit?: undefined; because?: undefined };

interface Wish {
  field: string;
  /** As HubSpot has it. */
  value: FieldValue;
  /** All that has changed there. */
  changed: Fields;
  /** A person has chosen it. */
  chosen: boolean;
}

interface Setting {
  now: Millis;
  site: Site;
}

/**
 * What the box office would have to write for one field. An item and no edit where it cannot: a refusal by Tessitura
 * would park the whole patron, and with it a no that must not wait.
 */
export function editField(
  patron: Constituent,
  { field, value, changed, chosen }: Wish,
  { now, site }: Setting,
): PartOf {
  const text = typeof value === 'string' ? value : null;
  switch (field) {
    case 'email':
      return text === null ? endEmail(patron, changed, chosen) : editEmail(patron, text, chosen);
    case 'email_bounced':
      return editBounced(patron, text);
    case 'firstname':
      return editName(text, { column: 'FirstName', edit: (first) => ({ names: { first } }) });
    case 'lastname':
      return editName(text, { column: 'LastName', edit: (last) => ({ names: { last } }) });
    case 'phone':
      return editPhone(patron, text, { kind: site.landlines, site });
    case 'mobilephone':
      return editPhone(patron, text, { kind: site.mobilePhones, site });
    case 'email_consent':
      return editConsent(text, (state) => ({ email: { state, at: now } }));
    case 'tessitura_phone_permission':
      return editConsent(text, (state) => ({ phone: { state, at: now } }));
    case 'tessitura_mail_permission':
      return editConsent(text, (state) => ({ mail: { state, at: now } }));
    default:
      return { because: 'this field does not flow back' };
  }
}

/** Several parts as one edit. */
export function inOneEdit(parts: readonly ConstituentEdit[]): ConstituentEdit {
  const edit: ConstituentEdit = {};
  for (const { names, email, ended, phones, consent } of parts) {
    if (names) edit.names = { ...edit.names, ...names };
    if (email) edit.email = email;
    if (ended !== undefined) edit.ended = ended;
    if (phones) edit.phones = [...(edit.phones ?? []), ...phones];
    if (consent) edit.consent = { ...edit.consent, ...consent };
  }
  return edit;
}

/** HubSpot keeps it by address: a contact without one has none. */
const OF_ADDRESS: readonly string[] = ['email_consent'];

/** Ended with a bounce, if that is why; else a person has to say so. */
function endEmail(patron: Constituent, { email_bounced: bounced }: Fields, chosen: boolean): PartOf {
  if (patron.primaryEmailHasLogin)
    return {
      because:
        'mail to the e-mail came back, or it was removed in HubSpot, and it is a web login: change it in Tessitura, where the login is changed with it, or keep that of Tessitura if it is right',
      waits: OF_ADDRESS,
    };
  if (isPrimary(patron, bounced)) return {};
  const { primary } = emailsOf(patron.ElectronicAddresses);
  if (chosen && primary !== null) return { edit: { ended: primary } };
  return {
    because: 'the e-mail was removed in HubSpot: keep HubSpot to end it in Tessitura too, or keep Tessitura',
    waits: OF_ADDRESS,
  };
}

/** Only the address that is in use: the box office may have another one by now. Nobody can sign in without theirs. */
function editBounced(patron: Constituent, address: string | null): PartOf {
  if (address === null || !isPrimary(patron, address) || patron.primaryEmailHasLogin) return {};
  return { edit: { ended: address } };
}

function isPrimary({ ElectronicAddresses }: Constituent, address: FieldValue | undefined): boolean {
  const { primary } = emailsOf(ElectronicAddresses);
  return primary !== null && typeof address === 'string' && primary === normaliseEmail(address);
}

/** Whoever else has the old one keeps it: that it is meant for this patron alone is for a person to say. */
function editEmail(patron: Constituent, value: string, chosen: boolean): PartOf {
  if (patron.primaryEmailHasLogin)
    return {
      because: 'the e-mail is a web login: change it in Tessitura, where the login is changed with it',
    };
  const others = otherSharers(patron);
  if (others.length > 0 && !chosen)
    return {
      because: `the e-mail is shared with ${others.join(', ')}: keep that of HubSpot for this patron alone, or change it in Tessitura for whom it is meant`,
    };
  const email = parseEmail(value);
  if (email.ok) return { edit: { email: { address: email.value } } };
  return { because: `the e-mail ${email.because}: correct it in HubSpot` };
}

function editName(
  value: string | null,
  { column, edit }: { column: keyof typeof FIELD_LENGTHS; edit(name: string): ConstituentEdit },
): PartOf {
  const name = textOrNull(value);
  if (name === null) return { because: 'a name is not emptied from HubSpot: do it in Tessitura' };
  const most = FIELD_LENGTHS[column];
  if (name.length <= most) return { edit: edit(name) };
  return {
    because: `Tessitura's ${column} takes ${most} characters and this has ${name.length}: shorten it in HubSpot`,
  };
}

/** Only a number that is read back as it was written; any other would be written again and again. */
function editPhone(
  patron: Constituent,
  value: string | null,
  { kind, site }: { kind: RegExp; site: Site },
): PartOf {
  if (value === null) return { because: 'a phone is not removed from HubSpot: do it in Tessitura' };
  const number = parsePhone(value, diallingOf(patron, site).country);
  if (number.ok) return { edit: { phones: [{ kind, number: number.value }] } };
  return { because: `the phone ${number.because}: correct it in HubSpot` };
}

function editConsent(
  value: string | null,
  consent: (state: 'granted' | 'denied') => NonNullable<ConstituentEdit['consent']>,
): PartOf {
  if (value === 'granted' || value === 'denied') return { edit: { consent: consent(value) } };
  return { because: 'an answer cannot be taken back to "never asked": say yes or no in either system' };
}
