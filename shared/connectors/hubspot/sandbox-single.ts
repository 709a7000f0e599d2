import type { Context } from 'hono';
import * as z from 'zod';
import {
  bodyOf,
  conflictBody,
  json,
  notFound,
  problemBody,
  Refusal,
  recordOf,
  validation,
} from './sandbox-replies.ts';
import { refusalOf, setValues } from './sandbox-rules.ts';
import type { Row } from './sandbox-store.ts';
import type { World } from './sandbox-world.ts';

const PropertiesSchema = z.object({ properties: z.record(z.string(), z.string()) });
const MergeSchema = z.object({ primaryObjectId: z.string(), objectIdToMerge: z.string() });

export function getContact(world: World, context: Context): Response {
  return json(recordOf(world, found(world, context), asked(context)));
}

export async function createContact(world: World, context: Context): Promise<Response> {
  const { properties } = await bodyOf(context, PropertiesSchema);
  return json(recordOf(world, write(world, undefined, properties), Object.keys(properties)), 201);
}

export async function patchContact(world: World, context: Context): Promise<Response> {
  const row = found(world, context);
  const { properties } = await bodyOf(context, PropertiesSchema);
  return json(recordOf(world, write(world, row, properties), Object.keys(properties)));
}

/** Deleting what is not there succeeds, as at HubSpot. */
export function deleteContact(world: World, context: Context): Response {
  const row = world.store.get(Number(context.req.param('id')));
  if (row) world.store.archive(row);
  return new Response(null, { status: 204 });
}

export function listContacts(world: World, context: Context): Response {
  const limit = Number(context.req.query('limit') ?? 10);
  if (!(limit >= 1 && limit <= 100)) throw validation('limit must be between 1 and 100');
  const after = Number(context.req.query('after') ?? 0);
  if (Number.isNaN(after)) throw validation('after is not a paging cursor');
  const results: unknown[] = [];
  let last = after;
  for (const row of world.store.after(after)) {
    if (results.length === limit)
      return json({ results, paging: { next: { after: String(last), link: '' } } });
    results.push(recordOf(world, row, asked(context)));
    last = row.id;
  }
  return json({ results });
}

/** Both ids live on as names of a new record. */
export async function mergeContacts(world: World, context: Context): Promise<Response> {
  const { primaryObjectId, objectIdToMerge } = await bodyOf(context, MergeSchema);
  const primary = world.store.get(Number(primaryObjectId));
  const other = world.store.get(Number(objectIdToMerge));
  if (!primary || !other) throw notFound();
  if (primary.id === other.id) throw validation('A contact cannot be merged with itself');
  return json(recordOf(world, world.store.merge(primary, other), []));
}

/** Creates or updates after the same checks as the API makes. */
export function write(world: World, row: Row | undefined, properties: Readonly<Record<string, string>>): Row {
  const values = setValues(world, properties, row);
  const problem = refusalOf(world, values, row);
  if (problem) throw new Refusal(400, problemBody(problem));
  const conflict = world.store.conflict(values, row?.id);
  if (conflict) throw new Refusal(409, conflictBody(conflict.id));
  return row ? world.store.update(row, values) : world.store.create(values);
}

function found(world: World, context: Context): Row {
  const id = context.req.param('id') ?? '';
  const idProperty = context.req.query('idProperty');
  if (idProperty !== undefined && !world.store.isUnique(idProperty))
    throw validation(`Property ${idProperty} is not a unique identifier property`);
  const key = idProperty === undefined ? Number(id) : world.store.holder(idProperty, id);
  const row = key === undefined ? undefined : world.store.get(key);
  if (!row) throw notFound();
  return row;
}

/** `properties=a,b` and `properties=a&properties=b` are both used by clients. */
function asked(context: Context): string[] {
  return (context.req.queries('properties') ?? []).flatMap((each) => each.split(',')).filter(Boolean);
}
