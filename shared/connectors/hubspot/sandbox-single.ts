import type { Context } from 'hono';
import * as z from 'zod';
import { rowOf } from './sandbox-batch.ts';
import {
  type Asked,
  bodyOf,
  conflictBody,
  json,
  notFound,
  problemBody,
  Refusal,
  recordOf,
  validation,
} from './sandbox-replies.ts';
import type { Row } from './sandbox-row.ts';
import { type Act, actOf, refusalOf, setValues } from './sandbox-rules.ts';
import type { ObjectStore } from './sandbox-store.ts';
import type { World } from './sandbox-world.ts';

const PropertiesSchema = z.object({ properties: z.record(z.string(), z.string()) });

/** One record, by id or `idProperty`; with `archived=true` one of the recycle bin, by id. */
export function getObject(store: ObjectStore, context: Context): Response {
  const isArchived = context.req.query('archived') === 'true';
  const row = isArchived ? store.deleted(Number(context.req.param('id'))) : found(store, context);
  if (!row) throw notFound();
  return json(recordOf(store, row, asked(context)));
}

/** A new record. */
export async function createObject(world: World, store: ObjectStore, context: Context): Promise<Response> {
  const { properties } = await bodyOf(context, PropertiesSchema);
  const row = write(world, { store, row: undefined, properties, act: actOf(world, context) });
  return json(recordOf(store, row, { properties: Object.keys(properties) }), 201);
}

/** Sets the values that are given. */
export async function patchObject(world: World, store: ObjectStore, context: Context): Promise<Response> {
  const row = found(store, context);
  const { properties } = await bodyOf(context, PropertiesSchema);
  const written = write(world, { store, row, properties, act: actOf(world, context) });
  return json(recordOf(store, written, { properties: Object.keys(properties) }));
}

/** Deleting what is not there succeeds, as at HubSpot. */
export function deleteObject(world: World, store: ObjectStore, context: Context): Response {
  const row = store.get(Number(context.req.param('id')));
  if (row) store.archive(row, actOf(world, context).author);
  return new Response(null, { status: 204 });
}

/** A page in the order of ids. */
export function listObjects(store: ObjectStore, context: Context): Response {
  const limit = Number(context.req.query('limit') ?? 10);
  const wanted = asked(context);
  const most = wanted.history?.length ? 50 : 100;
  if (!(limit >= 1 && limit <= most)) throw validation(`limit must be between 1 and ${most}`);
  const after = Number(context.req.query('after') ?? 0);
  if (Number.isNaN(after)) throw validation('after is not a paging cursor');
  const results: unknown[] = [];
  let last = after;
  for (const row of store.after(after)) {
    if (results.length === limit)
      return json({ results, paging: { next: { after: String(last), link: '' } } });
    results.push(recordOf(store, row, wanted));
    last = row.id;
  }
  return json({ results });
}

/** Creates or updates after the same checks for everybody. */
export function write(
  world: World,
  asked: { store: ObjectStore; row: Row | undefined; properties: Readonly<Record<string, string>>; act: Act },
): Row {
  const { store, row, act } = asked;
  const values = setValues(store, asked.properties, row);
  const problem = refusalOf(world, { store, row, values, act });
  if (problem) throw new Refusal(400, problemBody(problem));
  const conflict = store.conflict(values, row?.id);
  if (conflict) throw new Refusal(409, conflictBody(store, conflict.id));
  return row ? store.update(row, values, act.author) : store.create(values, act.author);
}

function found(store: ObjectStore, context: Context): Row {
  const idProperty = context.req.query('idProperty');
  if (idProperty !== undefined && !store.isUnique(idProperty))
    throw validation(`Property ${idProperty} is not a unique identifier property`);
  const row = rowOf(store, context.req.param('id') ?? '', idProperty);
  if (!row) throw notFound();
  return row;
}

/** `properties=a,b` and `properties=a&properties=b` are both used by clients. */
function asked(context: Context): Asked {
  const listed = (name: string) =>
    (context.req.queries(name) ?? []).flatMap((each) => each.split(',')).filter(Boolean);
  return { properties: listed('properties'), history: listed('propertiesWithHistory') };
}
