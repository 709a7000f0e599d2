import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Secrets } from '../../engine/ports.ts';

type Book = Record<string, unknown>;
const BookSchema = z.record(z.string(), z.unknown());

/**
 * `secrets.json` in the data directory: an object of secret names and their JSON, readable by its owner only.
 * A person may edit it while the program runs; the next look sees it. The version is a hash of the value.
 */
export function secrets({ dir }: { dir: string }): Secrets {
  const path = join(dir, 'secrets.json');
  let known: { stamp: string; book: Book } = { stamp: '', book: {} };
  let lastPut: Promise<void> = Promise.resolve();

  const load = async () => {
    const stamp = stampOf(path);
    if (stamp !== known.stamp) known = { stamp, book: await readBook(path) };
    return known.book;
  };
  const replace = async (name: string, value: unknown) => {
    const book = await readBook(path);
    await writeWhole(path, `${JSON.stringify({ ...book, [name]: value }, null, 2)}\n`);
    known = { stamp: '', book: {} };
  };
  return {
    get: async (name) => {
      const book = await load();
      const value = Object.hasOwn(book, name) ? book[name] : undefined;
      return value === undefined ? undefined : { value, version: hash('sha256', JSON.stringify(value)) };
    },
    put: (name, value) => {
      const mine = lastPut.then(() => replace(name, value));
      lastPut = mine.catch(() => undefined);
      return mine;
    },
  };
}

/**
 * Changes whenever the file does; empty when there is none. Not awaited: every call to a vendor looks at its
 * secret several times, and a trip to the thread pool costs ten times what the look itself does.
 */
function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : '';
}

async function readBook(path: string): Promise<Book> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return {};
    throw cause;
  }
  return parseBook(path, text);
}

function parseBook(path: string, text: string): Book {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    // Not `cause` as the error's cause: the parser quotes the text, and the text is secret.
    const place = /position \d+( \(line \d+ column \d+\))?/.exec(String(cause))?.[0] ?? 'its end';
    // biome-ignore lint/style/useErrorCause: the parser's message quotes the secret.
    throw new Error(
      `${path} is not JSON at ${place}: correct it there (a comma or a quote is missing, most often)`,
    );
  }
  const book = BookSchema.safeParse(json);
  if (!book.success)
    throw new Error(`${path} must be an object of secrets by name, like {"vendor/name": {…}}`);
  const empty = Object.keys(book.data).find((name) => book.data[name] === null);
  if (empty !== undefined)
    throw new Error(`${path}: "${empty}" is null: give it its value, or remove the line`);
  return book.data;
}

/** The old file stays whole until the new one is on disk. */
async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const directory = await open(join(path, '..'), 'r');
  await directory.sync().finally(() => directory.close());
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
