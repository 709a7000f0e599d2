import type { Session } from '../../engine/session.ts';
import { call, callForNothing } from './client.ts';
import { OneRecordSchema } from './schema.ts';

/**
 * Makes one contact of two and returns its id, which is a new one: both old ids show the survivor from then on.
 * The primary's values win, its gaps are filled from the other. It cannot be undone, so a lost answer is no
 * reason to send it again: read both ids first. A contact takes part in 250 merges at most.
 */
export async function mergeContacts(
  session: Session,
  { primary, other }: { primary: string; other: string },
): Promise<string> {
  const request = {
    operation: 'contacts.merge',
    effect: 'write',
    method: 'POST',
    area: 'contacts',
    path: '/merge',
    body: { primaryObjectId: primary, objectIdToMerge: other },
  } as const;
  return (await call(session, request, OneRecordSchema)).id;
}

/**
 * Erases a contact for good, with its history and activities ("Permanently delete" under GDPR). By e-mail also
 * one that is not there: HubSpot then keeps the address on a list of those it takes in no more. HubSpot needs
 * up to 30 days for everything that hangs on it.
 */
export async function eraseContact(
  session: Session,
  contact: { contactId: string } | { email: string },
): Promise<void> {
  const body =
    'email' in contact ? { objectId: contact.email, idProperty: 'email' } : { objectId: contact.contactId };
  await callForNothing(session, {
    operation: 'contacts.gdpr-delete',
    effect: 'write',
    method: 'POST',
    area: 'contacts',
    path: '/gdpr-delete',
    body,
  });
}
