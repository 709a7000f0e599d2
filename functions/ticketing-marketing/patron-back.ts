import {
  type Constituent,
  type ConstituentEdit,
  historyOf,
} from '../../shared/connectors/tessitura/index.ts';
import { type Fields, type FieldValue, valueIn } from '../../shared/engine/fields.ts';
import type { History } from '../../shared/engine/history.ts';
import type { EditContext, Edited, FieldRule } from '../../shared/engine/pair.ts';
import { normaliseEmail } from '../../shared/values/email.ts';
import { textOrNull } from '../../shared/values/name.ts';
import { consentsOf, ownConsents } from './consents.ts';
import { editField, inOneEdit } from './edit-patron.ts';
import { holdsEmail, ownerOf, sharersOf } from './email-owner.ts';
import { emailsOf } from './emails.ts';
import { diallingOf, phoneFields } from './phones.ts';
import { isDeceased, type Site, usualSite } from './site.ts';

/** What HubSpot may change at the box office, and which side holds where both did. */
export const patronRules = {
  email: { policy: 'left-wins' },
  // Where two records meet, a bounce of before counts.
  email_bounced: { policy: 'left-wins', first: 'right' },
  firstname: { policy: 'fill-if-empty' },
  lastname: { policy: 'fill-if-empty' },
  phone: { policy: 'fill-if-empty' },
  mobilephone: { policy: 'fill-if-empty' },
  email_consent: { policy: 'deny-wins' },
  tessitura_phone_permission: { policy: 'deny-wins' },
  tessitura_mail_permission: { policy: 'deny-wins' },
} as const satisfies Readonly<Record<string, FieldRule>>;

/** A field of a patron that flows both ways. */
export type BackField = keyof typeof patronRules;

/** Who wrote what, as far as it is made of the patron's own rows; the audit log tells nothing of others' rows. */
export function patronHistory(patron: Constituent, site: Site = usualSite): History | undefined {
  return historyOf(patron, (asItWas) => ownValues(asItWas, site));
}

/**
 * Fields whose value is not the patron's own to change: an e-mail that another patron's contact holds, the consent of
 * an e-mail where somebody else who has it said no, every consent of somebody who has died. They come back into play
 * when that ends, with all that was said meanwhile.
 */
export function ownedByTessitura(patron: Constituent, site: Site = usualSite): BackField[] {
  const emails = emailsOf(patron.ElectronicAddresses);
  const holds = holdsEmail(patron, emails, site);
  const sharedAway = emails.primary !== null && !holds && ownerOf(sharersOf(patron), site) !== undefined;
  const others = consentsOf(patron, emails, site).email !== ownConsents(patron, emails, site).email;
  const dead = isDeceased(patron, site);
  return [
    ...(sharedAway ? (['email'] as const) : []),
    ...(!holds || others || dead ? (['email_consent'] as const) : []),
    ...(dead ? (['tessitura_phone_permission', 'tessitura_mail_permission'] as const) : []),
  ];
}

/** What to write at the box office so that the patron maps to these values, and what is left to people. */
export function editPatron(
  patron: Constituent,
  changed: Fields,
  { now, chosen }: EditContext,
  site: Site = usualSite,
): Edited<ConstituentEdit> {
  const parts = Object.entries(patronRules).flatMap(([field]) => {
    if (!Object.hasOwn(changed, field)) return [];
    const wish = { field, value: valueIn(changed, field), changed, chosen: chosen.includes(field) };
    return [{ field, ...editField(patron, wish, { now, site }) }];
  });
  const items = parts.flatMap(({ field, because }) => (because === undefined ? [] : [{ field, because }]));
  const edits = parts.flatMap(({ edit }) => edit ?? []);
  const waits = parts.flatMap((part) => ('waits' in part ? (part.waits ?? []) : []));
  return {
    items,
    ...(edits.length === 0 ? {} : { edit: inOneEdit(edits) }),
    ...(waits.length === 0 ? {} : { waits }),
  };
}

/** By what somebody who was erased is recognised: nothing makes a contact or a patron with this e-mail anew. */
export function patronIdentity({ email }: Readonly<Record<string, FieldValue | undefined>>): string[] {
  return typeof email === 'string' && email !== '' ? [normaliseEmail(email)] : [];
}

function ownValues(patron: Constituent, site: Site): Fields {
  const emails = emailsOf(patron.ElectronicAddresses);
  const { email, phone, mail } = ownConsents(patron, emails, site);
  return {
    email: emails.primary,
    firstname: textOrNull(patron.FirstName),
    lastname: textOrNull(patron.LastName),
    ...phoneFields(patron.PhoneNumbers, diallingOf(patron, site), site),
    email_consent: email,
    tessitura_phone_permission: phone,
    tessitura_mail_permission: mail,
  };
}
