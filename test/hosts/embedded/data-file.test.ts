import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { documents } from '../../../shared/hosts/embedded/documents.ts';
import { links } from '../../../shared/hosts/embedded/links.ts';
import { openStore } from '../../../shared/hosts/embedded/store.ts';
import { body, key, store as storeLink } from '../contract/host.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'intertie-file-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = () => openStore({ dir, now: () => 0 });
const file = () => join(dir, 'intertie.db');

/** The message of the refusal; the file must be byte for byte what it was. */
function refusal(): string {
  const before = readFileSync(file());
  let message = 'it was opened';
  try {
    open().close();
  } catch (cause) {
    message = cause instanceof Error ? cause.message : String(cause);
  }
  expect(readFileSync(file()).equals(before)).toBe(true);
  return message;
}

async function filled(): Promise<void> {
  const store = open();
  const keys = Array.from({ length: 300 }, (_, at) => `key-${at}`);
  await Promise.all(keys.map((each) => documents(store).put(each, 'x'.repeat(500), undefined)));
  store.close();
}

test('a directory that is not there is made, and an empty file is a fresh start', async () => {
  dir = join(dir, 'deeper', 'still');
  open().close();
  rmSync(file());
  writeFileSync(file(), '');
  const store = open();
  expect(await documents(store).put('k', 1, undefined)).toBe(true);
  store.close();
  dir = join(dir, '..', '..');
});

test('a file that is no database is refused and left as it is', () => {
  writeFileSync(file(), 'This is a letter to my aunt. '.repeat(500));
  expect(refusal()).toMatch(/intertie\.db is damaged .*restore it from a backup/);
});

test('a file cut short is refused and left as it is', async () => {
  await filled();
  truncateSync(file(), 4_096 * 20 + 100);
  expect(refusal()).toMatch(/intertie\.db is damaged/);
});

test('a file with a page overwritten is refused and left as it is', async () => {
  await filled();
  const bytes = readFileSync(file());
  bytes.fill(0x5a, 4_096 * 25, 4_096 * 26);
  writeFileSync(file(), bytes);
  expect(refusal()).toMatch(/intertie\.db is damaged/);
});

test('a file of the first format is brought up to date, and keeps what it has', async () => {
  await filled();
  const older = new DatabaseSync(file());
  older.exec(`DROP INDEX documents_by_list; ALTER TABLE documents DROP COLUMN list;
    ALTER TABLE documents DROP COLUMN listed_at; PRAGMA user_version = 1;
    INSERT INTO documents (key, revision, value) VALUES ('of-before', 1, '"kept"')`);
  older.close();
  open().close();
  const migrated = new DatabaseSync(file());
  expect(migrated.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
  expect(migrated.prepare("SELECT value, list FROM documents WHERE key = 'of-before'").get()).toEqual({
    value: '"kept"',
    list: null,
  });
  migrated.close();
});

test('a file of a newer version is refused and left as it is', () => {
  open().close();
  const newer = new DatabaseSync(file());
  newer.exec('PRAGMA user_version = 3');
  newer.close();
  expect(refusal()).toMatch(/has format 3, this version reads format 2: .*start that version again/);
});

test('a database of another program is refused and left as it is', () => {
  const other = new DatabaseSync(file());
  other.exec('CREATE TABLE recipes (name TEXT)');
  other.close();
  expect(refusal()).toMatch(/is a database of another program; give --data a directory of its own/);
});

test('a directory that is a file is refused with its name', () => {
  dir = join(dir, 'taken');
  writeFileSync(dir, 'a file');
  expect(open).toThrow(/data directory .*taken cannot be used/);
  rmSync(dir);
  mkdirSync(dir);
});

test('a second opener is refused, with the number of the process that has the directory', async () => {
  const store = open();
  const script = `
    import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../../shared/hosts/embedded/store.ts'))};
    try { openStore({ dir: ${JSON.stringify(dir)}, now: () => 0 }); console.log('opened'); }
    catch (cause) { console.log(cause.message); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = Buffer.concat(await child.stdout.toArray()).toString();
  if (child.exitCode === null) await once(child, 'exit');
  expect(printed).toContain(`is in use by process ${process.pid}: stop it, or give --data another directory`);
  expect(open).toThrow(/is in use by process/);

  await storeLink({ links: links(store) }, key('1'), body({ hash: 'still writable' }));
  store.close();
  const again = open();
  expect((await links(again).read([key('1')]))[0]?.body?.hash).toBe('still writable');
  again.close();
});

test('a closed store refuses writes, and closing twice is closing once', async () => {
  const store = open();
  const pending = documents(store).put('k', 1, undefined);
  store.close();
  store.close();
  expect(await pending).toBe(true);
  await expect(documents(store).put('k', 2, '1')).rejects.toThrow(/stopping/);
});
