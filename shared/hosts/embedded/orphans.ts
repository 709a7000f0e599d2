import type { Store } from './store.ts';

const RELEASE = 'UPDATE messages SET visible_at = ? WHERE receive_count > 0 AND visible_at > ?';

/**
 * What an earlier process had received and not acknowledged is visible again at once: the data directory has
 * one owner, so that process is dead. Its records stay quarantined by their leases.
 */
export function releaseOrphans(store: Store): void {
  // Not awaited: writes are done in order, so this one is done before anything is received.
  store.write(() => store.run(RELEASE, [store.now(), store.now()])).catch(() => undefined);
}
