import type { Context } from 'hono';
import * as z from 'zod';
import {
  bodyOf,
  conflictBody,
  errorBody,
  json,
  problemBody,
  Refusal,
  recordOf,
  validation,
} from './sandbox-replies.ts';
import type { Row, Values } from './sandbox-row.ts';
import { type Act, actOf, refusalOf, setValues } from './sandbox-rules.ts';
import type { ObjectStore } from './sandbox-store.ts';
import type { World } from './sandbox-world.ts';

const ReadSchema = z.object({
  inputs: z.array(z.object({ id: z.string() })),
  properties: z.array(z.string()),
  propertiesWithHistory: z.array(z.string()).optional(),
  idProperty: z.string().optional(),
});
const InputSchema = z.object({
  id: z.string().optional(),
  idProperty: z.string().optional(),
  properties: z.record(z.string(), z.string()),
  objectWriteTraceId: z.string().optional(),
});
const WriteSchema = z.object({ inputs: z.array(InputSchema) });
type Input = z.infer<typeof InputSchema>;
const IdsSchema = z.object({ inputs: z.array(z.object({ id: z.string() })) });

/** What one input comes to: a row to write, or the error item that answers it. */
type Verdict = { row: Row | undefined; values: Values } | { error: Record<string, unknown>; status: number };

const HISTORY_BATCH = 50;

/** What a batch does. */
export type BatchWrite = 'create' | 'update' | 'upsert';

/** What all inputs of one call share. */
interface Call {
  readonly world: World;
  readonly store: ObjectStore;
  readonly kind: BatchWrite;
  readonly act: Act;
}

/** Up to 100 creates, updates or upserts. */
export async function batchWrite(
  world: World,
  store: ObjectStore,
  kind: BatchWrite,
  context: Context,
): Promise<Response> {
  const { inputs } = await bodyOf(context, WriteSchema);
  const call = { world, store, kind, act: actOf(world, context) };
  checkInputs(store, kind, inputs);
  const traced = inputs.every((each) => each.objectWriteTraceId !== undefined);
  // Errors are given per record only where every input carries a trace id; else one bad input refuses all.
  if (!traced || world.on.has('batch-refused')) refuseAsOne(call, inputs);
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const input of inputs) {
    const verdict = judge(call, input);
    if ('error' in verdict) errors.push(errorItem(verdict.error, input));
    else results.push(apply(call, input, verdict));
  }
  return batchReply(context, results, errors, kind === 'create' ? 201 : 200);
}

/** Up to 100 records, up to 50 where histories are asked for; a record that is asked for by two ids comes once. */
export async function batchRead(store: ObjectStore, context: Context): Promise<Response> {
  const {
    inputs,
    properties,
    propertiesWithHistory: history,
    idProperty,
  } = await bodyOf(context, ReadSchema);
  const ids = inputs.map((each) => each.id);
  checkIds(ids);
  if (history?.length && ids.length > HISTORY_BATCH)
    throw validation(
      `The maximum number of inputs supported in a batch request for property histories is ${HISTORY_BATCH}. Please reduce the number of items and try again`,
    );
  if (idProperty !== undefined && !store.isUnique(idProperty))
    throw validation(`Property ${idProperty} is not a unique identifier property`);
  const find = (id: string) =>
    context.req.query('archived') === 'true' ? store.deleted(Number(id)) : rowOf(store, id, idProperty);
  const rows = new Map(ids.map((id) => [id, find(id)]));
  const found = new Set([...rows.values()].filter((row) => row !== undefined));
  const missing = ids.filter((id) => rows.get(id) === undefined);
  const errors = missing.length ? [missingItem(store, missing)] : [];
  return batchReply(
    context,
    [...found].map((row) => recordOf(store, row, { properties, history })),
    errors,
    200,
  );
}

/** To the recycle bin; what is not there counts as done. */
export async function batchArchive(world: World, store: ObjectStore, context: Context): Promise<Response> {
  const { inputs } = await bodyOf(context, IdsSchema);
  checkIds(inputs.map((each) => each.id));
  for (const { id } of inputs) {
    const row = rowOf(store, id);
    if (row) store.archive(row, actOf(world, context).author);
  }
  return new Response(null, { status: 204 });
}

