import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { ServiceStatus } from '../answers-health.ts';
import { count, duration } from '../format.ts';
import type { Ask, DeskContent, DeskFile, DeskPage, ServiceDesk } from '../service-desk.ts';
import { alertList, answersList, healthBadge } from './flows-page.ts';
import { actionForm, type Html, page } from './layout.ts';
import { noticeText } from './notices.ts';

/** What pages of services are made of. */
export interface Desks {
  readonly desks: readonly ServiceDesk[];
  /** Runs a command of a service. */
  run(service: string, command: string, input: unknown): Promise<unknown>;
  now(): number;
}

/** The pages of every service, below `/services`. */
export function deskPages({ desks, run, now }: Desks, missing: (title: string, hint: string) => Html): Hono {
  const pages = new Hono();
  for (const desk of desks)
    for (const each of desk.pages)
      pages.get(`/services/${desk.service}${each.path === '/' ? '' : each.path}`, async (context) => {
        const built = await contentOf(desk, each, { context, run, now });
        if (built === undefined)
          return context.html(missing('Nothing here', `Go on from the first page of ${desk.title}.`), 404);
        return 'file' in built
          ? asFile(context, built)
          : context.html(whole(desk, built, noticeOf(desk, context)));
      });
  return pages;
}

function contentOf(
  { service }: ServiceDesk,
  { build }: DeskPage,
  { context, run, now }: { context: Context } & Pick<Desks, 'run' | 'now'>,
): Promise<DeskContent | DeskFile | undefined> {
  const ask: Ask = (command, input) => run(service, command, input);
  const { did: _, ...query } = context.req.query();
  const rest = new URLSearchParams(query).toString();
  const here = `${context.req.path}${rest === '' ? '' : `?${rest}`}`;
  return build(ask, { parts: context.req.param(), query, here, now: now() });
}

function whole({ service, title }: ServiceDesk, content: DeskContent, notice: string | undefined): Html {
  const first = content.trail === undefined;
  return page({
    title: content.title,
    notice,
    trail: [
      { text: 'Flows', href: '/' },
      { text: title, ...(!first && { href: `/services/${service}` }) },
      ...(content.trail ?? []),
    ],
    body: content.html,
  });
}

function noticeOf({ notices }: ServiceDesk, context: Context): string | undefined {
  const did = context.req.query('did');
  return did !== undefined && Object.hasOwn(notices, did) ? notices[did] : noticeText(did);
}

function asFile(context: Context, { file, type, text }: DeskFile): Response {
  const name = file.replaceAll(/[^\w.-]/g, '_');
  return context.body(text, 200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
  });
}

/** A service on the first page. */
export function serviceCard(service: ServiceStatus, href: string | undefined): Html {
  const { queue } = service;
  const waiting = queue.visible + queue.inFlight + queue.delayed;
  const due = service.oldestDueMs === undefined ? 'none' : duration(service.oldestDueMs);
  const redrive =
    service.deadLetters === 0
      ? ''
      : html`<div class="actions">${actionForm(`/api/services/${service.name}/replay`, 'Replay the dead letters', { back: '/' })}</div>`;
  return html`<section class="card"><h2>${href === undefined ? service.title : html`<a href="${href}">${service.title}</a>`} ${healthBadge(service)}</h2>
${alertList(service)}<div class="figures">
<div><b>${count(waiting)}</b><span>messages queued</span></div>
<div><b>${due}</b><span>oldest that is due</span></div>
<div><b>${count(service.deadLetters)}</b><span>dead letters</span></div>
${service.gauges.map(({ name, value, above }) => html`<div><b class="${value !== undefined && value > above ? 'bad' : ''}">${value === undefined ? '–' : count(value)}</b><span>${spaced(name)}</span></div>`)}
</div>${redrive}${answersList(service)}</section>`;
}

/** `PaymentsNeedReview` as people write it. */
function spaced(name: string): string {
  return name.replaceAll(/(?<=.)[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`).toLowerCase();
}
