import type { Context } from 'hono';
import * as z from 'zod';
import type { AssociationType } from './sandbox-association-types.ts';
import type { End } from './sandbox-associations.ts';
import { batchReply } from './sandbox-batch.ts';
import { bodyOf, errorBody, json, notFound, validation } from './sandbox-replies.ts';
import { actOf } from './sandbox-rules.ts';
import type { ObjectStore } from './sandbox-store.ts';
import { storeOf, type World } from './sandbox-world.ts';

const IdSchema = z.object({ id: z.coerce.string() });
const SpecsSchema = z
  .array(z.object({ associationCategory: z.string(), associationTypeId: z.number().int() }))
  .min(1);
const PairSchema = z.object({ from: IdSchema, to: IdSchema });
const CreateSchema = z.object({ inputs: z.array(PairSchema.extend({ types: SpecsSchema })).max(2_000) });
const DefaultSchema = z.object({ inputs: z.array(PairSchema).max(2_000) });
const ArchiveSchema = z.object({
  inputs: z.array(z.object({ from: IdSchema, to: z.array(IdSchema) })).max(2_000),
});
const ReadSchema = z.object({
  inputs: z.array(IdSchema.extend({ after: z.string().optional() })).max(1_000),
});

/** Two ends of a call's path. */
export interface Ends {
  readonly from: ObjectStore;
  readonly to: ObjectStore;
}

/** The object types of the path; 400 for one that the account lacks. */
export function endsOf(world: World, context: Context): Ends {
  const find = (name: string) => {
    const type = context.req.param(name) ?? '';
    const store = storeOf(world, type);
    if (!store) throw validation(`Unable to infer object type from: ${type}`);
    return store;
  };
  return { from: find('from'), to: find('to') };
}

/** Links pairs by the types that are given. 201, in part 207 (200 at 2026-09). */
export async function createAssociations(world: World, context: Context): Promise<Response> {
  const ends = endsOf(world, context);
  const { inputs } = await bodyOf(context, CreateSchema);
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const { from, to, types } of inputs) {
    const pair = pairOf(ends, from.id, to.id);
    if (!pair) errors.push(missing(ends, from.id, to.id));
    else {
      const ids = knownTypes(
        world,
        ends,
        types.map((type) => type.associationTypeId),
      );
      world.associations.link(...pair, ids, actOf(world, context).author);
      results.push(labelsBetween(world, ...pair));
    }
  }
  return batchReply(context, results, errors, context.req.path.includes('/v4/') ? 201 : 200);
}

/** Links pairs by the type without a label. */
export async function createDefaults(world: World, context: Context): Promise<Response> {
  const ends = endsOf(world, context);
  const { inputs } = await bodyOf(context, DefaultSchema);
  return json(
    defaultReply(
      world,
      context,
      ends,
      inputs.map(({ from, to }) => [from.id, to.id] as const),
    ),
  );
}

/** Takes pairs apart; one that is not linked counts as done. */
export async function archiveAssociations(world: World, context: Context): Promise<Response> {
  const ends = endsOf(world, context);
  const { inputs } = await bodyOf(context, ArchiveSchema);
  for (const { from, to } of inputs)
    for (const each of to) {
      const pair = pairOf(ends, from.id, each.id);
      if (pair) world.associations.unlink(...pair, actOf(world, context).author);
    }
  return new Response(null, { status: 204 });
}

/** Takes only some labels off. */
export async function archiveLabels(world: World, context: Context): Promise<Response> {
  const ends = endsOf(world, context);
  const { inputs } = await bodyOf(context, CreateSchema);
  for (const { from, to, types } of inputs) {
    const pair = pairOf(ends, from.id, to.id);
    const ids = types.map((type) => type.associationTypeId);
    if (pair) world.associations.unlink(...pair, actOf(world, context).author, ids);
  }
  return new Response(null, { status: 204 });
}

