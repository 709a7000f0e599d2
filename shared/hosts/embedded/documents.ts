import * as z from 'zod';
import type { FiledDocuments } from '../../engine/filing.ts';
import type { Store } from './store.ts';

const Row = z.object({ value: z.string(), revision: z.number() });

const Listed = z.object({ key: z.string(), listed_at: z.number() });
const Place = z.tuple([z.number(), z.string()]);
const INSERT =
  'INSERT OR IGNORE INTO documents (key, revision, value, list, listed_at) VALUES (?, 1, ?, ?, ?)';
const UPDATE = `UPDATE documents SET value = ?, revision = revision + 1, list = ?, listed_at = ?
  WHERE key = ? AND revision = ?`;
const LIST = `SELECT key, listed_at FROM documents
  WHERE list = ? AND (listed_at, key) > (?, ?) ORDER BY listed_at, key LIMIT ?`;

export function documents(store: Store): FiledDocuments {
  return {
    get: async (key) => {
      const row = store.one('SELECT value, revision FROM documents WHERE key = ?', Row, [key]);
      return row && { value: JSON.parse(row.value), revision: String(row.revision) };
    },
    put: async (key, value, revision, filed) => {
      const json = JSON.stringify(value);
      if (json === undefined) throw new Error(`document ${key}: its value cannot be written as JSON`);
      const place = [filed?.list ?? null, filed?.at ?? null];
      return store.write(() => {
        if (revision === undefined) return store.run(INSERT, [key, json, ...place]) === 1;
        return store.run(UPDATE, [json, ...place, key, Number(revision)]) === 1;
      });
    },
    listed: async (list, limit, after) => {
      const from = after === undefined ? [Number.MIN_SAFE_INTEGER, ''] : Place.parse(JSON.parse(after));
      const rows = store.all(LIST, Listed, [list, ...from, limit + 1]);
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map(({ key }) => key),
        ...(rows.length > limit && last && { next: JSON.stringify([last.listed_at, last.key]) }),
      };
    },
  };
}
