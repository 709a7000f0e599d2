import type { Session } from '../../engine/session.ts';
import { call } from './client.ts';
import type { Decision } from './consent-writes.ts';
import { BatchStatusReplySchema } from './schema.ts';

/** One decision on one address. */
export interface Said {
  email: string;
  decision: Decision;
}

/** HubSpot documents no limit of this batch; those of its other batches end here. */
const MOST = 100;

/** About one topic: a no to everything has a call of its own. */
export function isOfTopic({ decision }: Said): boolean {
  return decision.consent.subscriptionId !== undefined;
}

/**
 * Writes many addresses' decisions in one call per hundred, and resolves with those that HubSpot confirms. What it
 * leaves out or refuses is to be written singly, where the answer tells why.
 */
export async function writeTogether<S extends Said>(session: Session, all: readonly S[]): Promise<Set<S>> {
  const confirmed = new Set<S>();
  for (let at = 0; at < all.length; at += MOST)
    for (const each of await write(session, all.slice(at, at + MOST))) confirmed.add(each);
  return confirmed;
}

async function write<S extends Said>(session: Session, part: readonly S[]): Promise<S[]> {
  const request = {
    operation: 'preferences.write-batch',
    effect: 'write',
    method: 'POST',
    area: 'preferences',
    path: '/statuses/batch/write',
    body: { inputs: part.map(inputOf) },
  } as const;
  const { results } = await call(session, request, BatchStatusReplySchema);
  const states = new Map(
    (results ?? []).map((each) => [keyOf(each.subscriberIdString, each.subscriptionId), each.status]),
  );
  return part.filter((each) => {
    const { subscriberIdString, subscriptionId, statusState } = inputOf(each);
    return states.get(keyOf(subscriberIdString, subscriptionId)) === statusState;
  });
}

function inputOf({ email, decision: { consent, granted } }: Said) {
  const { subscriptionId, legalBasis, legalBasisExplanation } = consent;
  const statusState = granted ? 'SUBSCRIBED' : 'UNSUBSCRIBED';
  const what = { subscriberIdString: email, subscriptionId, statusState, channel: 'EMAIL' };
  return { ...what, legalBasis, legalBasisExplanation };
}

function keyOf(email: string | null | undefined, topic: number | null | undefined): string {
  return `${topic ?? ''}/${email?.toLowerCase() ?? ''}`;
}
