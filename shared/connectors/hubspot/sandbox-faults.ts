import type { FaultSwitch } from '../sandbox.ts';

/** The property that `property-deleted` takes away. */
export const DELETABLE = 'tessitura_membership_level';

/** What can be made to go wrong. */
export const FAULTS = [
  { name: 'rate-limit-burst', does: 'two of three calls are answered 429 TEN_SECONDLY_ROLLING' },
  { name: 'daily-limit', does: 'every call is answered 429 DAILY' },
  { name: 'outage', does: 'every call is answered 502 or 503, and nothing is done' },
  { name: 'reply-lost', does: 'writes are done, then the connection breaks before the answer' },
  { name: 'late-writes', does: 'the connection breaks at once and the write is done 8 seconds later' },
  { name: 'slow', does: 'every call takes 5 seconds longer' },
  { name: 'token-revoked', does: 'access tokens are answered 401 and the refresh token is refused' },
  { name: 'field-removed', does: 'replies lack the id of each record' },
  { name: 'locked', does: 'two of three writes are answered 423, the records being locked' },
  { name: 'migration', does: 'every call is answered 477 with Retry-After, the account being moved' },
  {
    name: 'validation-rule',
    does: 'about one contact in 50 is refused for its phone, each by its own error item',
  },
  { name: 'batch-refused', does: 'as validation-rule, but the whole call is refused and names no record' },
  {
    name: 'portal-rule',
    does: 'the account demands a last name: 2026-09 refuses writes that leave a contact without one',
  },
  {
    name: 'property-deleted',
    does: `somebody deleted the contact property ${DELETABLE}: writes that name it are refused`,
  },
  { name: 'data-privacy', does: 'the account has data privacy on: consent needs a legal basis' },
  { name: 'gdpr-blocklist', does: 'the API, too, refuses addresses that were permanently deleted' },
  { name: 'webhooks-duplicated', does: 'every webhook event is sent twice' },
  { name: 'webhooks-reordered', does: 'webhook events are shuffled, and half of them come 5 seconds later' },
  { name: 'webhooks-lost', does: 'every second webhook event is never sent' },
] as const satisfies readonly FaultSwitch[];

export type FaultName = (typeof FAULTS)[number]['name'];

/** Turns faults on or off; throws when one is unknown. */
export function switchFaults(on: Set<FaultName>, faults: Readonly<Record<string, boolean>>): void {
  const known = new Map(FAULTS.map((each) => [String(each.name), each.name]));
  const unknown = Object.keys(faults).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new Error(`HubSpot's sandbox has no fault "${unknown}"; it has ${[...known.keys()].join(', ')}`);
  for (const [name, wanted] of Object.entries(faults)) {
    const fault = known.get(name);
    if (fault && wanted) on.add(fault);
    else if (fault) on.delete(fault);
  }
}
