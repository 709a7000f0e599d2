import type { FiledDocuments, Filing } from '../../../shared/engine/filing.ts';

const TRIES = 8;

/** Writes a document whatever is there: for what two workers would write alike. */
export async function writeOver(
  documents: FiledDocuments,
  key: string,
  value: unknown,
  filed?: Filing,
): Promise<void> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const stored = await documents.get(key);
    if (await documents.put(key, value, stored?.revision, filed)) return;
  }
  throw new Error(`document "${key}" is written by many at once; it is tried again`);
}
