import type { DatabaseSync } from 'node:sqlite';

/** The format of the data file; an older one is brought up to it, a newer one is refused. */
export const FORMAT = 2;

/** `Inte` in ASCII: tells our file from any other SQLite database. */
export const APPLICATION_ID = 0x49_6e_74_65;

/** In milliseconds wherever a column ends in `_at`, `_since` or is called `until`. */
const TABLES = `
CREATE TABLE links (
  seq INTEGER PRIMARY KEY,
  flow TEXT NOT NULL,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  token TEXT,
  until INTEGER,
  reported INTEGER NOT NULL DEFAULT 0,
  takeovers INTEGER NOT NULL DEFAULT 0,
  found TEXT,
  waiters TEXT,
  parked_since INTEGER,
  recheck_at INTEGER,
  body TEXT
);
CREATE UNIQUE INDEX links_by_key ON links (flow, collection, id);
CREATE INDEX links_by_parking ON links (flow, parked_since) WHERE parked_since IS NOT NULL;
CREATE INDEX links_by_recheck ON links (flow, recheck_at) WHERE recheck_at IS NOT NULL;

-- AUTOINCREMENT: a receipt names seq and receive_count, and must never fit a later message.
CREATE TABLE messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  flow TEXT NOT NULL,
  lane TEXT NOT NULL,
  collection TEXT NOT NULL,
  records INTEGER NOT NULL,
  first_observed_at INTEGER NOT NULL,
  visible_at INTEGER NOT NULL,
  receive_count INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL
);
CREATE INDEX messages_by_visibility ON messages (flow, lane, visible_at, receive_count);
CREATE INDEX messages_by_age ON messages (flow, first_observed_at);
CREATE INDEX messages_by_collection ON messages (flow, collection, records);

CREATE TABLE letters (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  flow TEXT NOT NULL,
  visible_at INTEGER NOT NULL DEFAULT 0,
  looks INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL
);
CREATE INDEX letters_by_visibility ON letters (flow, visible_at);

CREATE TABLE documents (
  key TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  value TEXT NOT NULL,
  list TEXT,
  listed_at INTEGER
) WITHOUT ROWID;
CREATE INDEX documents_by_list ON documents (list, listed_at, key) WHERE list IS NOT NULL;

CREATE TABLE counters (
  flow TEXT NOT NULL,
  metric TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (flow, metric)
) WITHOUT ROWID;
`;

/** What each older format lacks, from format 1 on. */
const STEPS: readonly string[] = [
  `ALTER TABLE documents ADD COLUMN list TEXT;
   ALTER TABLE documents ADD COLUMN listed_at INTEGER;
   CREATE INDEX documents_by_list ON documents (list, listed_at, key) WHERE list IS NOT NULL;`,
];

/** Brings a file of an older format up to this one, all or nothing. */
export function migrate(db: DatabaseSync, from: number): void {
  db.exec(`BEGIN EXCLUSIVE;
    ${STEPS.slice(from - 1).join('\n')}
    PRAGMA user_version = ${FORMAT};
    COMMIT;`);
}

/** All or nothing: a process that dies here leaves an empty file, which is a fresh start again. */
export function createTables(db: DatabaseSync): void {
  db.exec(`BEGIN EXCLUSIVE;
    ${TABLES}
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${FORMAT};
    COMMIT;`);
}
