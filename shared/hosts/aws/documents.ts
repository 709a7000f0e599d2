import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { FiledDocuments } from '../../engine/filing.ts';
import type { Item } from './link-item.ts';
import { indexed, placeIn } from './link-lists.ts';
import { packJson, unpackJson } from './packed-json.ts';
import type { Store } from './store.ts';
import { DOCUMENT_PREFIX, TABLE } from './table.ts';
import { update } from './update.ts';

/** Documents on the state table, read consistently: one item each, in a partition of its own. */
export function documents(store: Store): FiledDocuments {
  const { parked } = TABLE.indexes;
  return {
    get: async (key) => {
      const command = new GetItemCommand({ TableName: store.table, Key: itemKey(key), ConsistentRead: true });
      const { Item: item } = await store.client.send(command);
      const revision = item?.revision?.S;
      return item && revision !== undefined ? { value: unpackJson(item.body), revision } : undefined;
    },
    put: async (key, value, revision, filed) => {
      const mine = store.random.token();
      const { written, old } = await update(store, {
        key: itemKey(key),
        set: {
          body: packJson(value),
          revision: { S: mine },
          ...(filed && {
            [parked.partitionKey]: { S: filed.list },
            [parked.sortKey]: { N: String(filed.at) },
          }),
        },
        ...(!filed && revision !== undefined && { remove: [parked.partitionKey, parked.sortKey] }),
        condition: revision === undefined ? 'attribute_not_exists(#revision)' : '#revision = :known',
        ...(revision !== undefined && { given: { known: { S: revision } } }),
      });
      // The client may have repeated a write whose answer was lost: then the revision it met is our own.
      return written || old?.revision?.S === mine;
    },
    listed: async (list, limit, after) => {
      const keys = await indexed(store, parked, { flow: list, limit: limit + 1, after });
      const shown = keys.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map((item) => item[TABLE.partitionKey]?.S?.slice(DOCUMENT_PREFIX.length) ?? ''),
        ...(keys.length > limit && last && { next: placeIn(parked, last) }),
      };
    },
  };
}

function itemKey(key: string): Item {
  return { [TABLE.partitionKey]: { S: `${DOCUMENT_PREFIX}${key}` }, [TABLE.sortKey]: { S: '-' } };
}
