import type { DatabaseSync } from 'node:sqlite';

/** One transaction holds the event loop for about this long at most; the rest goes into the next. */
const BUDGET_MS = 8;

/**
 * Shares one synced transaction among all writes of one turn of the event loop. Syncing takes longest of all,
 * and what arrives meanwhile is in the next turn, so the groups grow by themselves under load.
 */
export interface GroupCommit {
  /** Runs `job` inside a transaction; resolves with its result once that is on disk. A job that throws fails alone. */
  write<T>(job: () => T): Promise<T>;
  /** Commits what is waiting and refuses everything after. */
  close(): void;
}

interface Entry {
  run(): void;
  committed(): void;
  failed(cause: unknown): void;
}

export function groupCommit(db: DatabaseSync): GroupCommit {
  let waiting: Entry[] = [];
  let scheduled = false;
  let closed = false;

  const turn = () => {
    scheduled = false;
    waiting = waiting.slice(commitSome(db, waiting));
    if (waiting.length > 0) schedule();
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  };

  return {
    write: (job) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the data file is closed: the process is stopping'));
        waiting.push(entryOf(job, resolve, reject));
        schedule();
      }),
    close: () => {
      closed = true;
      while (waiting.length > 0) waiting = waiting.slice(commitSome(db, waiting));
    },
  };
}

function entryOf<T>(job: () => T, resolve: (value: T) => void, reject: (cause: unknown) => void): Entry {
  let result: { value: T } | undefined;
  return {
    run: () => {
      result = { value: job() };
    },
    committed: () => {
      if (result) resolve(result.value);
    },
    failed: reject,
  };
}

/** Commits entries from the front within the budget; how many of them are done with, well or badly. */
function commitSome(db: DatabaseSync, entries: readonly Entry[]): number {
  if (entries.length === 0) return 0;
  const ran: Entry[] = [];
  let taken = 0;
  try {
    db.exec('BEGIN IMMEDIATE');
    const end = performance.now() + BUDGET_MS;
    for (const entry of entries) {
      taken += 1;
      if (runAlone(db, entry)) ran.push(entry);
      if (performance.now() > end) break;
    }
    db.exec('COMMIT');
  } catch (cause) {
    if (db.isTransaction) db.exec('ROLLBACK');
    const doomed = entries.slice(0, Math.max(taken, 1));
    for (const entry of doomed) entry.failed(cause);
    return doomed.length;
  }
  for (const entry of ran) entry.committed();
  return taken;
}

/** False when the job threw and its changes were undone; throws when the whole transaction is lost (disk full). */
function runAlone(db: DatabaseSync, entry: Entry): boolean {
  db.exec('SAVEPOINT job');
  try {
    entry.run();
  } catch (cause) {
    // A full disk ends the transaction by itself: then nothing before this job is kept either.
    if (!db.isTransaction) throw cause;
    db.exec('ROLLBACK TO job');
    db.exec('RELEASE job');
    entry.failed(cause);
    return false;
  }
  db.exec('RELEASE job');
  return true;
}