/** By record id, or by the value of a unique property. */
export function rowOf(store: ObjectStore, id: string, idProperty?: string): Row | undefined {
  const key = idProperty === undefined ? Number(id) : store.holder(idProperty, id);
  return key === undefined || Number.isNaN(key) ? undefined : store.get(key);
}

function checkInputs(store: ObjectStore, kind: BatchWrite, inputs: readonly Input[]): void {
  if (kind === 'create') {
    if (inputs.length > 100) throw tooLarge(inputs.length);
    return;
  }
  checkIds(inputs.map((each) => each.id ?? ''));
  const [idProperty, ...others] = new Set(inputs.map((each) => each.idProperty));
  if (others.length > 0) throw validation('All inputs of a batch must have the same idProperty');
  if (idProperty === undefined) {
    if (kind === 'upsert') throw validation('idProperty is required to upsert');
    return;
  }
  if (!store.isUnique(idProperty))
    throw validation(`Property ${idProperty} is not a unique identifier property`);
}

function checkIds(ids: readonly string[]): void {
  if (ids.length > 100) throw tooLarge(ids.length);
  if (ids.some((id) => id === '')) throw validation('Some required fields were not set: [id]');
  const duplicate = ids.find((id, at) => ids.indexOf(id) !== at);
  if (duplicate !== undefined)
    throw validation(`Duplicate IDs found in batch input: [${duplicate}]. IDs must be unique`);
}

function tooLarge(size: number): Refusal {
  return validation(`The maximum number of inputs supported in a batch request is 100, but received ${size}`);
}

function refuseAsOne(call: Call, inputs: readonly Input[]): void {
  for (const input of inputs) {
    const verdict = judge(call, input);
    if ('error' in verdict) throw new Refusal(verdict.status, verdict.error);
  }
}

function judge({ world, store, kind, act }: Call, input: Input): Verdict {
  const { id = '', idProperty } = input;
  const row = kind === 'create' ? undefined : rowOf(store, id, idProperty);
  if (kind === 'update' && !row) return { error: missingItem(store, [id]), status: 404 };
  const key = kind === 'upsert' && idProperty !== undefined ? { [idProperty]: id } : {};
  const values = setValues(store, { ...key, ...input.properties }, row);
  const problem = refusalOf(world, { store, row, values, act });
  if (problem) return { error: problemBody(problem), status: 400 };
  const conflict = store.conflict(values, row?.id);
  if (conflict) return { error: conflictBody(store, conflict.id), status: 409 };
  return { row, values };
}

function apply(
  { store, kind, act }: Call,
  input: Input,
  { row, values }: { row: Row | undefined; values: Values },
): unknown {
  const written = row ? store.update(row, values, act.author) : store.create(values, act.author);
  const trace =
    input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: input.objectWriteTraceId };
  const asked = { properties: [...values.keys()] };
  return {
    ...recordOf(store, written, asked),
    ...trace,
    ...(kind === 'upsert' ? { new: row === undefined } : {}),
  };
}

function errorItem(
  error: Record<string, unknown>,
  { id, objectWriteTraceId }: Input,
): Record<string, unknown> {
  const { correlationId: _, ...item } = error;
  const context = {
    ...(id === undefined ? {} : { ids: [id] }),
    ...(objectWriteTraceId === undefined ? {} : { objectWriteTraceId: [objectWriteTraceId] }),
  };
  return { ...item, context };
}

function missingItem({ kind }: ObjectStore, ids: readonly string[]): Record<string, unknown> {
  const what = kind.name.toUpperCase();
  const message = `Could not get some ${what} objects, they may be deleted or not exist. Check that ids are valid.`;
  return errorBody(message, { category: 'OBJECT_NOT_FOUND', context: { ids } });
}

/** v3 and 2026-03 answer 207 to a partial failure; 2026-09 declares 200 only. */
export function batchReply(
  context: Context,
  results: unknown[],
  errors: unknown[],
  status: number,
): Response {
  const at = new Date(0).toISOString();
  const partly = errors.length ? { numErrors: errors.length, errors } : {};
  const code = errors.length && !context.req.path.includes('/2026-09/') ? 207 : status;
  return json({ status: 'COMPLETE', results, ...partly, startedAt: at, completedAt: at }, code);
}
