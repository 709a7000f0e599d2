import { type Context, Hono } from 'hono';
import * as z from 'zod';
import type { OperatorView } from '../console/view.ts';
import { parseRecordRef, type RecordRef } from '../record-ref.ts';
import { type Posted, parseFields, readPosted } from './form.ts';
import type { Operations } from './operations.ts';
import { Problem } from './problem.ts';

/** A flow as the API needs to know it. */
export interface FlowNames {
  name: string;
  collections: readonly string[];
}

export interface ApiOptions {
  flows: readonly FlowNames[];
  view: OperatorView;
  operations: Operations;
}

const NothingSchema = z.strictObject({});
const PauseSchema = z.strictObject({
  reason: z.string().min(1).max(200),
  minutes: z.coerce.number().int().positive().optional(),
});
const ChoiceSchema = z.strictObject({
  field: z.string(),
  keep: z.string().min(1).max(200),
  mark: z.string().max(64).optional(),
});
const DiscardSchema = z.strictObject({ reason: z.string().min(1).max(200) });

/** `/api`: JSON for the CLI and other programs; forms of the console come here too and are sent back. */
export function buildApi(options: ApiOptions): Hono {
  const { view, operations } = options;
  const api = new Hono();
  api.get('/status', async (context) => context.json(await view.status()));
  api.get('/flows/:flow/records/:record', async (context) => {
    const flow = knownFlow(context, options.flows);
    const record = await view.record(flow.name, knownRecord(context, flow));
    if (!record) throw new Problem(404, 'no such record', 'check its id at the source');
    return context.json(record);
  });
  api.get('/flows/:flow/parked', async (context) => {
    const flow = knownFlow(context, options.flows);
    return context.json(await view.parked(flow.name, context.req.query('after')));
  });
  api.get('/items', async (context) =>
    context.json({ flows: await Promise.all(options.flows.map(({ name }) => view.items(name))) }),
  );
  api.get('/flows/:flow/items', async (context) =>
    context.json(await view.items(knownFlow(context, options.flows).name)),
  );
  api.get('/flows/:flow/backfill', async (context) => {
    const flow = knownFlow(context, options.flows);
    return context.json({ flow: flow.name, collections: await operations.backfillReport(flow.name) });
  });
  api.get('/flows/:flow/audit', async (context) => {
    const flow = knownFlow(context, options.flows);
    return context.json(sumAudit(flow.name, await operations.auditReport(flow.name)));
  });
  addFlowActions(api, options);
  addAccountActions(api, options);
  addRecordActions(api, options);
  addItemActions(api, options);
  return api;
}

function addFlowActions(api: Hono, { flows, operations }: ApiOptions): void {
  const act = (name: string, run: (flow: FlowNames, posted: Posted) => Promise<object>) =>
    api.post(`/flows/:flow/${name}`, async (context) => {
      const flow = knownFlow(context, flows);
      const posted = await readPosted(context);
      return answer(context, { posted, notice: name, body: await run(flow, posted) });
    });
  const told = (name: string, run: (flow: string) => Promise<object>) =>
    act(name, async (flow, posted) => {
      parseFields(NothingSchema, posted.fields);
      return run(flow.name);
    });
  const done = (name: string, run: (flow: string) => Promise<void>) =>
    told(name, async (flow) => {
      await run(flow);
      return { ok: true };
    });
  told('scan', (flow) => operations.scan(flow));
  told('replay', (flow) => operations.replay(flow, 'all'));
  done('backfill', (flow) => operations.backfill(flow));
  done('audit', (flow) => operations.audit(flow));
  done('resume', (flow) => operations.resume(flow));
  done('approve', (flow) => operations.approve(flow));
  done('release', (flow) => operations.release(flow));
  act('pause', async (flow, posted) => {
    await operations.pause(flow.name, parseFields(PauseSchema, posted.fields));
    return { ok: true };
  });
}

function addAccountActions(api: Hono, { operations }: ApiOptions): void {
  api.post('/accounts/:vendor/:name/release', async (context) => {
    const posted = await readPosted(context);
    parseFields(NothingSchema, posted.fields);
    await operations.releaseAccount(`${context.req.param('vendor')}/${context.req.param('name')}`);
    return answer(context, { posted, notice: 'release', body: { ok: true } });
  });
}

function addRecordActions(api: Hono, { flows, operations }: ApiOptions): void {
  api.post('/flows/:flow/parked/:record/replay', async (context) => {
    const flow = knownFlow(context, flows);
    const ref = knownRecord(context, flow);
    const posted = await readPosted(context);
    parseFields(NothingSchema, posted.fields);
    return answer(context, { posted, notice: 'replay', body: await operations.replay(flow.name, [ref]) });
  });
  api.post('/flows/:flow/parked/:record/discard', async (context) => {
    const flow = knownFlow(context, flows);
    const ref = knownRecord(context, flow);
    const posted = await readPosted(context);
    const { reason } = parseFields(DiscardSchema, posted.fields);
    const found = await operations.discard(flow.name, ref, reason);
    if (!found)
      throw new Problem(
        404,
        `record ${ref.collection}/${ref.id} is not parked`,
        `GET /api/flows/${flow.name}/parked lists those that are`,
      );
    return answer(context, { posted, notice: 'discard', body: { ok: true } });
  });
}

function addItemActions(api: Hono, { flows, operations }: ApiOptions): void {
  api.post('/flows/:flow/items/:record/decide', async (context) => {
    const flow = knownFlow(context, flows);
    const ref = knownRecord(context, flow);
    const posted = await readPosted(context);
    const keep = await operations.decide(flow.name, ref, parseFields(ChoiceSchema, posted.fields));
    return answer(context, { posted, notice: 'decide', body: { ok: true, keep } });
  });
}

function answer(context: Context, done: { posted: Posted; notice: string; body: object }): Response {
  const { back } = done.posted;
  if (back === undefined) return context.json(done.body);
  return context.redirect(`${back}${back.includes('?') ? '&' : '?'}did=${done.notice}`, 303);
}

/** Throws a 404 that lists the flows there are. */
function knownFlow(context: Context, flows: readonly FlowNames[]): FlowNames {
  const name = context.req.param('flow') ?? '';
  const flow = flows.find((each) => each.name === name);
  if (flow) return flow;
  throw new Problem(
    404,
    'no such flow',
    `the flows are: ${flows.map((each) => each.name).join(', ') || '(none)'}`,
  );
}

/** Throws a 404 that says how this flow's records are named. */
function knownRecord(context: Context, flow: FlowNames): RecordRef {
  const ref = parseRecordRef(context.req.param('record') ?? '', flow.collections);
  if (ref && ref.id.length <= 200) return ref;
  throw new Problem(
    404,
    'no such record',
    `records of this flow are named ${flow.collections.map((each) => `${each}/<id>`).join(' or ')}, with the slash written as %2F in an address`,
  );
}

function sumAudit(flow: string, collections: Awaited<ReturnType<Operations['auditReport']>>): object {
  const sum = (what: 'agree' | 'differ' | 'explained' | 'repaired') =>
    collections.reduce((total, each) => total + each[what], 0);
  return {
    flow,
    finished: collections.length > 0 && collections.every((each) => each.finishedAt !== undefined),
    agree: sum('agree'),
    differ: sum('differ'),
    explained: sum('explained'),
    repaired: sum('repaired'),
    collections,
  };
}
