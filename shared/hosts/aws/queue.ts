import { type ChangeQueue, MAX_DELAY, type Outgoing, type QueueRef } from '../../engine/ports.ts';
import { deleteAll, depthOf, type Letter, receiveUpTo, type Sqs, sendAll } from './sqs.ts';
import { allOf } from './store.ts';

/** Where a queue is; known at once in a function, looked up by its name elsewhere. */
export type UrlOf = (ref: QueueRef) => string | Promise<string>;

/** Change events on SQS. Lambda receives and deletes by itself; `receive` and `acknowledge` serve tools and tests. */
export function queue(sqs: Sqs, urlOf: UrlOf): ChangeQueue {
  return {
    send: async (messages) => {
      const byUrl = await lettersByUrl(messages, urlOf);
      await allOf([...byUrl].map(([url, letters]) => sendAll(sqs, url, letters)));
    },
    receive: async (from, max, visibility) => receiveUpTo(sqs, await urlOf(from), { max, visibility }),
    acknowledge: async (from, receipts) => deleteAll(sqs, await urlOf(from), receipts),
    depth: async (of) => depthOf(sqs, await urlOf(of)),
  };
}

/** Refuses before anything is sent. */
async function lettersByUrl(messages: readonly Outgoing[], urlOf: UrlOf): Promise<Map<string, Letter[]>> {
  const byUrl = new Map<string, Letter[]>();
  for (const { lane, event, delay } of messages) {
    if (!(delay >= 0 && delay <= MAX_DELAY))
      throw new RangeError(`a delay of ${delay} ms: a queue takes 0 to ${MAX_DELAY}, put more into dueAt`);
    const url = await urlOf({ flow: event.flow, lane });
    const letter = { body: JSON.stringify(event), delay: Math.ceil(delay / 1_000) };
    const known = byUrl.get(url);
    if (known) known.push(letter);
    else byUrl.set(url, [letter]);
  }
  return byUrl;
}
