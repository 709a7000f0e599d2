import type { FaultSwitch } from '../sandbox.ts';

/** What can be made to go wrong. */
export const FAULTS = [
  { name: 'rate-limit-burst', does: 'two of three calls are answered 429 RATE_LIMITED, and nothing is done' },
  { name: 'outage', does: 'every call is answered 502 or 503, and nothing is done' },
  { name: 'reply-lost', does: 'writes are done, then the connection breaks before the answer' },
  {
    name: 'late-writes',
    does: 'the connection breaks at once and the write arrives 30 seconds later, its key unknown until then',
  },
  {
    name: 'in-flight',
    does: 'as late-writes, but Square has the request already: its key is answered 409 until it is done',
  },
  { name: 'error-after', does: 'writes are done and answered 500, which is stored under their key' },
  {
    name: 'error-before',
    does: 'writes are answered 500 and not done; the answer is stored under their key',
  },
  { name: 'keys-pruned', does: 'every idempotency key is forgotten at once' },
  { name: 'lists-behind', does: 'lists are a minute behind instead of five seconds' },
  { name: 'slow', does: 'every call takes 5 seconds longer' },
  { name: 'token-revoked', does: 'every access token is answered 401 ACCESS_TOKEN_REVOKED' },
  { name: 'permission-missing', does: 'the access token is answered 403 to every write' },
  { name: 'field-removed', does: 'replies lack the id of each object' },
  { name: 'wrong-answer', does: 'answers to writes tell of an amount that is one unit larger' },
  { name: 'processing', does: 'a new payment is pending for a minute' },
  { name: 'refunds-fail', does: 'refunds fail an hour after they were made' },
  { name: 'payouts-fail', does: 'payouts fail a day after they were made, and their money comes back' },
  { name: 'webhooks-duplicated', does: 'every webhook event is sent twice' },
  { name: 'webhooks-reordered', does: 'webhook events are shuffled, and half of them come 5 seconds later' },
  { name: 'webhooks-lost', does: 'no webhook event is ever sent' },
  { name: 'webhooks-first', does: 'a write is answered only after its webhook events were sent' },
] as const satisfies readonly FaultSwitch[];

export type FaultName = (typeof FAULTS)[number]['name'];

/** Turns faults on or off; throws when one is unknown. */
export function switchFaults(on: Set<FaultName>, faults: Readonly<Record<string, boolean>>): void {
  const known = new Map(FAULTS.map((each) => [String(each.name), each.name]));
  const unknown = Object.keys(faults).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new Error(`Square's sandbox has no fault "${unknown}"; it has ${[...known.keys()].join(', ')}`);
  for (const [name, wanted] of Object.entries(faults)) {
    const fault = known.get(name);
    if (fault && wanted) on.add(fault);
    else if (fault) on.delete(fault);
  }
}
