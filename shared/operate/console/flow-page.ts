import { html } from 'hono/html';
import type { FlowStatus, Status } from '../answers.ts';
import { ago, auditText, backfillText, count, moment } from '../format.ts';
import { alertList, answersList, flowFigures, healthBadge, outcomesTable } from './flows-page.ts';
import { actionForm, emptyState, type Html, page } from './layout.ts';

/** `/flows/:flow`: how one flow is, and everything an operator may do to it. */
export function flowPage(flow: FlowStatus, status: Status, notice?: string): Html {
  return page({
    title: flow.title,
    notice,
    trail: [{ text: 'Flows', href: '/' }, { text: flow.name }],
    body: html`<p>${healthBadge(flow)} ${flow.because ?? ''}</p>
${alertList(flow)}${flowFigures(flow, status.now)}
<div class="actions">${actions(flow)}</div>
<h2>Find a record</h2>${findForm(flow)}
<h2>Records</h2>${flow.collections.map((each) => collectionCard(flow, each, status.now))}
<h2>Last outcomes</h2>${outcomesTable(flow.name, flow.recent, status.now)}
<h2>The five questions</h2>${answersList(flow)}
${countersList(flow)}`,
  });
}

function actions(flow: FlowStatus): Html[] {
  const back = `/flows/${flow.name}`;
  const api = `/api/flows/${flow.name}`;
  const reason = html`<input name="reason" placeholder="reason" aria-label="Why it is paused" required maxlength="200">`;
  return [
    actionForm(`${api}/scan`, 'Scan now', { back }),
    actionForm(`${api}/audit`, 'Audit now', { back }),
    backfillForm(flow, { api, back }),
    flow.health === 'paused'
      ? actionForm(`${api}/resume`, 'Resume', { back })
      : actionForm(`${api}/pause`, 'Pause', { back, fields: reason, kind: 'danger' }),
    ...(flow.health === 'held'
      ? [
          actionForm(`${api}/approve`, 'Approve the mass change', { back, kind: 'danger' }),
          actionForm(`${api}/release`, 'Release', { back }),
        ]
      : []),
  ];
}

/** The first backfill of a flow that goes both ways wants a person's word that the match report was right. */
function backfillForm(flow: FlowStatus, { api, back }: { api: string; back: string }): Html {
  const first = flow.collections.some((each) => each.bothWays === true && !each.backfill);
  if (!first) return actionForm(`${api}/backfill`, 'Backfill', { back });
  const fields = html`<label class="small"><input type="checkbox" name="yes" value="true" required> I have read the report of <code>npm run intertie -- match ${flow.name}</code></label>`;
  return actionForm(`${api}/backfill`, 'Backfill', { back, fields, kind: 'danger' });
}

function findForm(flow: FlowStatus): Html {
  const [first] = flow.collections;
  const example = flow.collections.length === 1 ? 'id' : `${first?.name ?? 'collection'}/id`;
  return html`<form class="action" method="get" action="/flows/${flow.name}/find"><input name="record" required placeholder="${example}" aria-label="Record"><button>Show</button></form>`;
}

function collectionCard(flow: FlowStatus, collection: FlowStatus['collections'][number], now: number): Html {
  const { backfill, audit } = collection;
  return html`<section class="card"><h2>${collection.name}</h2><dl class="small">
<dt>From</dt><dd>${collection.source}</dd><dt>To</dt><dd>${collection.target}</dd>
<dt>Backfill</dt><dd>${backfill ? `${backfillText(backfill)}, started ${ago(backfill.startedAt, now)}` : 'not yet'}</dd>
<dt>Audit</dt><dd>${audit ? `${auditText(audit)} (${audit.phase}, started ${moment(audit.startedAt)})` : 'not yet: it runs daily, or press "Audit now"'}</dd></dl>
${audit && audit.differences.length > 0 ? differences(flow.name, collection.name, audit.differences) : ''}</section>`;
}

function differences(flow: string, collection: string, list: readonly { id: string; cause: string }[]): Html {
  const rows = list.slice(0, 20).map((each) => {
    const href = `/flows/${flow}/records/${encodeURIComponent(`${collection}/${each.id}`)}`;
    return html`<tr><td><a href="${href}">${each.id}</a></td><td>${each.cause}</td></tr>`;
  });
  return html`<div class="scroll"><table><thead><tr><th>Record that differed</th><th>Cause</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function countersList(flow: FlowStatus): Html {
  const entries = Object.entries(flow.counters);
  if (entries.length === 0) return html`<h2>Counted since the start</h2>${emptyState('Nothing yet.')}`;
  const rows = entries.map(([name, value]) => html`<dt>${name}</dt><dd>${count(value)}</dd>`);
  return html`<h2>Counted since the start</h2><dl class="small">${rows}</dl>`;
}
