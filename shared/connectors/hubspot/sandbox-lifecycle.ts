import type { Context } from 'hono';
import * as z from 'zod';
import type { Author } from './sandbox-author.ts';
import { bodyOf, json, notFound, recordOf, validation } from './sandbox-replies.ts';
import type { Row } from './sandbox-row.ts';
import { actOf } from './sandbox-rules.ts';
import type { ObjectStore } from './sandbox-store.ts';
import type { World } from './sandbox-world.ts';

const MergeSchema = z.object({ primaryObjectId: z.string(), objectIdToMerge: z.string() });
const EraseSchema = z.object({ objectId: z.string().min(1), idProperty: z.string().optional() });

/** HubSpot's help: a record may take part in so many merges. */
const MAX_MERGES = 250;

/** Both ids live on as names of a new record, which is the answer. */
export async function mergeObjects(world: World, store: ObjectStore, context: Context): Promise<Response> {
  const { primaryObjectId, objectIdToMerge } = await bodyOf(context, MergeSchema);
  const primary = store.get(Number(primaryObjectId));
  const other = store.get(Number(objectIdToMerge));
  if (!primary || !other) throw notFound();
  return json(
    recordOf(store, merge(store, primary, other, actOf(world, context).author), { properties: [] }),
  );
}

/** Refuses a record with itself, and one that has been merged too often. */
export function merge(store: ObjectStore, primary: Row, other: Row, author: Author): Row {
  if (primary.id === other.id) throw validation(`A ${store.kind.name} cannot be merged with itself`);
  const merged = [primary, other].flatMap((row) =>
    (store.values(row).get('hs_merged_object_ids') ?? '').split(';').filter(Boolean),
  );
  if (merged.length >= MAX_MERGES) throw validation(`A record can be merged ${MAX_MERGES} times at most`);
  return store.merge(primary, other, author);
}

/** For ever. An address that nobody has goes on the blocklist, too. */
export async function eraseContact(world: World, context: Context): Promise<Response> {
  const { objectId, idProperty } = await bodyOf(context, EraseSchema);
  if (idProperty !== undefined && idProperty !== 'email') throw validation('idProperty must be email');
  const id = idProperty === undefined ? Number(objectId) : world.contacts.holder('email', objectId);
  const row = id === undefined ? undefined : (world.contacts.get(id) ?? world.contacts.deleted(id));
  if (row) erase(world, row, actOf(world, context).author);
  else if (idProperty === 'email') block(world, objectId);
  else throw notFound();
  return new Response(null, { status: 204 });
}

/** The contact, its history, its preferences and its attendance. */
export function erase(world: World, row: Row, author: Author): void {
  const values = world.contacts.values(row);
  const others = (values.get('hs_additional_emails') ?? '').split(';');
  for (const email of [values.get('email') ?? '', ...others].filter(Boolean)) {
    block(world, email);
    world.consents.forget(email);
  }
  world.contacts.erase(row, author);
}

function block(world: World, email: string): void {
  world.blocklist.add(email.trim().toLowerCase());
  world.changes.count += 1;
}
