import { hash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { parseLinkBody } from '../../engine/link.ts';
import type { Lease, Link, LinkKey } from '../../engine/ports.ts';
import { unpackJson } from './packed-json.ts';
import { LINK_PREFIX, TABLE } from './table.ts';

export type Item = Record<string, AttributeValue>;

/** A collection is spread over this many partitions: each takes 1,000 writes a second. Changing it moves every link. */
export const SHARDS = 16;

/** What the claim of the present lease found, so that a repeat of that claim can answer like the first. */
const FoundJson = z.object({
  lease: z.object({ token: z.string(), until: z.number(), reported: z.literal(true).optional() }),
  takeovers: z.number(),
});

export function itemKey({ flow, collection, id }: LinkKey): Item {
  const shard = Number.parseInt(hash('sha256', id).slice(0, 8), 16) % SHARDS;
  return {
    [TABLE.partitionKey]: { S: partition({ flow, collection }, shard) },
    [TABLE.sortKey]: { S: id },
  };
}

export function partition({ flow, collection }: { flow: string; collection: string }, shard: number): string {
  return `${LINK_PREFIX}${flow}/${collection}/${String(shard).padStart(2, '0')}`;
}

/** One string per item, to find it again in an unordered answer. */
export function itemName(item: Item): string {
  return `${item[TABLE.partitionKey]?.S}\n${item[TABLE.sortKey]?.S}`;
}

export function ownerOf(item: Item): string | undefined {
  return item.owner?.S;
}

export function leaseOf(item: Item): Lease | undefined {
  const token = ownerOf(item);
  if (token === undefined) return undefined;
  const until = Number(item.until?.N);
  return item.reported?.BOOL ? { token, until, reported: true } : { token, until };
}

/** The link as anybody sees it. */
export function toLink(item: Item): Link {
  const body = unpackJson(item.body);
  return {
    key: keyOf(item),
    body: body === undefined ? undefined : parseLinkBody(body),
    lease: leaseOf(item),
    takeovers: Number(item.takeovers?.N ?? 0),
    waiters: item.waiters?.SS ?? [],
  };
}

/** The link as the first write of this lease found it: under whose lease, and after how many takeovers. */
export function toLinkBeforeClaim(item: Item): Link {
  const found = item.found?.S === undefined ? undefined : FoundJson.parse(JSON.parse(item.found.S));
  const link = toLink(item);
  if (!found) return { ...link, lease: undefined };
  const { token, until, reported } = found.lease;
  const lease: Lease = reported ? { token, until, reported } : { token, until };
  return { ...link, lease, takeovers: found.takeovers };
}

export function foundJson(lease: Lease, takeovers: number): string {
  return JSON.stringify({ lease, takeovers });
}

function keyOf(item: Item): LinkKey {
  const place = item[TABLE.partitionKey]?.S ?? '';
  const id = item[TABLE.sortKey]?.S ?? '';
  const [flow = '', ...rest] = place.slice(LINK_PREFIX.length).split('/');
  return { flow, collection: rest.slice(0, -1).join('/'), id };
}
