import * as z from 'zod';
import type { Documents } from '../../engine/ports.ts';
import type { Store } from './store.ts';

const Row = z.object({ value: z.string(), revision: z.number() });

export function documents(store: Store): Documents {
  return {
    get: async (key) => {
      const row = store.one('SELECT value, revision FROM documents WHERE key = ?', Row, [key]);
      return row && { value: JSON.parse(row.value), revision: String(row.revision) };
    },
    put: async (key, value, revision) => {
      const json = JSON.stringify(value);
      if (json === undefined) throw new Error(`document ${key}: its value cannot be written as JSON`);
      return store.write(() => {
        if (revision === undefined) {
          return (
            store.run('INSERT OR IGNORE INTO documents (key, revision, value) VALUES (?, 1, ?)', [
              key,
              json,
            ]) === 1
          );
        }
        const update =
          'UPDATE documents SET value = ?, revision = revision + 1 WHERE key = ? AND revision = ?';
        return store.run(update, [json, key, Number(revision)]) === 1;
      });
    },
  };
}
