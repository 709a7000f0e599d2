import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trail } from '../../engine/ports.ts';
import type { TrailEntry } from '../../engine/trail.ts';

const FLUSH_MS = 100;
const FILE_BYTES = 32_000_000;
/** The current file and seven older ones, `trail.1.jsonl` being the newest of them. */
const OLDER_FILES = 7;
const REMEMBERED = 200;

export interface FileTrail extends Trail {
  /** The newest entries first, at most 200: for the console. */
  lastOutcomes(limit: number): TrailEntry[];
  /** Writes what is buffered. */
  close(): Promise<void>;
}

export interface TrailOptions {
  dir: string;
  /** Told when lines could not be written (a full disk); delivery goes on without them. */
  lost?: (lines: number, cause: unknown) => void;
  fileBytes?: number;
}

/** One JSON line per outcome in `trail.jsonl`; a crash loses at most the last tenth of a second of it. */
export function openTrail({ dir, lost, fileBytes = FILE_BYTES }: TrailOptions): FileTrail {
  const path = join(dir, 'trail.jsonl');
  const newest: TrailEntry[] = [];
  let { size, torn } = inspect(path);
  let lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const append = async (batch: readonly string[]) => {
    const text = `${torn ? '\n' : ''}${batch.join('\n')}\n`;
    try {
      if (size > 0 && size + text.length > fileBytes) size = rotate(dir);
      await appendFile(path, text);
      size += Buffer.byteLength(text);
      torn = false;
    } catch (cause) {
      torn = true;
      lost?.(batch.length, cause);
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = lines;
    lines = [];
    if (batch.length > 0) writing = writing.then(() => append(batch));
    return writing;
  };
  return {
    write: (entries) => {
      for (const entry of entries) lines.push(JSON.stringify(entry));
      newest.push(...entries.slice(-REMEMBERED));
      if (newest.length > 2 * REMEMBERED) newest.splice(0, newest.length - REMEMBERED);
      timer ??= setTimeout(flush, FLUSH_MS).unref();
    },
    lastOutcomes: (limit) => newest.slice(-Math.min(limit, REMEMBERED)).reverse(),
    close: flush,
  };
}

/** A process that was killed may have left half a line: the next one must not be glued to it. */
function inspect(path: string): { size: number; torn: boolean } {
  if (!existsSync(path)) return { size: 0, torn: false };
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size > 0) readSync(file, last, 0, 1, size - 1);
    return { size, torn: size > 0 && last.toString() !== '\n' };
  } finally {
    closeSync(file);
  }
}

/** Shifts every file by one, dropping the oldest; the new current file is empty. */
function rotate(dir: string): number {
  const older = (age: number) => join(dir, age === 0 ? 'trail.jsonl' : `trail.${age}.jsonl`);
  for (let age = OLDER_FILES - 1; age >= 0; age -= 1) {
    if (existsSync(older(age))) renameSync(older(age), older(age + 1));
  }
  return 0;
}
