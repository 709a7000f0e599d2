import { linkIndex } from '../../engine/link.ts';
import type {
  ClaimRequest,
  ClaimResult,
  Lease,
  Link,
  Links,
  Millis,
  Settlement,
} from '../../engine/ports.ts';
import {
  foundJson,
  type Item,
  itemKey,
  itemName,
  leaseOf,
  ownerOf,
  toLink,
  toLinkBeforeClaim,
} from './link-item.ts';
import { linkLists } from './link-lists.ts';
import { readItems } from './link-read.ts';
import { packJson } from './packed-json.ts';
import { allOf, type Store } from './store.ts';
import { TABLE } from './table.ts';
import { type Change, update } from './update.ts';

/** A claim that races with others this often is left to them. */
const TRIES = 4;
const { parked, due } = TABLE.indexes;

/**
 * Links on the state table: one item each, claimed by one conditional write that also reads it, settled by a
 * second one. A takeover, which is rare, costs one write more.
 */
export function links(store: Store): Links {
  return {
    ...linkLists(store),
    read: async (keys) => {
      const items = await readItems(store, keys.map(itemKey), false);
      return keys.map((key) => {
        const item = items.get(itemName(itemKey(key)));
        return item && toLink(item);
      });
    },
    claim: (requests, expiredBefore) => claimAll(store, requests, expiredBefore),
    settle: (settlements) => allOf(settlements.map((settlement) => settleOne(store, settlement))),
    wait: async (key, waiter) => {
      await update(store, { key: itemKey(key), add: ['waiters', [waiter]] });
    },
  };
}

/**
 * A claim whose write failed may have been written: its record counts as held by ourselves until that lease
 * would end, so that the others go on. Only if all failed is it the table's failure.
 */
async function claimAll(
  store: Store,
  requests: readonly ClaimRequest[],
  expiredBefore: Millis,
): Promise<ClaimResult[]> {
  const ended = await Promise.allSettled(requests.map((request) => claimOne(store, request, expiredBefore)));
  const [first] = ended;
  if (first?.status === 'rejected' && ended.every((each) => each.status === 'rejected')) throw first.reason;
  return ended.map((each, at) =>
    each.status === 'fulfilled' ? each.value : { claimed: false, heldUntil: requests[at]?.until ?? 0 },
  );
}

async function claimOne(store: Store, request: ClaimRequest, expiredBefore: Millis): Promise<ClaimResult> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { written, old } = await update(store, takeFree(request));
    if (written) return { claimed: true, before: old && before(old, request) };
    const held = old && leaseOf(old);
    if (!old || !held) continue;
    if (held.until >= expiredBefore) return { claimed: false, heldUntil: held.until };
    const taken = await update(store, takeOver(request, old, held));
    if (taken.written) return { claimed: true, before: taken.old && toLink(taken.old) };
    // The client may have repeated a write whose answer was lost: then this is our own doing.
    if (taken.old && ownerOf(taken.old) === request.token)
      return { claimed: true, before: toLinkBeforeClaim(taken.old) };
  }
  return { claimed: false, heldUntil: request.until };
}

function before(old: Item, { token }: ClaimRequest): Link {
  return ownerOf(old) === token ? toLinkBeforeClaim(old) : toLink(old);
}

function takeFree({ key, token, until }: ClaimRequest): Change {
  return {
    key: itemKey(key),
    set: { owner: { S: token }, until: { N: String(until) } },
    condition: 'attribute_not_exists(#owner) OR #owner = :owner',
  };
}

function takeOver({ key, token, until }: ClaimRequest, old: Item, held: Lease): Change {
  const takeovers = Number(old.takeovers?.N ?? 0);
  return {
    key: itemKey(key),
    set: {
      owner: { S: token },
      until: { N: String(until) },
      found: { S: foundJson(held, takeovers) },
      takeovers: { N: String(held.reported ? takeovers : takeovers + 1) },
    },
    remove: ['reported'],
    condition: `#owner = :theirs AND #until = :theirUntil AND ${held.reported ? 'attribute_exists' : 'attribute_not_exists'}(#reported)`,
    given: { theirs: { S: held.token }, theirUntil: { N: String(held.until) } },
  };
}

async function settleOne(store: Store, settlement: Settlement): Promise<'settled' | 'lost'> {
  const { written } = await update(store, settling(settlement));
  return written ? 'settled' : 'lost';
}

function settling({ key, token, body, lease, rung }: Settlement): Change {
  const index = body && linkIndex(body);
  const set: Record<string, NonNullable<Item[string]>> = {};
  const remove = lease === 'keep' ? [] : ['takeovers', 'found'];
  if (lease === 'release') remove.push('owner', 'until', 'reported');
  if (lease === 'report') set.reported = { BOOL: true };
  // An update that changes nothing at all is refused.
  if (lease === 'keep') set.owner = { S: token };
  if (body) set.body = packJson(body);
  for (const [at, of] of [
    [index?.parkedSince, parked],
    [index?.recheckAt, due],
  ] as const) {
    if (at !== undefined)
      Object.assign(set, { [of.partitionKey]: { S: key.flow }, [of.sortKey]: { N: String(at) } });
    else if (body) remove.push(of.partitionKey, of.sortKey);
  }
  return {
    key: itemKey(key),
    set,
    remove,
    ...(rung.length > 0 && { take: ['waiters', rung] as const }),
    condition: '#owner = :token',
    asked: ['owner'],
    given: { token: { S: token } },
  };
}
