import * as z from 'zod';
import type { DeadLetter, DeadLetters, Millis } from '../../engine/ports.ts';
import { MOST_COUNTED } from './link-lists.ts';
import { parseReceipt, receiptOf } from './receipt.ts';
import type { Store } from './store.ts';

/** As long as the port promises; meanwhile a look shows the next letters, as a queue's visibility timeout does. */
const RECEIPT_LASTS: Millis = 60_000;

const LOOK = `UPDATE letters SET visible_at = ?, looks = looks + 1
  WHERE seq IN (SELECT seq FROM letters WHERE flow = ? AND visible_at <= ? ORDER BY visible_at, seq LIMIT ?)
  RETURNING seq, looks, body`;
const COUNT = `SELECT count(*) AS count FROM (SELECT 1 FROM letters WHERE flow = ? LIMIT ${MOST_COUNTED})`;

const LetterRow = z.object({ seq: z.number(), looks: z.number(), body: z.string() });

const LetterJson: z.ZodType<DeadLetter> = z.strictObject({
  flow: z.string(),
  collection: z.string(),
  id: z.string(),
  reason: z.string(),
  fingerprint: z.string(),
  at: z.number(),
  trace: z.string(),
});

export function deadLetters(store: Store): DeadLetters {
  return {
    add: async (letters) => {
      if (letters.length === 0) return;
      const rows = letters.map((letter) => [letter.flow, JSON.stringify(letter)]);
      await store.write(() => {
        for (const row of rows) store.run('INSERT INTO letters (flow, body) VALUES (?, ?)', row);
      });
    },
    look: async (flow, max) => {
      const rows = await store.write(() => {
        const now = store.now();
        return store.all(LOOK, LetterRow, [now + RECEIPT_LASTS, flow, now, max]);
      });
      return rows.map(({ seq, looks, body }) => {
        const letter = LetterJson.safeParse(JSON.parse(body));
        return { receipt: receiptOf(seq, looks), letter: letter.success ? letter.data : undefined, body };
      });
    },
    remove: async (flow, receipts) => {
      const known = receipts.flatMap((receipt) => parseReceipt(receipt) ?? []);
      if (known.length === 0) return;
      await store.write(() => {
        for (const { seq, delivery } of known) {
          store.run('DELETE FROM letters WHERE seq = ? AND looks = ? AND flow = ?', [seq, delivery, flow]);
        }
      });
    },
    depth: async (flow) => store.one(COUNT, z.object({ count: z.number() }), [flow])?.count ?? 0,
  };
}
