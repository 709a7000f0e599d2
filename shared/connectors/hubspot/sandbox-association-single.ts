import type { Context } from 'hono';
import * as z from 'zod';
import {
  defaultReply,
  endsOf,
  knownTypes,
  labelsBetween,
  linksOf,
  pairOf,
  shownType,
} from './sandbox-association-batch.ts';
import { bodyOf, json, notFound, validation } from './sandbox-replies.ts';
import { actOf } from './sandbox-rules.ts';
import type { World } from './sandbox-world.ts';

const SpecsSchema = z.array(
  z.object({ associationCategory: z.string(), associationTypeId: z.number().int() }),
);
const LabelSchema = z.object({
  label: z.string().min(1),
  name: z.string().min(1),
  inverseLabel: z.string().min(1).optional(),
});

/** All types between two object types, HubSpot's own and the account's labels. */
export function listLabels(world: World, context: Context): Response {
  const { from, to } = endsOf(world, context);
  return json({ results: world.associations.types.between(from.kind.name, to.kind.name).flatMap(shownType) });
}

/** A new label, with its inverse where the two ends differ in words. */
export async function createLabel(world: World, context: Context): Promise<Response> {
  const { from, to } = endsOf(world, context);
  const { label, inverseLabel } = await bodyOf(context, LabelSchema);
  const taken = world.associations.types
    .between(from.kind.name, to.kind.name)
    .some((type) => type.label === label);
  if (taken) throw validation(`A label "${label}" already exists between these objects`);
  const made = world.associations.types.define(from.kind.name, to.kind.name, [label, inverseLabel ?? label]);
  world.changes.count += 1;
  return json({ results: made.flatMap(shownType) });
}

/** Links one pair by the type without a label. */
export function putDefault(world: World, context: Context): Response {
  return json(defaultReply(world, context, endsOf(world, context), [idsOf(context)]));
}

/** Links one pair by the types in the body. */
export async function putAssociation(world: World, context: Context): Promise<Response> {
  const ends = endsOf(world, context);
  const types = knownTypes(
    world,
    ends,
    (await bodyOf(context, SpecsSchema)).map((type) => type.associationTypeId),
  );
  const pair = pairOf(ends, ...idsOf(context));
  if (!pair) throw notFound();
  world.associations.link(...pair, types, actOf(world, context).author);
  return json(labelsBetween(world, ...pair), 201);
}

/** Takes one pair apart. */
export function deleteAssociation(world: World, context: Context): Response {
  const pair = pairOf(endsOf(world, context), ...idsOf(context));
  if (pair) world.associations.unlink(...pair, actOf(world, context).author);
  return new Response(null, { status: 204 });
}

/** A page of what one record is associated with; at most 500. */
export function listAssociations(world: World, context: Context): Response {
  const ends = endsOf(world, context);
  const row = ends.from.get(Number(context.req.param('id')));
  if (!row) throw notFound();
  const limit = Number(context.req.query('limit') ?? 500);
  if (!(limit >= 1 && limit <= 500)) throw validation('limit must be between 1 and 500');
  const start = Number(context.req.query('after') ?? 0);
  const all = linksOf(world, { kind: ends.from.kind, id: row.id }, ends.to);
  const after = String(start + limit);
  const paging = start + limit < all.length ? { paging: { next: { after, link: '' } } } : {};
  return json({ results: all.slice(start, start + limit), ...paging });
}

function idsOf(context: Context): [string, string] {
  return [context.req.param('id') ?? '', context.req.param('toId') ?? ''];
}
