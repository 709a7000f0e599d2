import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Link, Links, Millis, Page } from '../../engine/ports.ts';
import { type Item, itemName, partition, SHARDS, toLink } from './link-item.ts';
import { readItems } from './link-read.ts';
import type { Store } from './store.ts';
import { TABLE } from './table.ts';

/** Counting stops here, so that a flood of parkings does not make its own gauge expensive. */
const MOST_COUNTED = 100_000;

type Index = (typeof TABLE.indexes)['parked' | 'due'];

const PlaceSchema = z.object({ shard: z.number(), id: z.string() });
const IndexPlaceSchema = z.object({ pk: z.string(), sk: z.string(), at: z.string() });

/** The walks over links. Indexes follow the table within moments, so their links are read from the table itself. */
export function linkLists(store: Store): Pick<Links, 'page' | 'parked' | 'due' | 'parkedCount'> {
  return {
    page: (of, limit, after) => pageOf(store, of, { limit, after }),
    parked: (flow, limit, after) => parkedPage(store, flow, { limit, after }),
    due: async (flow, now, limit) => {
      const { due } = TABLE.indexes;
      const keys = await indexed(store, due, { flow, limit, upTo: now });
      const found = await linksAt(store, keys);
      return found.filter(({ body }) => body?.recheckAt !== undefined && body.recheckAt <= now);
    },
    parkedCount: (flow) => parkedCount(store, flow),
  };
}

interface Cut {
  limit: number;
  after: string | undefined;
}

/** One partition after the other, each in the order of its ids. */
async function pageOf(
  store: Store,
  of: { flow: string; collection: string },
  { limit, after }: Cut,
): Promise<Page<Link>> {
  let place = after === undefined ? { shard: 0, id: '' } : PlaceSchema.parse(JSON.parse(after));
  const items: Item[] = [];
  while (place.shard < SHARDS) {
    const pk = { S: partition(of, place.shard) };
    const found = await query(store, {
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
      ExpressionAttributeValues: { ':pk': pk },
      Limit: limit + 1 - items.length,
      ...(place.id !== '' && {
        ExclusiveStartKey: { [TABLE.partitionKey]: pk, [TABLE.sortKey]: { S: place.id } },
      }),
    });
    items.push(...found);
    if (items.length > limit) break;
    place = { shard: place.shard + 1, id: '' };
  }
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const page: Page<Link> = { items: shown.map(toLink) };
  if (last && items.length > limit)
    page.next = JSON.stringify({ shard: shardOf(last), id: last[TABLE.sortKey]?.S });
  return page;
}

function shardOf(item: Item): number {
  return Number(item[TABLE.partitionKey]?.S?.slice(-2));
}

async function parkedPage(store: Store, flow: string, { limit, after }: Cut): Promise<Page<Link>> {
  const { parked } = TABLE.indexes;
  const keys = await indexed(store, parked, { flow, limit: limit + 1, after });
  const shown = keys.slice(0, limit);
  const found = await linksAt(store, shown);
  const page: Page<Link> = { items: found.filter(({ body }) => body?.parked !== undefined) };
  const last = shown.at(-1);
  if (last && keys.length > limit) page.next = placeIn(parked, last);
  return page;
}

/** Where a walk of an index goes on, behind this item. */
export function placeIn(index: Index, item: Item): string {
  const { [TABLE.partitionKey]: pk, [TABLE.sortKey]: sk, [index.sortKey]: at } = item;
  return JSON.stringify({ pk: pk?.S, sk: sk?.S, at: at?.N });
}

interface Range {
  flow: string;
  limit: number;
  upTo?: Millis;
  after?: string | undefined;
}

/** Keys of an index, the earliest first. */
export async function indexed(
  store: Store,
  index: Index,
  { flow, limit, upTo, after }: Range,
): Promise<Item[]> {
  const from = after === undefined ? undefined : IndexPlaceSchema.parse(JSON.parse(after));
  return query(store, {
    IndexName: index.name,
    KeyConditionExpression: upTo === undefined ? '#flow = :flow' : '#flow = :flow AND #at <= :upTo',
    ExpressionAttributeNames: {
      '#flow': index.partitionKey,
      ...(upTo !== undefined && { '#at': index.sortKey }),
    },
    ExpressionAttributeValues: {
      ':flow': { S: flow },
      ...(upTo !== undefined && { ':upTo': { N: String(upTo) } }),
    },
    Limit: limit,
    ...(from && {
      ExclusiveStartKey: {
        [TABLE.partitionKey]: { S: from.pk },
        [TABLE.sortKey]: { S: from.sk },
        [index.partitionKey]: { S: flow },
        [index.sortKey]: { N: from.at },
      },
    }),
  });
}

/** In the order of the keys; a link that has gone meanwhile is left out. */
async function linksAt(store: Store, keys: readonly Item[]): Promise<Link[]> {
  const found: Link[] = [];
  for (let at = 0; at < keys.length; at += 100) {
    const names = keys
      .slice(at, at + 100)
      .map(({ pk, sk }): Item => ({ ...(pk && { pk }), ...(sk && { sk }) }));
    const items = await readItems(store, names, true);
    for (const name of names) {
      const item = items.get(itemName(name));
      if (item) found.push(toLink(item));
    }
  }
  return found;
}

async function parkedCount(store: Store, flow: string): Promise<{ count: number; oldestSince?: Millis }> {
  const { parked } = TABLE.indexes;
  const [oldest] = await indexed(store, parked, { flow, limit: 1 });
  if (!oldest) return { count: 0 };
  let count = 0;
  let from: Item | undefined;
  do {
    const answer = await store.client.send(
      new QueryCommand({
        TableName: store.table,
        IndexName: parked.name,
        Select: 'COUNT',
        KeyConditionExpression: '#flow = :flow',
        ExpressionAttributeNames: { '#flow': parked.partitionKey },
        ExpressionAttributeValues: { ':flow': { S: flow } },
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    count += answer.Count ?? 0;
    from = answer.LastEvaluatedKey;
  } while (from && count < MOST_COUNTED);
  return { count, oldestSince: Number(oldest[parked.sortKey]?.N) };
}

/** Up to `Limit` items; an answer is cut at a megabyte, so it may take several. */
async function query(
  store: Store,
  input: Omit<QueryCommandInput, 'TableName'> & { Limit: number },
): Promise<Item[]> {
  const items: Item[] = [];
  let from = input.ExclusiveStartKey;
  do {
    const answer = await store.client.send(
      new QueryCommand({
        ...input,
        TableName: store.table,
        Limit: input.Limit - items.length,
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    items.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
  } while (from && items.length < input.Limit);
  return items;
}
