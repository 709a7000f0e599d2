import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import { call } from './client.ts';
import type { ConsentField } from './consent-fields.ts';
import { VENDOR } from './faults.ts';
import { recordFailure } from './record-faults.ts';
import { StatusReplySchema } from './schema.ts';

/** A yes or a no that is to be written for one e-mail address. */
export interface Decision {
  consent: ConsentField;
  granted: boolean;
}

const OPERATION = 'preferences.write';

/**
 * Writes what was decided for one address; throws the fault of the first that HubSpot refuses. Each may be
 * repeated: one that stands already is `NO_STATUS_CHANGE`. A yes to a topic also ends a no to everything
 * (`RESUBSCRIBE_OCCURRED`), so yeses go first.
 */
export async function writeDecisions(
  session: Session,
  email: string,
  decisions: readonly Decision[],
): Promise<void> {
  const order = [...decisions].sort((a, b) => Number(b.granted) - Number(a.granted));
  for (const decision of order) await writeDecision(session, email, decision);
}

async function writeDecision(session: Session, email: string, { consent, granted }: Decision): Promise<void> {
  const { subscriptionId } = consent;
  const subscriber = `/statuses/${encodeURIComponent(email)}`;
  if (subscriptionId !== undefined) {
    const { legalBasis, legalBasisExplanation } = consent;
    const statusState = granted ? 'SUBSCRIBED' : 'UNSUBSCRIBED';
    const body = { subscriptionId, statusState, channel: 'EMAIL', legalBasis, legalBasisExplanation };
    const shown = await post(session, consent, { path: subscriber, body });
    if (shown !== undefined && shown !== statusState) throw kept(consent, granted);
  } else if (granted) throw kept(consent, granted);
  else await post(session, consent, { path: `${subscriber}/unsubscribe-all?channel=EMAIL` });
}

/** The status that HubSpot says the address has now. */
async function post(
  session: Session,
  consent: ConsentField,
  { path, body }: { path: string; body?: object },
): Promise<string | undefined> {
  const request = {
    operation: OPERATION,
    effect: 'write',
    method: 'POST',
    area: 'preferences',
    path,
    ...(body && { body }),
  } as const;
  try {
    const { results, errors } = await call(session, request, StatusReplySchema);
    const failed = errors?.[0] && recordFailure(errors[0], OPERATION, []);
    if (failed && 'fault' in failed && failed.fault) throw failed.fault;
    return results?.[0]?.status ?? undefined;
  } catch (thrown) {
    throw thrown instanceof Fault && thrown.kind === 'rejected' ? refusedConsent(thrown, consent) : thrown;
  }
}

/** HubSpot's refusal, with the field and what it may be about. */
function refusedConsent(fault: Fault, { field, subscriptionId, legalBasis }: ConsentField): Fault {
  const topic = subscriptionId === undefined ? 'all e-mail' : `subscription type ${subscriptionId}`;
  const basis = legalBasis ? `legal basis ${legalBasis}` : 'no legal basis';
  const message = `${fault.message}; it was about ${topic} with ${basis}: correct the consent options of the flow, or the subscription types of the account`;
  const { operation, status } = fault;
  return new Fault('rejected', {
    vendor: VENDOR,
    operation,
    field,
    message,
    ...(status === undefined ? {} : { status }),
  });
}

function kept({ field, subscriptionId }: ConsentField, granted: boolean): Fault {
  const why =
    subscriptionId === undefined
      ? 'who has unsubscribed from all e-mail can be subscribed again by topic only; give the consent a subscriptionId'
      : `HubSpot kept the ${granted ? 'no' : 'yes'} that it had; look at the contact's subscriptions`;
  return new Fault('rejected', {
    vendor: VENDOR,
    operation: OPERATION,
    field,
    message: `${field} was not written: ${why}`,
  });
}
