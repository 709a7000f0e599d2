import * as z from 'zod';
import type { ChangeEvent } from '../../engine/change-event.ts';
import {
  type ChangeQueue,
  type Depth,
  MAX_DELAY,
  MAX_RECEIVES,
  type Millis,
  type Outgoing,
} from '../../engine/ports.ts';
import { MOST_COUNTED } from './link-lists.ts';
import { parseReceipt, receiptOf } from './receipt.ts';
import type { Store } from './store.ts';

/** What the queue of this host can tell beyond the port, because its messages are rows. */
export interface Backlog {
  /** `firstObservedAt` of the oldest record that is queued or in work. */
  oldestUnfinished(flow: string): Millis | undefined;
  /** Records (not messages) queued or in work, counted over at most 100,000 messages. */
  pending(flow: string, collection?: string): number;
}

const INSERT = `INSERT INTO messages (flow, lane, collection, records, first_observed_at, visible_at, body)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const VISIBLE = 'FROM messages WHERE flow = ? AND lane = ? AND visible_at <= ?';
const HIDDEN = 'FROM messages WHERE flow = ? AND lane = ? AND visible_at > ?';
const IS_THERE = `SELECT 1 AS yes ${VISIBLE} LIMIT 1`;
const RECEIVE = `UPDATE messages SET visible_at = ?, receive_count = receive_count + 1
  WHERE seq IN (SELECT seq ${VISIBLE} ORDER BY visible_at LIMIT ?)
  RETURNING seq, receive_count, body`;
const ACKNOWLEDGE = `DELETE FROM messages
  WHERE seq = ? AND receive_count = ? AND flow = ? AND lane = ? AND visible_at > ?`;
const COUNT_VISIBLE = `SELECT count(*) AS visible FROM (SELECT 1 ${VISIBLE} LIMIT ${MOST_COUNTED})`;
const COUNT_HIDDEN = `SELECT count(*) AS hidden, count(nullif(receive_count, 0)) AS taken
  FROM (SELECT receive_count ${HIDDEN} LIMIT ${MOST_COUNTED})`;
const OLDEST = 'SELECT min(first_observed_at) AS oldest FROM messages WHERE flow = ?';
const PENDING = `SELECT coalesce(sum(records), 0) AS records FROM (
  SELECT records FROM messages WHERE flow = ? LIMIT ${MOST_COUNTED})`;
const PENDING_OF = `SELECT coalesce(sum(records), 0) AS records FROM (
  SELECT records FROM messages WHERE flow = ? AND collection = ? LIMIT ${MOST_COUNTED})`;

const Received = z.object({ seq: z.number(), receive_count: z.number(), body: z.string() });

export function queue(store: Store): ChangeQueue & Backlog {
  return {
    send: async (messages) => {
      const rows = messages.map((message) => rowOf(message, store.now()));
      if (rows.length === 0) return;
      await store.write(() => rows.map((row) => store.run(INSERT, row)));
    },
    receive: async ({ flow, lane }, max, visibility) => {
      // Polling an empty queue must not cost a synced write.
      if (!store.one(IS_THERE, z.unknown(), [flow, lane, store.now()])) return [];
      const rows = await store.write(() => {
        const now = store.now();
        const received = store.all(RECEIVE, Received, [now + visibility, flow, lane, now, max]);
        return received.filter((row) => row.receive_count <= MAX_RECEIVES || redriven(store, flow, row));
      });
      return rows.map(({ seq, receive_count: receiveCount, body }) => ({
        receipt: receiptOf(seq, receiveCount),
        body,
        receiveCount,
      }));
    },
    acknowledge: async ({ flow, lane }, receipts) => {
      const known = receipts.flatMap((receipt) => parseReceipt(receipt) ?? []);
      if (known.length === 0) return;
      await store.write(() => {
        const now = store.now();
        for (const { seq, delivery } of known) store.run(ACKNOWLEDGE, [seq, delivery, flow, lane, now]);
      });
    },
    depth: async ({ flow, lane }) => depthOf(store, [flow, lane, store.now()]),
    ...backlog(store),
  };
}

/** A message that no worker finishes must not come back for ever: it becomes a letter, as it is. */
function redriven(store: Store, flow: string, { seq, body }: z.infer<typeof Received>): false {
  store.run('INSERT INTO letters (flow, body) VALUES (?, ?)', [flow, body]);
  store.run('DELETE FROM messages WHERE seq = ?', [seq]);
  return false;
}

function backlog(store: Store): Backlog {
  return {
    oldestUnfinished: (flow) =>
      store.one(OLDEST, z.object({ oldest: z.number().nullable() }), [flow])?.oldest ?? undefined,
    pending: (flow, collection) => {
      const Sum = z.object({ records: z.number() });
      const found =
        collection === undefined
          ? store.one(PENDING, Sum, [flow])
          : store.one(PENDING_OF, Sum, [flow, collection]);
      return found?.records ?? 0;
    },
  };
}

function depthOf(store: Store, at: readonly [string, string, Millis]): Depth {
  const seen = store.one(COUNT_VISIBLE, z.object({ visible: z.number() }), at);
  const unseen = store.one(COUNT_HIDDEN, z.object({ hidden: z.number(), taken: z.number() }), at);
  const { hidden = 0, taken = 0 } = unseen ?? {};
  return { visible: seen?.visible ?? 0, inFlight: taken, delayed: hidden - taken };
}

function rowOf({ event, lane, delay }: Outgoing, now: Millis): (string | number)[] {
  if (!(delay >= 0 && delay <= MAX_DELAY)) {
    throw new Error(
      `delay: ${delay} ms is not between 0 and ${MAX_DELAY}; put longer waits into the event's dueAt`,
    );
  }
  const { flow, collection, records } = event;
  return [flow, lane, collection, records.length, oldestIn(event), now + delay, JSON.stringify(event)];
}

function oldestIn({ records }: ChangeEvent): Millis {
  return records.reduce(
    (oldest, record) => Math.min(oldest, record.firstObservedAt),
    Number.MAX_SAFE_INTEGER,
  );
}
