import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { Connector } from '../connector.ts';
import { call } from './client.ts';
import { RECONNECT, VENDOR } from './faults.ts';
import { AccountReplySchema, SecretSchema } from './schema.ts';
import { daysOfSupport, SUNSETS } from './versions.ts';

export { companies } from './companies.ts';
export { eraseContact, mergeContacts } from './contact-ends.ts';
export { contacts } from './contacts.ts';
export { hubspotAccount } from './limits.ts';
export { marketingEvents } from './marketing-events.ts';
export { membersText } from './members-text.ts';
export { participations } from './participations.ts';
export { contactWebhook } from './webhook.ts';

/** HubSpot, for hosts and the operator's tools. */
export const connector: Connector = { vendor: VENDOR, title: 'HubSpot', secret: SecretSchema, check };

async function check(session: Session): Promise<string> {
  const operation = 'account.details';
  const reply = await call(
    session,
    { operation, effect: 'read', method: 'GET', area: 'account' },
    AccountReplySchema,
  );
  const { portalId, apiVersion } = await session.secret(SecretSchema);
  if (reply.portalId !== portalId) {
    throw new Fault('auth-expired', {
      vendor: VENDOR,
      operation,
      field: 'portalId',
      message: 'these credentials belong to another HubSpot account than portalId says; correct one of them',
      mend: RECONNECT,
    });
  }
  const days = daysOfSupport(apiVersion, session.now());
  const support =
    days > 90 ? `supported until ${SUNSETS[apiVersion]}` : `SUPPORT ENDS ${SUNSETS[apiVersion]}`;
  return `HubSpot account ${portalId}, API ${apiVersion} ${support}`;
}
