import type { Engine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import type { Link } from '../../engine/ports.ts';
import type { ParkedAnswer, ParkedRecord } from '../answers.ts';

const PARKED_PER_PAGE = 50;

/** One page of parked records, oldest first. */
export async function parkedAnswer(
  engine: Engine,
  flow: Flow,
  after: string | undefined,
): Promise<ParkedAnswer> {
  const page = await engine.ports.links.parked(flow.name, PARKED_PER_PAGE, after);
  const { count } = await engine.ports.links.parkedCount(flow.name);
  const records = page.items.flatMap((link) => parkedRecord(link) ?? []);
  return { flow: flow.name, count, records, ...(page.next !== undefined && { next: page.next }) };
}

/** Undefined for a link that is not parked. */
export function parkedRecord({ key, body }: Pick<Link, 'key' | 'body'>): ParkedRecord | undefined {
  if (!body?.parked) return undefined;
  const { kind, reason, field, since, fingerprint } = body.parked;
  return {
    collection: key.collection,
    id: key.id,
    kind,
    reason,
    since,
    fingerprint,
    ...(field !== undefined && { field }),
  };
}
