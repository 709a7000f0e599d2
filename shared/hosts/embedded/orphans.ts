import type { Store } from './store.ts';

const RELEASE = 'UPDATE messages SET visible_at = ? WHERE receive_count > 0 AND visible_at > ?';
const CURSORS = ['scan/', 'backfill/', 'audit/'];
const UNLEASE = `UPDATE documents SET value = json_remove(value, '$.lease'), revision = revision + 1
  WHERE key >= ? AND key < ? AND json_extract(value, '$.lease') IS NOT NULL`;

/**
 * What an earlier process had in hand is free at once: its unacknowledged messages are visible again, and its
 * walks can be continued. The data directory has one owner, so that process is dead. Records that it had
 * claimed stay in quarantine by their leases, because what it sent may still land at a vendor.
 */
export function releaseOrphans(store: Store): void {
  // Nothing else writes yet, so these few need no job of the group commit.
  store.run(RELEASE, [store.now(), store.now()]);
  for (const prefix of CURSORS) store.run(UNLEASE, [prefix, `${prefix}\uffff`]);
}