/** Records without any association are told as errors, as HubSpot does. */
export async function readAssociations(world: World, context: Context): Promise<Response> {
  const ends = endsOf(world, context);
  const { inputs } = await bodyOf(context, ReadSchema);
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const { id } of inputs) {
    const row = ends.from.get(Number(id));
    const to = row ? linksOf(world, { kind: ends.from.kind, id: row.id }, ends.to) : [];
    if (to.length > 0) results.push({ from: { id }, to });
    else errors.push(none(ends, id));
  }
  return batchReply(context, results, errors, 200);
}

/** As reads show them: only live records. */
export function linksOf(world: World, from: End, to: ObjectStore): unknown[] {
  return world.associations
    .of(from, to.kind)
    .filter((link) => to.get(link.to.id) !== undefined)
    .map((link) => ({
      toObjectId: String(link.to.id),
      associationTypes: [...link.types].flatMap((id) => shownType(world.associations.types.get(id))),
    }));
}

/** The answer of the two default endpoints. */
export function defaultReply(
  world: World,
  context: Context,
  ends: Ends,
  pairs: readonly (readonly [string, string])[],
): Record<string, unknown> {
  const plain = world.associations.types.plain(ends.from.kind.name, ends.to.kind.name);
  const results = pairs.flatMap(([a, b]) => {
    const pair = pairOf(ends, a, b);
    if (!pair) throw notFound();
    world.associations.link(...pair, [], actOf(world, context).author);
    const [from, to] = pair.map(({ id }) => ({ id: String(id) }));
    return [
      { from, to, associationSpec: { associationCategory: plain?.category, associationTypeId: plain?.id } },
    ];
  });
  const at = new Date(world.now()).toISOString();
  return { status: 'COMPLETE', results, startedAt: at, completedAt: at };
}

/** Both ends where both are live. */
export function pairOf(ends: Ends, from: string, to: string): [End, End] | undefined {
  const [a, b] = [ends.from.get(Number(from)), ends.to.get(Number(to))];
  return a && b
    ? [
        { kind: ends.from.kind, id: a.id },
        { kind: ends.to.kind, id: b.id },
      ]
    : undefined;
}

/** The labels of a linked pair. */
export function labelsBetween(world: World, from: End, to: End): Record<string, unknown> {
  const link = world.associations.of(from, to.kind).find((each) => each.to.id === to.id);
  const labels = [...(link?.types ?? [])].flatMap((id) => world.associations.types.get(id)?.label ?? []);
  return {
    fromObjectTypeId: from.kind.typeId,
    fromObjectId: String(from.id),
    toObjectTypeId: to.kind.typeId,
    toObjectId: String(to.id),
    labels,
  };
}

/** 400 for a type that does not go from one end to the other. */
export function knownTypes(world: World, ends: Ends, ids: readonly number[]): readonly number[] {
  const known = world.associations.types.between(ends.from.kind.name, ends.to.kind.name).map(({ id }) => id);
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw validation(
      `${unknown} is not a valid association type between ${ends.from.kind.typeId} and ${ends.to.kind.typeId}`,
    );
  return ids;
}

/** A type as reads show it. */
export function shownType(type: AssociationType | undefined): Record<string, unknown>[] {
  return type ? [{ category: type.category, typeId: type.id, label: type.label }] : [];
}

function missing(ends: Ends, from: string, to: string): Record<string, unknown> {
  const message = `One or more objects do not exist: ${ends.from.kind.name} ${from}, ${ends.to.kind.name} ${to}`;
  const context = { fromObjectId: [from], toObjectId: [to] };
  return errorBody(message, {
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.FROM_OBJECT_NOT_FOUND',
    context,
  });
}

function none({ from, to }: Ends, id: string): Record<string, unknown> {
  const message = `No ${to.kind.name} is associated with ${from.kind.name} ${id}.`;
  const context = { fromObjectId: [id], fromObjectType: [from.kind.name], toObjectType: [to.kind.name] };
  const subCategory = 'crm.associations.NO_ASSOCIATIONS_FOUND';
  return errorBody(message, { category: 'OBJECT_NOT_FOUND', subCategory, context });
}
