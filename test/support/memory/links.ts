import { keyText, linkIndex } from '../../../shared/engine/link.ts';
import type {
  ClaimRequest,
  ClaimResult,
  Lease,
  Link,
  LinkKey,
  Links,
  Millis,
  Page,
  Settlement,
} from '../../../shared/engine/ports.ts';
import type { MemoryState, StoredLink } from './state.ts';
import { byText, copied } from './state.ts';

export function readIn(state: MemoryState, keys: readonly LinkKey[]): (Link | undefined)[] {
  return keys.map((key) => {
    const stored = state.links.get(keyText(key));
    return stored && outside(stored);
  });
}

export function claimIn(
  state: MemoryState,
  requests: readonly ClaimRequest[],
  expiredBefore: Millis,
): ClaimResult[] {
  return requests.map((request) => claimOne(state, request, expiredBefore));
}

export function settleIn(state: MemoryState, settlements: readonly Settlement[]): ('settled' | 'lost')[] {
  return settlements.map((settlement) => settleOne(state, settlement));
}

export function waitIn(state: MemoryState, key: LinkKey, waiter: string): void {
  const stored = ensure(state, key);
  if (!stored.waiters.includes(waiter)) stored.waiters.push(waiter);
}

export function pageIn(
  state: MemoryState,
  of: { flow: string; collection: string },
  limit: number,
  after = '',
): Page<Link> {
  const rest = [...state.links.values()]
    .filter(({ key }) => key.flow === of.flow && key.collection === of.collection && key.id > after)
    .sort((a, b) => byText(a.key.id, b.key.id));
  return cut(rest, limit, (last) => last.key.id);
}

export function parkedIn(state: MemoryState, flow: string, limit: number, after?: string): Page<Link> {
  const place = (link: StoredLink) => padded(linkIndex(link.body).parkedSince ?? 0) + keyText(link.key);
  const rest = indexed(state, flow, 'parkedSince').filter(
    (link) => after === undefined || place(link) > after,
  );
  return cut(rest, limit, place);
}

export function dueIn(state: MemoryState, flow: string, now: Millis, limit: number): Link[] {
  return indexed(state, flow, 'recheckAt')
    .filter((link) => (linkIndex(link.body).recheckAt ?? Infinity) <= now)
    .slice(0, limit)
    .map((link) => outside(link));
}

export function parkedCountIn(state: MemoryState, flow: string): { count: number; oldestSince?: Millis } {
  const parked = indexed(state, flow, 'parkedSince');
  const oldestSince = linkIndex(parked[0]?.body).parkedSince;
  return oldestSince === undefined ? { count: 0 } : { count: parked.length, oldestSince };
}

export function memoryLinks(state: MemoryState): Links {
  return {
    read: async (keys) => readIn(state, keys),
    claim: async (requests, expiredBefore) => claimIn(state, requests, expiredBefore),
    settle: async (settlements) => settleIn(state, settlements),
    wait: async (key, waiter) => waitIn(state, key, waiter),
    page: async (of, limit, after) => pageIn(state, of, limit, after),
    parked: async (flow, limit, after) => parkedIn(state, flow, limit, after),
    due: async (flow, now, limit) => dueIn(state, flow, now, limit),
    parkedCount: async (flow) => parkedCountIn(state, flow),
  };
}

function claimOne(state: MemoryState, request: ClaimRequest, expiredBefore: Millis): ClaimResult {
  const known = state.links.get(keyText(request.key));
  const held = known?.lease;
  const lease: Lease = { token: request.token, until: request.until };
  if (held && held.token !== request.token && held.until >= expiredBefore) {
    return { claimed: false, heldUntil: held.until };
  }
  const before = known && outside(known, request.token);
  const stored = ensure(state, request.key);
  stored.lease = lease;
  if (held?.token === request.token) return { claimed: true, before };
  stored.found = held && { lease: held, takeovers: stored.takeovers };
  if (held && !held.reported) stored.takeovers += 1;
  return { claimed: true, before };
}

function settleOne(state: MemoryState, settlement: Settlement): 'settled' | 'lost' {
  const stored = state.links.get(keyText(settlement.key));
  if (!stored?.lease || stored.lease.token !== settlement.token) return 'lost';
  if (settlement.body) stored.body = copied(settlement.body);
  stored.waiters = stored.waiters.filter((waiter) => !settlement.rung.includes(waiter));
  if (settlement.lease === 'keep') return 'settled';
  stored.lease = settlement.lease === 'report' ? { ...stored.lease, reported: true } : undefined;
  stored.takeovers = 0;
  stored.found = undefined;
  return 'settled';
}

function ensure(state: MemoryState, key: LinkKey): StoredLink {
  const known = state.links.get(keyText(key));
  if (known) return known;
  const { flow, collection, id } = key;
  const created: StoredLink = {
    key: { flow, collection, id },
    body: undefined,
    lease: undefined,
    takeovers: 0,
    waiters: [],
    found: undefined,
  };
  state.links.set(keyText(key), created);
  return created;
}

/** A copy for the caller; under a claimant's own lease, the lease and takeovers that its first write found. */
function outside(stored: StoredLink, claimant?: string): Link {
  const own = stored.lease !== undefined && stored.lease.token === claimant;
  const lease = own ? stored.found?.lease : stored.lease;
  return {
    key: { ...stored.key },
    body: copied(stored.body),
    lease: lease && { ...lease },
    takeovers: own ? (stored.found?.takeovers ?? stored.takeovers) : stored.takeovers,
    waiters: [...stored.waiters],
  };
}

function indexed(state: MemoryState, flow: string, by: 'parkedSince' | 'recheckAt'): StoredLink[] {
  const at = (link: StoredLink) => linkIndex(link.body)[by];
  return [...state.links.values()]
    .filter((link) => link.key.flow === flow && at(link) !== undefined)
    .sort((a, b) => (at(a) ?? 0) - (at(b) ?? 0) || byText(keyText(a.key), keyText(b.key)));
}

function cut(rest: readonly StoredLink[], limit: number, place: (link: StoredLink) => string): Page<Link> {
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const page: Page<Link> = { items: items.map((link) => outside(link)) };
  if (last && rest.length > limit) page.next = place(last);
  return page;
}

function padded(at: Millis): string {
  return String(at).padStart(16, '0');
}
