import type { DatabaseSync } from 'node:sqlite';

/** One transaction holds the event loop for about this long at most; the rest goes into the next. */
const BUDGET_MS = 8;

/**
 * Shares one synced transaction among all writes that wait. Syncing takes longest of all; it is left to
 * another thread, and what arrives meanwhile is the next group, so the groups grow by themselves under load.
 */
export interface GroupCommit {
  /** Runs `job` inside a transaction; resolves with its result once that is on disk. A job that throws fails alone. */
  write<T>(job: () => T): Promise<T>;
  /** Commits what is waiting and refuses everything after. */
  close(): void;
}

/** Brings what has been committed onto the disk, where a commit does not do so by itself. */
export interface DiskSync {
  later(): Promise<void>;
  now(): void;
}

interface Entry {
  run(): void;
  committed(): void;
  failed(cause: unknown): void;
}

export function groupCommit(db: DatabaseSync, disk?: DiskSync): GroupCommit {
  const commit = committer(db);
  let waiting: Entry[] = [];
  let syncing: readonly Entry[] = [];
  let scheduled = false;
  let refusal: Error | undefined;

  const turn = async () => {
    const { taken, ran } = commit(waiting);
    waiting = waiting.slice(taken);
    syncing = ran;
    try {
      if (disk && ran.length > 0) await disk.later();
      for (const entry of ran) entry.committed();
    } catch (cause) {
      // The system may have dropped what it could not write: nothing that is based on it may be promised.
      refusal ??= new Error('the data file could not be brought onto the disk: start again', { cause });
      for (const entry of [...ran, ...waiting]) entry.failed(refusal);
      waiting = [];
    }
    scheduled = false;
    if (waiting.length > 0) schedule();
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => void turn());
  };

  return {
    write: (job) =>
      new Promise((resolve, reject) => {
        if (refusal) return reject(refusal);
        waiting.push(entryOf(job, resolve, reject));
        schedule();
      }),
    close: () => {
      refusal ??= new Error('the data file is closed: the process is stopping');
      const ran = [...syncing];
      while (waiting.length > 0) {
        const { taken, ran: more } = commit(waiting);
        waiting = waiting.slice(taken);
        ran.push(...more);
      }
      disk?.now();
      for (const entry of ran) entry.committed();
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

/** Commits entries from the front within the budget: how many are done with, well or badly, and which ran. */
function committer(db: DatabaseSync): (entries: readonly Entry[]) => { taken: number; ran: Entry[] } {
  const prepared = (sql: string) => db.prepare(sql);
  const [begin, commit] = [prepared('BEGIN IMMEDIATE'), prepared('COMMIT')];
  const runAlone = loner(db);
  return (entries) => {
    if (entries.length === 0) return { taken: 0, ran: [] };
    const ran: Entry[] = [];
    let taken = 0;
    try {
      begin.run();
      const end = performance.now() + BUDGET_MS;
      for (const entry of entries) {
        taken += 1;
        if (runAlone(entry)) ran.push(entry);
        if (performance.now() > end) break;
      }
      commit.run();
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK');
      const doomed = entries.slice(0, Math.max(taken, 1));
      for (const entry of doomed) entry.failed(cause);
      return { taken: doomed.length, ran: [] };
    }
    return { taken, ran };
  };
}

/** False when the job threw and its changes were undone; throws when the whole transaction is lost (disk full). */
function loner(db: DatabaseSync): (entry: Entry) => boolean {
  const [savepoint, release] = [db.prepare('SAVEPOINT job'), db.prepare('RELEASE job')];
  return (entry) => {
    savepoint.run();
    try {
      entry.run();
    } catch (cause) {
      // A full disk ends the transaction by itself: then nothing before this job is kept either.
      if (!db.isTransaction) throw cause;
      db.exec('ROLLBACK TO job');
      release.run();
      entry.failed(cause);
      return false;
    }
    release.run();
    return true;
  };
}
