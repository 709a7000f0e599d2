import type { Engine, Work } from './engine.ts';
import { Fault, vendorCall } from './fault.ts';
import type { Collection } from './flow.ts';
import { sessionOf, visit } from './visit.ts';

/**
 * The few words a person recognises records by, as the source has them now. A record that cannot be read now has
 * none: people still know it by its id.
 */
export async function labelsOf(
  engine: Engine,
  { source, label }: Collection,
  ids: readonly string[],
  work: Work,
): Promise<ReadonlyMap<string, string>> {
  const labels = new Map<string, string>();
  if (!label) return labels;
  try {
    await visit(engine, { accounts: [source.account], lane: 'live', work }, async (sessions) => {
      const session = sessionOf(sessions, source.account);
      for (let at = 0; at < ids.length; at += source.batchSize) {
        await vendorCall(`read ${source.title}`, async () => {
          const reads = await source.read(session, ids.slice(at, at + source.batchSize));
          for (const [id, read] of reads) if (read.state === 'present') labels.set(id, label(read.record));
        });
      }
    });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
  }
  return labels;
}
