import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Documents } from '../../engine/ports.ts';
import type { Item } from './link-item.ts';
import { packJson, unpackJson } from './packed-json.ts';
import type { Store } from './store.ts';
import { DOCUMENT_PREFIX, TABLE } from './table.ts';
import { update } from './update.ts';

/** Documents on the state table, read consistently: one item each, in a partition of its own. */
export function documents(store: Store): Documents {
  return {
    get: async (key) => {
      const command = new GetItemCommand({ TableName: store.table, Key: itemKey(key), ConsistentRead: true });
      const { Item: item } = await store.client.send(command);
      const revision = item?.revision?.S;
      return item && revision !== undefined ? { value: unpackJson(item.body), revision } : undefined;
    },
    put: async (key, value, revision) => {
      const mine = store.random.token();
      const { written, old } = await update(store, {
        key: itemKey(key),
        set: { body: packJson(value), revision: { S: mine } },
        condition: revision === undefined ? 'attribute_not_exists(#revision)' : '#revision = :known',
        ...(revision !== undefined && { given: { known: { S: revision } } }),
      });
      // The client may have repeated a write whose answer was lost: then the revision it met is our own.
      return written || old?.revision?.S === mine;
    },
  };
}

function itemKey(key: string): Item {
  return { [TABLE.partitionKey]: { S: `${DOCUMENT_PREFIX}${key}` }, [TABLE.sortKey]: { S: '-' } };
}
