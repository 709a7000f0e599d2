import type { Constituent } from '../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import { holdsEmail, sharersOf } from './email-owner.ts';
import type { Emails } from './emails.ts';
import { type Answer, answerOf, type EmailPermission } from './permission.ts';
import { isDeceased, type Site } from './site.ts';

/** By channel. */
export type Consents = Record<'email' | 'phone' | 'mail', Answer>;

/** What the patron's own rows say. */
export function ownConsents(patron: Constituent, emails: Emails, site: Site): Consents {
  const { ContactPermissions: permissions, PhoneNumbers } = patron;
  const refusesCalls = PhoneNumbers.some((each) => !each.Inactive && each.AllowTelemarketing === false);
  return {
    email: answerOf(permissions, site.emailPermission, emails.marketingRefused),
    phone: answerOf(permissions, site.phonePermission, refusesCalls),
    mail: answerOf(permissions, site.mailPermission, false),
  };
}

/**
 * What holds: of an e-mail that several people have also what the others said, because an inbox cannot tell its
 * readers apart. Nobody writes to the dead.
 */
export function consentsOf(patron: Constituent, emails: Emails, site: Site): Consents {
  if (isDeceased(patron, site)) return { email: 'denied', phone: 'denied', mail: 'denied' };
  const own = ownConsents(patron, emails, site);
  return sharersOf(patron).some((each) => each.denied) ? { ...own, email: 'denied' } : own;
}

/** HubSpot keeps the e-mail consent by address, so only the contact that has the address shows one. */
export function consentFields(patron: Constituent, emails: Emails, site: Site): Fields {
  const { email, phone, mail } = consentsOf(patron, emails, site);
  const permission: EmailPermission = email ?? 'unknown';
  return {
    ...(holdsEmail(patron, emails, site) ? { email_consent: email } : {}),
    tessitura_email_permission: permission,
    tessitura_phone_permission: phone,
    tessitura_mail_permission: mail,
  };
}
