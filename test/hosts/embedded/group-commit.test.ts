import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupCommit } from '../../../shared/hosts/embedded/group-commit.ts';

let dir: string;
let db: DatabaseSync;
/** Another connection: it sees what is committed and nothing else. */
let observer: DatabaseSync;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'intertie-group-'));
  db = new DatabaseSync(join(dir, 'a.db'));
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE rows (id INTEGER PRIMARY KEY, transactions INTEGER)');
  observer = new DatabaseSync(join(dir, 'a.db'), { readOnly: true });
});
afterEach(() => {
  observer.close();
  db.close();
  rmSync(dir, { recursive: true });
});

const committed = () => observer.prepare('SELECT count(*) AS rows FROM rows').get()?.rows;
const insert = (id: number) => () => db.prepare('INSERT INTO rows (id) VALUES (?)').run(id);

test('a promise resolves after the commit, and one commit serves all writes of a turn', async () => {
  const { write } = groupCommit(db);
  const writes = Array.from({ length: 50 }, (_, id) => write(insert(id)));
  expect(committed()).toBe(0);
  await writes[0];
  expect(committed()).toBe(50);
  await Promise.all(writes);
});

test('results come back to those who asked', async () => {
  const { write } = groupCommit(db);
  expect(await Promise.all([write(() => 'a'), write(() => undefined), write(() => 3)])).toEqual([
    'a',
    undefined,
    3,
  ]);
});

test('a job that throws fails alone, and leaves nothing of its own', async () => {
  const { write } = groupCommit(db);
  const results = await Promise.allSettled([
    write(insert(1)),
    write(() => {
      insert(2)();
      throw new Error('changed my mind');
    }),
    write(() => {
      insert(3)();
      insert(1)();
    }),
    write(insert(4)),
  ]);
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(
    observer
      .prepare('SELECT id FROM rows ORDER BY id')
      .all()
      .map((row) => row.id),
  ).toEqual([1, 4]);
});

test('a full disk fails every write of the group, and the next group goes through', async () => {
  const pages = Number(db.prepare('PRAGMA page_count').get()?.page_count);
  db.exec(`CREATE TABLE large (text TEXT); PRAGMA max_page_count = ${pages + 4}`);
  const { write } = groupCommit(db);
  const fill = () => db.prepare('INSERT INTO large VALUES (?)').run('x'.repeat(1_000_000));
  const results = await Promise.allSettled([write(insert(1)), write(fill)]);
  expect(results[1]?.status).toBe('rejected');
  const kept = results[0]?.status === 'fulfilled' ? 1 : 0;
  expect(committed()).toBe(kept);
  await write(insert(2));
  expect(committed()).toBe(kept + 1);
});

test('a commit that fails is told to every write of its group', async () => {
  db.exec(`PRAGMA foreign_keys = ON;
    CREATE TABLE parents (id INTEGER PRIMARY KEY);
    CREATE TABLE children (parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED)`);
  const { write } = groupCommit(db);
  const orphan = () => db.prepare('INSERT INTO children VALUES (7)').run();
  const results = await Promise.allSettled([write(insert(1)), write(orphan)]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  expect(committed()).toBe(0);
  await write(insert(2));
  expect(committed()).toBe(1);
});

test('more work than one turn allows is spread over several, in order', async () => {
  const { write } = groupCommit(db);
  const slow = (id: number) => () => {
    const end = performance.now() + 3;
    while (performance.now() < end);
    insert(id)();
    return id;
  };
  const writes = Array.from({ length: 12 }, (_, id) => write(slow(id)));
  await writes[0];
  expect(committed()).toBeLessThan(12);
  expect(await Promise.all(writes)).toEqual(Array.from({ length: 12 }, (_, id) => id));
  expect(committed()).toBe(12);
});

test('closing commits what is waiting and refuses what comes after', async () => {
  const { write, close } = groupCommit(db);
  const waiting = write(insert(1));
  close();
  await waiting;
  expect(committed()).toBe(1);
  await expect(write(insert(2))).rejects.toThrow(/stopping/);
});

test('nothing is promised before it is on the disk, and what arrives meanwhile shares the next sync', async () => {
  const syncs: (() => void)[] = [];
  const later = () => new Promise<void>((resolve) => syncs.push(resolve));
  const { write } = groupCommit(db, { later, now: () => undefined });
  const done: number[] = [];
  const writes = [1, 2, 3].map((id) => write(insert(id)).then(() => done.push(id)));
  await turnOfTheLoop();
  writes.push(write(insert(4)).then(() => done.push(4)));
  await turnOfTheLoop();
  expect([done, committed(), syncs.length]).toEqual([[], 3, 1]);
  syncs[0]?.();
  await turnOfTheLoop();
  expect([done, committed(), syncs.length]).toEqual([[1, 2, 3], 4, 2]);
  syncs[1]?.();
  await Promise.all(writes);
  expect(done).toEqual([1, 2, 3, 4]);
});

test('after a sync that failed nothing more is promised', async () => {
  const later = () => Promise.reject(new Error('EIO'));
  const { write } = groupCommit(db, { later, now: () => undefined });
  await expect(write(insert(1))).rejects.toThrow(/start again/);
  await expect(write(insert(2))).rejects.toThrow(/start again/);
  expect(committed()).toBe(1);
});

test('closing does not wait for a sync that is under way', async () => {
  let synced = 0;
  const never = () => new Promise<void>(() => undefined);
  const now = () => {
    synced += 1;
  };
  const { write, close } = groupCommit(db, { later: never, now });
  const first = write(insert(1));
  await turnOfTheLoop();
  const second = write(insert(2));
  close();
  await Promise.all([first, second]);
  expect([synced, committed()]).toEqual([1, 2]);
});

async function turnOfTheLoop(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}
