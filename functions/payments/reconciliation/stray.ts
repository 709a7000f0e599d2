import * as z from 'zod';
import { readDocument } from '../../../shared/engine/documents.ts';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Millis } from '../../../shared/engine/ports.ts';
import { adviceOn } from './report.ts';

/** Money at a provider that no payment explains, until a person has said what it was. */
export const StraySchema = z.strictObject({
  schema: z.literal(1),
  /** Its name among those of its provider. */
  name: z.string(),
  kind: z.enum(['orphan-at-provider', 'duplicate-capture']),
  provider: z.string(),
  /** Of the account's merchant that it was found for, and of the payment it doubles. */
  merchant: z.string().optional(),
  payment: z.string().optional(),
  /** The provider's id of the payment, and of its settlement entry, as far as they are known. */
  id: z.string().optional(),
  entry: z.string().optional(),
  reference: z.string().optional(),
  minor: z.number().int(),
  currency: z.string(),
  /** When the money moved, or when we were told. */
  at: z.number().int(),
  notedAt: z.number().int(),
  says: z.string(),
  /** What to do about it, in words. */
  todo: z.string(),
  settled: z.strictObject({ at: z.number().int(), by: z.string(), reason: z.string() }).optional(),
});
/** Money at a provider that no payment explains. */
export type Stray = z.infer<typeof StraySchema>;
/** As it is found; it has an id or an entry, or both. */
export type FoundStray = Omit<Stray, 'schema' | 'name' | 'todo' | 'settled'>;

const OPEN = 'payments/orphans';
/** The webhook and the settlement entry of the same money may be so far apart. */
const SAME_WITHIN: Millis = 3_600_000;
const PAGE = 100;

/** Notes stray money once, however often and by whichever way it is told; gives how much of it is new. */
export async function noteStrays(documents: FiledDocuments, found: readonly FoundStray[]): Promise<number> {
  if (found.length === 0) return 0;
  const days = new Set(found.map(({ at }) => settledList(at)));
  const known = (await Promise.all([OPEN, ...days].map((list) => strays(documents, list)))).flat();
  let added = 0;
  for (const each of found) {
    const same = known.find((stray) => isSame(stray, each));
    if (same) await learnNames(documents, same, each);
    else {
      const name = each.id ?? each.entry ?? '';
      const stray: Stray = { schema: 1, name, ...each, todo: adviceOn(each.kind) };
      const filed = { list: OPEN, at: stray.at };
      if (await documents.put(keyOf(stray), stray, undefined, filed)) added += 1;
      known.push(stray);
    }
  }
  return added;
}

/** How much stray money waits for a person; for the gauges. */
export async function countStray(
  documents: FiledDocuments,
): Promise<{ orphans: number; duplicates: number }> {
  const all = await strays(documents, OPEN);
  const duplicates = all.filter(({ kind }) => kind === 'duplicate-capture').length;
  return { orphans: all.length - duplicates, duplicates };
}

/** Stray money that waits for a person, the oldest first. */
export async function listStray(documents: FiledDocuments): Promise<Stray[]> {
  return strays(documents, OPEN);
}

/** A person has found out what it was. Undefined when there is no such money. */
export async function settleStray(
  documents: FiledDocuments,
  of: { provider: string; name: string },
  settled: { at: Millis; by: string; reason: string },
): Promise<Stray | undefined> {
  return change(documents, of, (stray) => ({ ...stray, settled }));
}

/** What was told in another way has the name that was missing. */
async function learnNames(documents: FiledDocuments, known: Stray, found: FoundStray): Promise<void> {
  const { id = found.id, entry = found.entry } = known;
  if (id === known.id && entry === known.entry) return;
  await change(documents, known, (stray) => ({
    ...stray,
    ...(id !== undefined && { id }),
    ...(entry !== undefined && { entry }),
  }));
}

async function change(
  documents: FiledDocuments,
  of: { provider: string; name: string },
  to: (stray: Stray) => Stray,
): Promise<Stray | undefined> {
  for (;;) {
    const stored = await documents.get(keyOf(of));
    if (!stored) return undefined;
    const stray = to(StraySchema.parse(stored.value));
    const filed = { list: stray.settled ? settledList(stray.at) : OPEN, at: stray.at };
    if (await documents.put(keyOf(of), stray, stored.revision, filed)) return stray;
  }
}

/** By a name that both have; or, told by a webhook and by an entry, where each has the name that the other one lacks. */
function isSame(a: Stray, b: FoundStray): boolean {
  if (a.provider !== b.provider) return false;
  if (a.entry !== undefined && b.entry !== undefined) return a.entry === b.entry;
  if (a.id !== undefined && b.id !== undefined) return a.id === b.id;
  const isClose = Math.abs(a.at - b.at) <= SAME_WITHIN;
  return a.kind === b.kind && a.minor === b.minor && a.currency === b.currency && isClose;
}

function keyOf({ provider, name }: { provider: string; name: string }): string {
  return `payment-orphan/${provider}/${name}`;
}

function settledList(at: Millis): string {
  return `${OPEN}/settled/${new Date(at).toISOString().slice(0, 10)}`;
}

async function strays(documents: FiledDocuments, list: string): Promise<Stray[]> {
  const found: Stray[] = [];
  let after: string | undefined;
  do {
    const page = await documents.listed(list, PAGE, after);
    for (const key of page.items) {
      const stray = await readDocument({ documents }, key, StraySchema);
      if (stray) found.push(stray);
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}
