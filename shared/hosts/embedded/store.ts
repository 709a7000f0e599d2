import { rmSync, writeFileSync } from 'node:fs';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type * as z from 'zod';
import type { Millis } from '../../engine/ports.ts';
import { logFile, openDataFile, pidFile } from './data-file.ts';
import { groupCommit } from './group-commit.ts';
import { openLogSync } from './log-sync.ts';

/**
 * One SQLite file behind all ports of this host. Reads see what is committed; every change goes through
 * `write`. The thread also serves HTTP, so each statement must be short: by key, or limited.
 */
export interface Store {
  /** The data directory. */
  readonly dir: string;
  now(): Millis;
  one<T>(sql: string, row: z.ZodType<T>, values?: readonly SQLInputValue[]): T | undefined;
  all<T>(sql: string, row: z.ZodType<T>, values?: readonly SQLInputValue[]): T[];
  /** How many rows changed; only inside a job of `write`. */
  run(sql: string, values?: readonly SQLInputValue[]): number;
  /** Runs the job in a transaction shared with others; resolves once it is on disk. */
  write<T>(job: () => T): Promise<T>;
  /** Commits what is waiting, folds the log into the file and lets go of the directory. */
  close(): void;
}

/** Throws one clear error when the directory is in use, or its file damaged, foreign or of a newer format. */
export function openStore({
  dir,
  now,
  synced = true,
}: {
  dir: string;
  now: () => Millis;
  synced?: boolean;
}): Store {
  const db = openDataFile(dir);
  writeFileSync(pidFile(dir), `${process.pid}\n`);
  const disk = synced ? openLogSync(logFile(dir)) : undefined;
  const group = groupCommit(db, disk);
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string) => {
    const known = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  return {
    dir,
    now,
    one: (sql, row, values = []) => {
      const found = prepared(sql).get(...values);
      return found && row.parse(found);
    },
    all: (sql, row, values = []) =>
      prepared(sql)
        .all(...values)
        .map((each) => row.parse(each)),
    run: (sql, values = []) => Number(prepared(sql).run(...values).changes),
    write: group.write,
    close: () => {
      if (!db.isOpen) return;
      group.close();
      disk?.close();
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
      rmSync(pidFile(dir), { force: true });
    },
  };
}
