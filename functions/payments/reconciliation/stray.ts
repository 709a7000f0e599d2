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

/** What is no longer open, for who looks back. */
const SETTLED = 'payments/orphans-settled';
const LISTS: Readonly<Record<Stray['kind'], string>> = {
  'orphan-at-provider': 'payments/orphans',
  'duplicate-capture': 'payments/duplicates',
};
/** The webhook and the settlement entry of the same money may be so far apart. */
const SAME_WITHIN: Millis = 3_600_000;
const PAGE = 100;
/** Nobody needs to know exactly how much more there is. */
const MOST = 1_000;

/** Names of stray money of one amount at one provider, the newest last. */
const LikeSchema = z.strictObject({ names: z.array(z.string()) });
const MOST_ALIKE = 50;

/** Notes stray money once, however often and by whichever way it is told; gives how much of it is new. */
export async function noteStrays(documents: FiledDocuments, found: readonly FoundStray[]): Promise<number> {
  let added = 0;
  for (const each of found) {
    const same = await sameAs(documents, each);
    if (same) await learnNames(documents, same, each);
    else if (await add(documents, each)) added += 1;
  }
  return added;
}

/** How much stray money waits for a person, up to a thousand of each; for the gauges. */
export async function countStray(
  documents: FiledDocuments,
): Promise<{ orphans: number; duplicates: number }> {
  const [orphans, duplicates] = await Promise.all([
    keysIn(documents, LISTS['orphan-at-provider']),
    keysIn(documents, LISTS['duplicate-capture']),
  ]);
  return { orphans: orphans.length, duplicates: duplicates.length };
}

/** Stray money that waits for a person: doubles, then orphans, the oldest first; a thousand of each at most. */
export async function listStray(documents: FiledDocuments): Promise<Stray[]> {
  const lists = [LISTS['duplicate-capture'], LISTS['orphan-at-provider']];
  const keys = (await Promise.all(lists.map((list) => keysIn(documents, list)))).flat();
  return await readAll(documents, keys);
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
    const filed = { list: stray.settled ? SETTLED : LISTS[stray.kind], at: stray.at };
    if (await documents.put(keyOf(of), stray, stored.revision, filed)) return stray;
  }
}

/** Noted under one of its names already, or as other money that can only be this. */
async function sameAs(documents: FiledDocuments, found: FoundStray): Promise<Stray | undefined> {
  const like = await readDocument({ documents }, likeKey(found), LikeSchema);
  const names = new Set([...namesOf(found), ...(like?.names ?? [])]);
  const keys = [...names].map((name) => keyOf({ provider: found.provider, name }));
  return (await readAll(documents, keys)).find((stray) => isSame(stray, found));
}

/** Its name among those of its amount first: one that is not there after all does no harm. */
async function add(documents: FiledDocuments, found: FoundStray): Promise<boolean> {
  const [name = ''] = namesOf(found);
  for (;;) {
    const stored = await documents.get(likeKey(found));
    const names = stored ? LikeSchema.parse(stored.value).names : [];
    const more = [...names.filter((each) => each !== name), name].slice(-MOST_ALIKE);
    if (await documents.put(likeKey(found), { names: more }, stored?.revision)) break;
  }
  const stray: Stray = { schema: 1, name, ...found, todo: adviceOn(found.kind) };
  return documents.put(keyOf(stray), stray, undefined, { list: LISTS[found.kind], at: stray.at });
}

function namesOf({ id, entry }: FoundStray): string[] {
  return [id, entry].filter((each) => each !== undefined);
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

function likeKey({ provider, currency, minor }: FoundStray): string {
  return `payment-orphan-like/${provider}/${currency}/${minor}`;
}

async function keysIn(documents: FiledDocuments, list: string): Promise<string[]> {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const page = await documents.listed(list, PAGE, after);
    keys.push(...page.items);
    after = page.next;
  } while (after !== undefined && keys.length < MOST);
  return keys;
}

async function readAll(documents: FiledDocuments, keys: readonly string[]): Promise<Stray[]> {
  const found = await Promise.all(keys.map((key) => readDocument({ documents }, key, StraySchema)));
  return found.filter((each) => each !== undefined);
}
