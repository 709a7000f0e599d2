import { asFault } from '../../engine/fault.ts';
import type { Write, WriteResult } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { mergeContacts } from './contact-ends.ts';

/** Merges contacts one after another: of two merges into one record the second needs the id that the first made. */
export async function writeMerges(
  session: Session,
  merges: readonly Write[],
): Promise<Map<string, WriteResult>> {
  const results = new Map<string, WriteResult>();
  const moved = new Map<string, string>();
  for (const { ref, targetId, into } of merges) {
    if (targetId === undefined || into === undefined) {
      results.set(ref, { ok: false, lost: true });
      continue;
    }
    try {
      const survivor = await mergeContacts(session, { primary: moved.get(into) ?? into, other: targetId });
      moved.set(into, survivor);
      results.set(ref, { ok: true, targetId: survivor, created: false });
    } catch (thrown) {
      results.set(ref, { ok: false, fault: asFault(thrown, 'contacts.merge') });
    }
  }
  return results;
}
