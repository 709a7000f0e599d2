import { linkIndex } from '../../engine/link.ts';
import type {
  ClaimRequest,
  ClaimResult,
  Lease,
  LinkKey,
  Links,
  Millis,
  Settlement,
} from '../../engine/ports.ts';
import { linkLists } from './link-lists.ts';
import {
  foundJson,
  LINK_COLUMNS,
  LinkRow,
  leaseOf,
  toLink,
  toLinkBeforeClaim,
  waitersJson,
  waitersOf,
} from './link-rows.ts';
import type { Store } from './store.ts';

const BY_KEY = 'WHERE flow = ? AND collection = ? AND id = ?';
const SELECT = `SELECT ${LINK_COLUMNS} FROM links ${BY_KEY}`;
const SELECT_LEASE = `SELECT seq, token, waiters FROM links ${BY_KEY}`;
const INSERT = 'INSERT INTO links (flow, collection, id, token, until, waiters) VALUES (?, ?, ?, ?, ?, ?)';
const TAKE = 'UPDATE links SET token = ?, until = ?, reported = 0, takeovers = ?, found = ? WHERE seq = ?';
const PROLONG = 'UPDATE links SET until = ? WHERE seq = ?';
const RELEASE = 'token = NULL, until = NULL, reported = 0, takeovers = 0, found = NULL, waiters = ?';
const REPORT = 'reported = 1, takeovers = 0, found = NULL, waiters = ?';
const KEEP = 'waiters = ?';

const LEASE = { release: RELEASE, report: REPORT, keep: KEEP } as const;
const BODY = 'body = ?, parked_since = ?, recheck_at = ?';

const LeaseRow = LinkRow.pick({ seq: true, token: true, waiters: true });

/** Links on the store's file: point look-ups by key, one row each. */
export function links(store: Store): Links {
  return {
    ...linkLists(store),
    read: async (keys) => keys.map((key) => linkAt(store, key)),
    claim: (requests, expiredBefore) =>
      store.write(() => requests.map((request) => claimOne(store, request, expiredBefore))),
    settle: (settlements) => store.write(() => settlements.map((settlement) => settleOne(store, settlement))),
    wait: (key, waiter) => store.write(() => waitFor(store, key, waiter)),
  };
}

function linkAt(store: Store, key: LinkKey) {
  const row = store.one(SELECT, LinkRow, values(key));
  return row && toLink(row);
}

function claimOne(store: Store, request: ClaimRequest, expiredBefore: Millis): ClaimResult {
  const { key, token, until } = request;
  const row = store.one(SELECT, LinkRow, values(key));
  if (!row) {
    store.run(INSERT, [...values(key), token, until, null]);
    return { claimed: true, before: undefined };
  }
  const lease = leaseOf(row);
  if (lease?.token === token) {
    store.run(PROLONG, [until, row.seq]);
    return { claimed: true, before: toLinkBeforeClaim(row) };
  }
  if (lease && lease.until >= expiredBefore) return { claimed: false, heldUntil: lease.until };
  take(store, row, { token, until });
  return { claimed: true, before: toLink(row) };
}

function take(store: Store, row: LinkRow, mine: Lease): void {
  const theirs = leaseOf(row);
  const takeovers = theirs && !theirs.reported ? row.takeovers + 1 : row.takeovers;
  const found = theirs ? foundJson(theirs, row.takeovers) : null;
  store.run(TAKE, [mine.token, mine.until, takeovers, found, row.seq]);
}

function settleOne(store: Store, settlement: Settlement): 'settled' | 'lost' {
  const row = store.one(SELECT_LEASE, LeaseRow, values(settlement.key));
  if (row?.token !== settlement.token) return 'lost';
  const lease = LEASE[settlement.lease];
  const waiters = waitersOf(row.waiters).filter((waiter) => !settlement.rung.includes(waiter));
  const { body } = settlement;
  if (!body) {
    store.run(`UPDATE links SET ${lease} WHERE seq = ?`, [waitersJson(waiters), row.seq]);
    return 'settled';
  }
  const { parkedSince = null, recheckAt = null } = linkIndex(body);
  store.run(`UPDATE links SET ${lease}, ${BODY} WHERE seq = ?`, [
    waitersJson(waiters),
    JSON.stringify(body),
    parkedSince,
    recheckAt,
    row.seq,
  ]);
  return 'settled';
}

function waitFor(store: Store, key: LinkKey, waiter: string): void {
  const row = store.one(SELECT_LEASE, LeaseRow, values(key));
  if (!row) {
    store.run(INSERT, [...values(key), null, null, waitersJson([waiter])]);
    return;
  }
  const waiters = waitersOf(row.waiters);
  if (waiters.includes(waiter)) return;
  store.run('UPDATE links SET waiters = ? WHERE seq = ?', [waitersJson([...waiters, waiter]), row.seq]);
}

function values({ flow, collection, id }: LinkKey): [string, string, string] {
  return [flow, collection, id];
}
