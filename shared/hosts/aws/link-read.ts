import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { type Item, itemName } from './link-item.ts';
import { pauseBeforeRetry, type Store } from './store.ts';

/** By `itemName`. At most 100 keys; repeats are read once. */
export async function readItems(
  store: Store,
  keys: readonly Item[],
  consistent: boolean,
): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  const since = store.clock.now();
  let asked: Item[] = [...new Map(keys.map((key) => [itemName(key), key])).values()];
  for (let attempt = 0; asked.length > 0; attempt += 1) {
    const request = { [store.table]: { Keys: asked, ConsistentRead: consistent } };
    const answer = await store.client.send(new BatchGetItemCommand({ RequestItems: request }));
    for (const item of answer.Responses?.[store.table] ?? []) found.set(itemName(item), item);
    asked = answer.UnprocessedKeys?.[store.table]?.Keys ?? [];
    if (asked.length > 0 && !(await pauseBeforeRetry(store, attempt, since)))
      throw new Error(`the state table left ${asked.length} of ${keys.length} reads undone: it is throttled`);
  }
  return found;
}
