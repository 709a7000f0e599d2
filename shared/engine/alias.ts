import * as z from 'zod';
import { amend, readDocument } from './documents.ts';
import type { LinkKey, Ports } from './ports.ts';

const AliasSchema = z.object({ version: z.literal(1), id: z.string() });
type Alias = z.infer<typeof AliasSchema>;

/** In front of a target's id where a hint carries one, so that it cannot be taken for a source's id. */
const MARK = '>';

/** The id that a hint carries for a record of the target. */
export function atTarget(targetId: string): string {
  return `${MARK}${targetId}`;
}

/** The target's id that a hint carries; undefined for a source's id. */
export function targetIn(id: string): string | undefined {
  return id.startsWith(MARK) ? id.slice(MARK.length) : undefined;
}

/** Which record of the source a target's record belongs to, as the crosswalk knows it. */
export async function aliasOf(
  ports: Pick<Ports, 'documents'>,
  collection: Omit<LinkKey, 'id'>,
  targetId: string,
): Promise<string | undefined> {
  return (await readDocument(ports, keyOf(collection, targetId), AliasSchema))?.id;
}

/**
 * Enters a pair into the crosswalk before its link says so. An entry is never taken away: a record that was merged
 * or deleted at the target still rings with the id that it had.
 */
export async function addAlias(
  ports: Pick<Ports, 'documents' | 'clock' | 'random'>,
  { id, ...collection }: LinkKey,
  targetId: string,
): Promise<void> {
  await amend<Alias>(ports, keyOf(collection, targetId), AliasSchema, (current) =>
    current?.id === id ? undefined : { version: 1, id },
  );
}

/**
 * Enters a pair before the target's record is given our reference, so that two workers cannot both take one that
 * nobody has yet. Resolves with the source's id that has it, if another one does.
 */
export async function reserve(
  ports: Pick<Ports, 'documents' | 'links' | 'clock' | 'random'>,
  key: LinkKey,
  targetId: string,
): Promise<string | undefined> {
  const place = keyOf(key, targetId);
  const stored = await amend<Alias>(ports, place, AliasSchema, (current) =>
    current ? undefined : { version: 1, id: key.id },
  );
  if (stored === undefined || stored.id === key.id) return undefined;
  const [holder] = await ports.links.read([{ ...key, id: stored.id }]);
  // Somebody who is at it, or who died over it, may have written; what he said at last counts.
  if (holder?.lease || holder?.body?.targetId === targetId) return stored.id;
  const now = await amend<Alias>(ports, place, AliasSchema, (current) =>
    current?.id === stored.id ? { version: 1, id: key.id } : undefined,
  );
  return now?.id === key.id ? undefined : now?.id;
}

function keyOf({ flow, collection }: Omit<LinkKey, 'id'>, targetId: string): string {
  return `alias/${flow}/${collection}/${targetId}`;
}
