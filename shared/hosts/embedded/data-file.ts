import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { APPLICATION_ID, createTables, FORMAT, migrate } from './schema.ts';

/** Files up to this size are checked page by page at start (a fraction of a second); larger ones as they are read. */
const CHECKED_BYTES = 64_000_000;

/** SQLite's primary result codes, the low byte of what an error carries. */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/**
 * Normal: the file is never damaged, and whoever commits brings the log onto the disk before anybody is told
 * (see store.ts). The log is folded into the file every 8 MB, which is seldom enough to be cheap and soon
 * enough not to be felt.
 */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 2000;
  PRAGMA cache_size = -16000;`;

/** What has been committed and not yet folded into the file. */
export function logFile(dir: string): string {
  return join(dir, 'intertie.db-wal');
}

export function pidFile(dir: string): string {
  return join(dir, 'intertie.pid');
}

/**
 * Opens `intertie.db` for this process alone, creating it when there is none. Throws, and leaves the file as
 * it is, when another process has it, when it is damaged, foreign or of a newer format.
 */
export function openDataFile(dir: string): DatabaseSync {
  const path = join(dir, 'intertie.db');
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(dir, { recursive: true });
    db = new DatabaseSync(path, { timeout: 0 });
    // Before the first read: the lock is then held to the end, and the operating system frees it when we die.
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    const format = inspect(db, path);
    db.exec(SETTINGS);
    if (format === undefined) createTables(db);
    else if (format < FORMAT) migrate(db, format);
    else db.exec('BEGIN EXCLUSIVE; COMMIT');
    return db;
  } catch (cause) {
    db?.close();
    throw explained(cause, dir, path);
  }
}

/** The format of the file; undefined for one with nothing in it. */
function inspect(db: DatabaseSync, path: string): number | undefined {
  const [application, version, tables] = [
    'PRAGMA application_id',
    'PRAGMA user_version',
    'SELECT count(*) FROM sqlite_schema',
  ]
    .map((sql) => z.record(z.string(), z.number()).parse(db.prepare(sql).get()))
    .flatMap(Object.values);
  if (application === 0 && version === 0 && tables === 0) return undefined;
  if (application !== APPLICATION_ID) {
    throw new Refusal(`${path} is a database of another program; give --data a directory of its own`);
  }
  if (version === undefined || version < 1 || version > FORMAT) {
    throw new Refusal(
      `${path} has format ${version}, this version reads format ${FORMAT}: a newer version wrote it; ` +
        'start that version again, or give --data another directory',
    );
  }
  if (statSync(path).size <= CHECKED_BYTES) quickCheck(db, path);
  return version;
}

function quickCheck(db: DatabaseSync, path: string): void {
  const { quick_check: found } = z
    .object({ quick_check: z.string() })
    .parse(db.prepare('PRAGMA quick_check(1)').get());
  if (found !== 'ok') throw new Refusal(damaged(path, found));
}

/** An error that is already in words for the person who starts the program. */
class Refusal extends Error {}

function explained(cause: unknown, dir: string, path: string): Error {
  if (cause instanceof Refusal) return new Error(cause.message);
  const { errcode, message } = z
    .object({ errcode: z.number().default(0), message: z.string() })
    .catch({ errcode: 0, message: String(cause) })
    .parse(cause);
  const code = errcode & 0xff;
  if (code === BUSY) return new Error(inUse(dir), { cause });
  if (code === CORRUPT || code === NOT_A_DATABASE) return new Error(damaged(path, message), { cause });
  const next = 'check that it may be written and that the disk is not full';
  return new Error(`data directory ${dir} cannot be used (${message}): ${next}`, { cause });
}

function inUse(dir: string): string {
  let pid = '';
  try {
    pid = readFileSync(pidFile(dir), 'utf8').trim();
  } catch {
    // It was opened a moment ago and has not left its number yet.
  }
  const owner = pid ? `process ${pid}` : 'another process';
  return `data directory ${dir} is in use by ${owner}: stop it, or give --data another directory`;
}

function damaged(path: string, found: string): string {
  return (
    `${path} is damaged (${found.replace(/\s+/g, ' ').trim()}) and was left as it is: restore it from a backup, or ` +
    'move it away and start anew; a backfill then finds the records again by their ids'
  );
}
