import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import type { DiskSync } from './group-commit.ts';

const sync = promisify(fdatasync);

/**
 * Syncs SQLite's write-ahead log through a descriptor of its own, on the thread pool: the operating system
 * syncs the file, whoever wrote it. The log is there while its database is open in WAL mode, and stays the
 * same file.
 */
export function openLogSync(path: string): DiskSync & { close(): void } {
  const file = openSync(path, 'r+');
  let inFlight: Promise<void> = Promise.resolve();
  return {
    later: () => {
      const mine = sync(file);
      inFlight = mine.catch(() => undefined);
      return mine;
    },
    now: () => fdatasyncSync(file),
    close: () => void inFlight.then(() => closeSync(file)),
  };
}
