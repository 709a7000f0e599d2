import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { FlowStatus, Status } from '../answers.ts';
import { parseRecordRef, recordPath } from '../record-ref.ts';
import { type Desks, deskPages, serviceCard } from './desk-pages.ts';
import { flowPage } from './flow-page.ts';
import { flowsPage } from './flows-page.ts';
import { itemsPage } from './items-page.ts';
import { type Html, page } from './layout.ts';
import { noticeText } from './notices.ts';
import { parkedPage } from './parked-page.ts';
import { recordPage } from './record-page.ts';
import { sandboxesPage } from './sandboxes-page.ts';
import type { OperatorView } from './view.ts';

/** The console: pages for people, read from whatever the host passes. Its forms post to the API. */
export function buildConsole(view: OperatorView, desks: Desks): Hono {
  const pages = new Hono();
  const notice = (context: Context) => noticeText(context.req.query('did'));
  pages.get('/', async (context) => {
    const status = await view.status();
    const services = status.services.map((each) => serviceCard(each, hrefOf(desks, each.name)));
    return context.html(flowsPage(status, { notice: notice(context), services }));
  });
  pages.route('/', deskPages(desks, missingPage));
  pages.get('/sandboxes', async (context) =>
    context.html(sandboxesPage(await view.sandboxes(), notice(context))),
  );
  pages.get(
    '/flows/:flow',
    withFlow(view, (context, flow, status) => flowPage(flow, status, notice(context))),
  );
  pages.get('/flows/:flow/find', async (context) => {
    const flow = findFlow(await view.status(), context);
    const ref = parseRecordRef((context.req.query('record') ?? '').trim(), flow ? collectionsOf(flow) : []);
    if (!flow || !ref) return context.html(missingPage('No such record', howNamed(flow)), 404);
    return context.redirect(`/flows/${flow.name}/records/${recordPath(ref)}`, 303);
  });
  pages.get(
    '/flows/:flow/parked',
    withFlow(view, async (context, flow, status) => {
      const parked = await view.parked(flow.name, context.req.query('after'));
      return parked && parkedPage(parked, status.now, notice(context));
    }),
  );
  pages.get(
    '/flows/:flow/items',
    withFlow(view, async (context, flow, status) =>
      itemsPage(await view.items(flow.name), status.now, notice(context)),
    ),
  );
  pages.get(
    '/flows/:flow/records/:record',
    withFlow(view, async (context, flow, status) => {
      const ref = parseRecordRef(context.req.param('record') ?? '', collectionsOf(flow));
      const record = ref && (await view.record(flow.name, ref));
      return record && recordPage(record, status.now, notice(context));
    }),
  );
  return pages;
}

/** A page that says what is wrong and where to go on. */
export function missingPage(title: string, hint: string): Html {
  return page({
    title,
    trail: [{ text: 'Flows', href: '/' }],
    body: html`<p>${hint}</p><p><a href="/">All flows</a></p>`,
  });
}

function hrefOf({ desks }: Desks, name: string): string | undefined {
  return desks.some(({ service }) => service === name) ? `/services/${name}` : undefined;
}

type FlowPage = (
  context: Context,
  flow: FlowStatus,
  status: Status,
) => Html | undefined | Promise<Html | undefined>;

function withFlow(view: OperatorView, build: FlowPage) {
  return async (context: Context) => {
    const status = await view.status();
    const flow = findFlow(status, context);
    if (!flow)
      return context.html(
        missingPage('No such flow', `The flows are: ${status.flows.map((each) => each.name).join(', ')}.`),
        404,
      );
    const built = await build(context, flow, status);
    return built === undefined
      ? context.html(missingPage('Nothing here', howNamed(flow)), 404)
      : context.html(built);
  };
}

function findFlow(status: Status, context: Context): FlowStatus | undefined {
  return status.flows.find((each) => each.name === context.req.param('flow'));
}

function collectionsOf(flow: FlowStatus): string[] {
  return flow.collections.map((each) => each.name);
}

function howNamed(flow: FlowStatus | undefined): string {
  if (!flow) return 'There is no flow of this name.';
  return `Records of ${flow.name} are named ${collectionsOf(flow)
    .map((each) => `${each}/<id>`)
    .join(' or ')}.`;
}
