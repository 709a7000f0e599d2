import { vendorCall } from './fault.ts';
import type { Identity, Read, Target } from './resource.ts';
import type { Session } from './session.ts';

/** Where a record of the target is to be found now. */
export interface Survivor {
  /** The id that answers for it: its own, or that of the record which the last of its merges made. */
  into: string;
  /** `merged` where the merges lead round in a circle; undefined where the target tells of no such record. */
  read: Read<Identity> | undefined;
}

/** Who answers for these ids at the target: a survivor may have been merged away itself since, and that one again. */
export async function survivors(
  session: Session,
  target: Target,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, Survivor>> {
  const firsts = [...new Set(ids)];
  const known = new Map<string, Read<Identity>>();
  let asked = firsts;
  while (asked.length > 0) {
    const now = asked;
    const reads: ReadonlyMap<string, Read<Identity>> = await vendorCall(
      `identify ${target.title}`,
      async () => (await target.identify?.(session, now)) ?? new Map(),
    );
    for (const [id, read] of reads) known.set(id, read);
    const next = [...reads.values()].flatMap((read) => (read.state === 'merged' ? [read.into] : []));
    asked = [...new Set(next)].filter((id) => !known.has(id));
  }
  return new Map(firsts.map((id) => [id, survivorOf(known, id)] as const));
}

function survivorOf(known: ReadonlyMap<string, Read<Identity>>, first: string): Survivor {
  const passed = new Set<string>();
  let into = first;
  for (;;) {
    const read = known.get(into);
    if (read?.state !== 'merged' || passed.has(into)) return { into, read };
    passed.add(into);
    into = read.into;
  }
}
