import type { Context, Hono } from 'hono';
import * as z from 'zod';
import { parseFields, readPosted } from './form.ts';
import { type ApiOptions, type FlowNames, knownFlow, recordNamed } from './routes-known.ts';

const ListedSchema = z.strictObject({
  collection: z.string().max(100).optional(),
  /** Milliseconds since 1970. */
  since: z.coerce.number().int().nonnegative().optional(),
  page: z.string().max(4_000).optional(),
});
const RecordsSchema = z.array(z.string().max(300)).min(1).max(100);
const MatchSchema = z.strictObject({ records: RecordsSchema });
const PlanSchema = z.strictObject({
  records: RecordsSchema,
  mappingFrom: z.string().min(1).max(200).optional(),
});

/** What looks and changes nothing. The bodies are lists, so two of these are POSTs all the same. */
export function addLooking(api: Hono, { flows, operations }: ApiOptions): void {
  const posted = async <T>(context: Context, schema: z.ZodType<T>): Promise<T> =>
    parseFields(schema, (await readPosted(context)).fields);
  const named = (flow: FlowNames, records: readonly string[]) =>
    records.map((each) => recordNamed(flow, each));
  api.get('/flows/:flow/records', async (context) => {
    const flow = knownFlow(context, flows);
    return context.json(await operations.listing(flow.name, parseFields(ListedSchema, context.req.query())));
  });
  api.post('/flows/:flow/plan', async (context) => {
    const flow = knownFlow(context, flows);
    const { records, mappingFrom } = await posted(context, PlanSchema);
    return context.json(await operations.plan(flow.name, { records: named(flow, records), mappingFrom }));
  });
  api.post('/flows/:flow/match', async (context) => {
    const flow = knownFlow(context, flows);
    const { records } = await posted(context, MatchSchema);
    return context.json(await operations.match(flow.name, named(flow, records)));
  });
}
