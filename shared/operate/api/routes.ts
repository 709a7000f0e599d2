import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { type Posted, parseFields, readPosted } from './form.ts';
import { addLooking } from './looking-routes.ts';
import type { Operations } from './operations.ts';
import { Problem } from './problem.ts';
import { type ApiOptions, type FlowNames, knownFlow, knownRecord } from './routes-known.ts';

const NothingSchema = z.strictObject({});
/** `yes` says that a person has looked at what the first backfill of a flow that goes both ways would find. */
const BackfillSchema = z.strictObject({ yes: z.union([z.boolean(), z.literal('true')]).optional() });
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
  addLooking(api, options);
  addServices(api, options);
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
  done('audit', (flow) => operations.audit(flow));
  done('resume', (flow) => operations.resume(flow));
  done('approve', (flow) => operations.approve(flow));
  done('release', (flow) => operations.release(flow));
  act('backfill', async (flow, posted) => {
    const { yes } = parseFields(BackfillSchema, posted.fields);
    await operations.backfill(flow.name, { confirmed: yes === true || yes === 'true' });
    return { ok: true };
  });
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

/** Commands are the services' own; a field that a form leaves empty was not filled in. */
function addServices(api: Hono, { services }: ApiOptions): void {
  api.post('/services/:service/replay', async (context) => {
    const posted = await readPosted(context);
    parseFields(NothingSchema, posted.fields);
    const sent = await services.replay(context.req.param('service'));
    return answer(context, { posted, notice: 'redrive', body: { sent } });
  });
  api.post('/services/:service/:command', async (context) => {
    const posted = await readPosted(context);
    const { service, command } = context.req.param();
    const filled = Object.entries(posted.fields).filter(
      ([, value]) => posted.back === undefined || value !== '',
    );
    const body = await services.run(service, command, Object.fromEntries(filled));
    return answer(context, { posted, notice: command, body: { ...Object(body) } });
  });
}

function answer(context: Context, done: { posted: Posted; notice: string; body: object }): Response {
  const { back } = done.posted;
  if (back === undefined) return context.json(done.body);
  return context.redirect(`${back}${back.includes('?') ? '&' : '?'}did=${done.notice}`, 303);
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
