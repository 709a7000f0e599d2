import type * as z from 'zod';
import type { Ports } from './ports.ts';

/** Tries before a document counts as too busy; each waits longer, so that many workers spread out. */
const TRIES = 24;

/**
 * Read, change, compare-and-set, until it holds. `change` is pure and may run several times; undefined
 * leaves the document as it is. Resolves with what is stored afterwards.
 */
export async function amend<T>(
  ports: Pick<Ports, 'documents' | 'clock' | 'random'>,
  key: string,
  schema: z.ZodType<T>,
  change: (current: T | undefined) => T | undefined,
): Promise<T | undefined> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const stored = await ports.documents.get(key);
    const current = stored === undefined ? undefined : parseDocument(key, schema, stored.value);
    const next = change(current);
    if (next === undefined) return current;
    if (await ports.documents.put(key, next, stored?.revision)) return next;
    await ports.clock.sleep(ports.random.next() * 10 * 2 ** Math.min(attempt, 6));
  }
  throw new Error(`document "${key}" is too busy: ${TRIES} writes in a row lost the race`);
}

/** Undefined when there is none; throws on one that this code cannot read. */
export async function readDocument<T>(
  ports: Pick<Ports, 'documents'>,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const stored = await ports.documents.get(key);
  return stored === undefined ? undefined : parseDocument(key, schema, stored.value);
}

function parseDocument<T>(key: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Error(
    `document "${key}" has an unreadable field "${field}": it was written by a newer version; deploy that version again`,
  );
}
