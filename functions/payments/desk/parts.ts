import { html } from 'hono/html';
import { badge, emptyState, type Html } from '../../../shared/operate/console/layout.ts';
import type { DeskContent } from '../../../shared/operate/service-desk.ts';

/** Where the pages are, and where their forms go. */
export const HOME = '/services/payments';
export const API = '/api/services/payments';

const TABS = [
  ['', 'Payments'],
  ['/providers', 'Providers'],
  ['/reconciliations', 'Reconciliation'],
  ['/stray', 'Stray money'],
  ['/disputes', 'Disputes'],
  ['/events', 'Events'],
  ['/journal', 'Journal'],
] as const;
/** The path of a page that the tabs lead to. */
export type Tab = (typeof TABS)[number][0];

/** One of the pages that are reached from everywhere. */
export function tabbed(tab: Tab, title: string, body: Html): DeskContent {
  const trail = tab === '' ? {} : { trail: [{ text: title.toLowerCase() }] };
  return { title, ...trail, html: html`${tabs(tab)}${body}` };
}

/** A page below one of those. */
export function below(
  tab: Tab,
  of: { title: string; parent: string; name: string },
  body: Html,
): DeskContent {
  const parent = tab === '' ? [] : [{ text: of.parent, href: `${HOME}${tab}` }];
  return { title: of.title, trail: [...parent, { text: of.name }], html: html`${tabs(tab)}${body}` };
}

function tabs(current: Tab): Html {
  const links = TABS.map(([path, title]) =>
    path === current
      ? html`<a href="${HOME}${path}" aria-current="page"><b>${title}</b></a>`
      : html`<a href="${HOME}${path}">${title}</a>`,
  );
  return html`<nav class="tabs" aria-label="Payments">${links}</nav>`;
}

/** A cell: text, or something with a link or a form; `short` is never broken into lines, `money` neither. */
export type Cell = string | Html | { short: string | Html } | { money: string | Html };

/** A table, or what it means that there is nothing in it. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], nothing: string): Html {
  if (rows.length === 0) return emptyState(nothing);
  const headed = head.map((each, at) =>
    isMoney(rows[0]?.[at]) ? html`<th class="num">${each}</th>` : html`<th>${each}</th>`,
  );
  return html`<div class="scroll"><table><thead><tr>${headed}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map(cellOf)}</tr>`)}</tbody></table></div>`;
}

function isMoney(cell: Cell | undefined): cell is { money: string | Html } {
  return typeof cell === 'object' && 'money' in cell;
}

function cellOf(cell: Cell): Html {
  if (isMoney(cell)) return html`<td class="short num">${cell.money}</td>`;
  if (typeof cell === 'object' && 'short' in cell) return html`<td class="short">${cell.short}</td>`;
  return html`<td>${cell}</td>`;
}

/** A few words and what belongs to them; what is empty is left out. */
export function facts(entries: readonly (readonly [string, string | Html | undefined])[]): Html {
  const shown = entries.filter(([, value]) => value !== undefined && value !== '');
  return html`<dl>${shown.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** How a payment, an operation or a delivery is. */
export function stateBadge(state: string): Html {
  if (/^(captured|authorised|succeeded|delivered|held)$/.test(state)) return badge('good', state);
  if (/^(unknown|needs-review|gave-up)$/.test(state)) return badge('bad', state);
  if (/^(queued|created|processing|requires-action|sent|pending|needs-payer|waiting)$/.test(state))
    return badge('warn', state);
  return badge('quiet', state);
}

/** Why something is done. */
export function reasonField(least: number, what: string): Html {
  return html`<input name="reason" size="${what.length + 4}" required minlength="${least}" maxlength="500" placeholder="${what}" aria-label="Reason">`;
}

export function paymentLink(id: string): Html {
  return html`<a href="${HOME}/payments/${encodeURIComponent(id)}">${id}</a>`;
}

/** What a form sends beside what is typed. */
export function hidden(fields: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}
