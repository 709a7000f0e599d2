import { hash } from 'node:crypto';
import * as z from 'zod';
import { amend, readDocument } from './documents.ts';
import type { LinkKey, Ports } from './ports.ts';

/** Why nothing is made for a person who was erased. */
export const ERASED = 'erased on request; nothing makes this person anew';

type Store = Pick<Ports, 'documents' | 'clock' | 'random'>;
type Place = Omit<LinkKey, 'id'>;

const MarkSchema = z.object({ version: z.literal(1), at: z.number() });
type Mark = z.infer<typeof MarkSchema>;
const SaltSchema = z.object({ version: z.literal(1), salt: z.string() });
type Salt = z.infer<typeof SaltSchema>;

/** The target has told that a person was erased there, which a later read cannot tell from a deletion. */
export async function noteErased(ports: Store, place: Place, targetId: string): Promise<void> {
  await mark(ports, erasedKey(place, targetId));
}

/** Has the target told so of this record of its own? */
export async function wasErased(ports: Store, place: Place, targetId: string): Promise<boolean> {
  return (await readDocument(ports, erasedKey(place, targetId), MarkSchema)) !== undefined;
}

/**
 * All that is kept of an erased person: a salted hash of what they are recognised by, so that nothing makes them anew.
 * The salt never leaves the state table.
 */
export async function bury(ports: Store, place: Place, identity: readonly string[]): Promise<void> {
  for (const value of identity) await mark(ports, await tombstoneKey(ports, place, value));
}

/** Is this somebody who was erased? */
export async function isBuried(ports: Store, place: Place, identity: readonly string[]): Promise<boolean> {
  for (const value of identity) {
    const key = await tombstoneKey(ports, place, value);
    if ((await readDocument(ports, key, MarkSchema)) !== undefined) return true;
  }
  return false;
}

async function mark(ports: Store, key: string): Promise<void> {
  const at = ports.clock.now();
  await amend<Mark>(ports, key, MarkSchema, (current) => (current ? undefined : { version: 1, at }));
}

async function tombstoneKey(ports: Store, { flow, collection }: Place, value: string): Promise<string> {
  const made: Salt = { version: 1, salt: ports.random.token() };
  const stored = await amend<Salt>(ports, `tombstone-salt/${flow}`, SaltSchema, (current) =>
    current ? undefined : made,
  );
  const digest = hash('sha256', JSON.stringify([stored?.salt ?? made.salt, value]), 'base64url');
  return `tombstone/${flow}/${collection}/${digest}`;
}

function erasedKey({ flow, collection }: Place, targetId: string): string {
  return `erased/${flow}/${collection}/${targetId}`;
}
