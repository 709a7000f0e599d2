import type { Store } from './store.ts';

const RELEASE = `UPDATE messages SET visible_at = min(visible_at, ?), receive_count = receive_count - 1
  WHERE receive_count > 0`;
const CURSORS = ['scan/', 'backfill/', 'audit/'];
const UNLEASE = `UPDATE documents SET value = json_remove(value, '$.lease'), revision = revision + 1
  WHERE key >= ? AND key < ? AND json_extract(value, '$.lease') IS NOT NULL`;
const SLOTS = `UPDATE documents SET value = json_set(value, '$.budget.slots', json('[]')), revision = revision + 1
  WHERE key >= 'account/' AND key < 'account/\uffff' AND json_array_length(value, '$.budget.slots') > 0`;

/**
 * What an earlier process had in hand is free at once: its unacknowledged messages are visible again, its walks
 * can be continued, and its places among an account's concurrent calls are empty. The data directory has one
 * owner, so that process is dead, perhaps for longer than the messages were hidden. Its receives do not count
 * towards a message's ten: a record that kills the process is found by its takeovers, and restarts must not
 * send anything else to the dead letters. Records that it had claimed stay in quarantine by their leases,
 * because what it sent may still land at a vendor.
 */
export function releaseOrphans(store: Store): void {
  // Nothing else writes yet, so these few need no job of the group commit.
  store.run(RELEASE, [store.now()]);
  for (const prefix of CURSORS) store.run(UNLEASE, [prefix, `${prefix}\uffff`]);
  store.run(SLOTS);
}
