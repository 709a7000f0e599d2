import type { FaultSwitch } from '../sandbox.ts';

/** What can be made to go wrong. */
export const FAULTS = [
  {
    name: 'rate-limit-burst',
    does: 'two of three calls are answered 429 RATE_LIMIT_REACHED, and nothing is done',
  },
  { name: 'outage', does: 'every call is answered 502 or 503, and nothing is done' },
  { name: 'reply-lost', does: 'writes are done, then the connection breaks before the answer' },
  {
    name: 'late-writes',
    does: 'the connection breaks at once and the write arrives 30 seconds later, its request id unknown until then',
  },
  {
    name: 'in-flight',
    does: 'as late-writes, but its request id is answered 409 RESOURCE_CONFLICT until it is done',
  },
  { name: 'error-after', does: 'writes are done and answered 500' },
  { name: 'error-before', does: 'writes are answered 500 and not done; a repetition is carried out' },
  { name: 'keys-pruned', does: 'every request id is forgotten at once' },
  { name: 'slow', does: 'every call takes 5 seconds longer' },
  { name: 'token-revoked', does: 'access tokens are answered 401 and new ones are refused' },
  { name: 'token-expired', does: 'every access token that was given so far is answered 401' },
  { name: 'permission-missing', does: 'writes are answered 403 NOT_AUTHORIZED' },
  { name: 'field-removed', does: 'replies lack the status of each object' },
  { name: 'wrong-answer', does: 'answers to writes tell of an amount that is one unit larger' },
  { name: 'review', does: 'a new hold is pending for a minute, in review' },
  { name: 'processing', does: 'a new capture is pending for a minute' },
  { name: 'challenge', does: 'every authorisation of a saved card needs the payer first' },
  { name: 'refunds-pending', does: 'refunds are pending for an hour' },
  { name: 'refunds-fail', does: 'refunds are pending and fail an hour after they were made' },
  { name: 'webhooks-duplicated', does: 'every webhook event is sent twice' },
  { name: 'webhooks-reordered', does: 'webhook events are shuffled, and half of them come 5 seconds later' },
  { name: 'webhooks-lost', does: 'no webhook event is ever sent' },
  { name: 'webhooks-first', does: 'a write is answered only after its webhook events were sent' },
  { name: 'webhooks-forged', does: 'the signatures of webhooks are of another key' },
] as const satisfies readonly FaultSwitch[];

export type FaultName = (typeof FAULTS)[number]['name'];

/** Turns faults on or off; throws when one is unknown. */
export function switchFaults(on: Set<FaultName>, faults: Readonly<Record<string, boolean>>): void {
  const known = new Map(FAULTS.map((each) => [String(each.name), each.name]));
  const unknown = Object.keys(faults).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new Error(`PayPal's sandbox has no fault "${unknown}"; it has ${[...known.keys()].join(', ')}`);
  for (const [name, wanted] of Object.entries(faults)) {
    const fault = known.get(name);
    if (fault && wanted) on.add(fault);
    else if (fault) on.delete(fault);
  }
}
