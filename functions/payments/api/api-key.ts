import { hash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { amend, readDocument } from '../../../shared/engine/documents.ts';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Clock, Random } from '../../../shared/engine/ports.ts';

/** What a key may do: look; ask for payments, captures and voids; ask for refunds; do what operators do. */
export const SCOPES = ['read', 'pay', 'refund', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

const KeySchema = z.strictObject({
  id: z.string(),
  merchant: z.string(),
  /** What it is for, in the operator's words. */
  title: z.string().max(80),
  scopes: z.array(z.enum(SCOPES)).min(1),
  /** SHA-256 of the secret, in hex: 256 random bits need no salt and no slow hash. */
  hash: z.string(),
  createdAt: z.number().int(),
  /** Not valid from then on. */
  endsAt: z.number().int().optional(),
});
/** An API key as it is stored: never its secret. */
export type ApiKey = z.infer<typeof KeySchema>;

interface KeyPorts {
  documents: FiledDocuments;
  clock: Clock;
  random: Random;
}

/** For operators. `text` is the key as its merchant sends it, and is shown only now. Any number of keys are valid at once, so that one takes over from another. */
export async function createKey(
  { documents, clock, random }: KeyPorts,
  { merchant, title, scopes, endsAt }: Pick<ApiKey, 'merchant' | 'title' | 'scopes' | 'endsAt'>,
): Promise<{ key: ApiKey; text: string }> {
  const secret = random.token() + random.token();
  const id = hash('sha256', random.token()).slice(0, 12);
  const createdAt = clock.now();
  const key: ApiKey = { id, merchant, title, scopes, hash: digest(secret), createdAt };
  if (endsAt !== undefined) key.endsAt = endsAt;
  const filed = { list: listOf(merchant), at: createdAt };
  if (!(await documents.put(keyOf(id), KeySchema.parse(key), undefined, filed)))
    throw new Error(`API key ${id} exists already: create another one`);
  return { key, text: `itk_${id}_${secret}` };
}

/** Keys of a merchant, the oldest first, those that have ended too. */
export async function listKeys(documents: FiledDocuments, merchant: string): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let after: string | undefined;
  do {
    const { items, next } = await documents.listed(listOf(merchant), 100, after);
    const read = await Promise.all(items.map((name) => readDocument({ documents }, name, KeySchema)));
    keys.push(...read.filter((each) => each !== undefined));
    after = next;
  } while (after !== undefined);
  return keys;
}

/** Ends a key at that moment, now or later; undefined when there is no such key. An end is only ever moved forward. */
export async function endKey(ports: KeyPorts, id: string, at: number): Promise<ApiKey | undefined> {
  const documents = {
    get: (name: string) => ports.documents.get(name),
    put: (name: string, value: unknown, revision: string | undefined) => {
      const { merchant, createdAt } = KeySchema.parse(value);
      return ports.documents.put(name, value, revision, { list: listOf(merchant), at: createdAt });
    },
  };
  return amend({ ...ports, documents }, keyOf(id), KeySchema, (key) =>
    key && (key.endsAt ?? Number.MAX_SAFE_INTEGER) > at ? { ...key, endsAt: at } : undefined,
  );
}

/** The key that an `Authorization` header proves; undefined for none, a wrong one, or one that has ended. */
export async function keyFrom(
  header: string | null,
  { documents, clock }: Omit<KeyPorts, 'random'>,
): Promise<ApiKey | undefined> {
  const [, id, secret] = /^Bearer +itk_([0-9a-f]{12})_([A-Za-z0-9_-]{20,128})$/i.exec(header ?? '') ?? [];
  if (id === undefined || secret === undefined) return undefined;
  const key = await readDocument({ documents }, keyOf(id), KeySchema);
  const given = Buffer.from(digest(secret), 'hex');
  // Compared even when there is no such key: the time taken does not tell which ids exist.
  const fits = timingSafeEqual(given, Buffer.from(key?.hash ?? digest(''), 'hex'));
  if (!key || !fits || (key.endsAt ?? Number.MAX_SAFE_INTEGER) <= clock.now()) return undefined;
  return key;
}

function digest(secret: string): string {
  return hash('sha256', secret);
}

function keyOf(id: string): string {
  return `payment-api-key/${id}`;
}

function listOf(merchant: string): string {
  return `payments/api-keys/${merchant}`;
}
