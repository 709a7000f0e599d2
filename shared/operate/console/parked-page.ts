import { html } from 'hono/html';
import type { ParkedAnswer, ParkedRecord } from '../answers.ts';
import { ago, plural } from '../format.ts';
import { recordPath } from '../record-ref.ts';
import { actionForm, emptyState, type Html, page } from './layout.ts';

/** `/flows/:flow/parked`: what nobody retries until a person decides. */
export function parkedPage(parked: ParkedAnswer, now: number, notice?: string): Html {
  const back = `/flows/${parked.flow}/parked`;
  return page({
    title: 'Parked records',
    notice,
    trail: [
      { text: 'Flows', href: '/' },
      { text: parked.flow, href: `/flows/${parked.flow}` },
      { text: 'parked' },
    ],
    body: html`${parked.records.length === 0 ? nothing(parked.flow) : list(parked, back, now)}`,
  });
}

function nothing(flow: string): Html {
  return emptyState(
    html`No record is parked. A record comes here when it cannot be delivered without a person; the others go on. <a href="/flows/${flow}">Back to the flow</a>`,
  );
}

function list(parked: ParkedAnswer, back: string, now: number): Html {
  const rest =
    parked.next === undefined
      ? ''
      : html`<p><a href="${back}?after=${encodeURIComponent(parked.next)}">Next page</a></p>`;
  return html`<p>${plural(parked.count, 'record')} wait for a person. Mend the cause, then replay: it reads both sides again, so it is always safe.</p>
<div class="actions">${actionForm(`/api/flows/${parked.flow}/replay`, 'Replay all', { back })}</div>
<h2>Oldest first</h2>${parked.records.map((each) => parkedCard(parked.flow, each, { back, now }))}${rest}`;
}

function parkedCard(flow: string, record: ParkedRecord, at: { back: string; now: number }): Html {
  const api = `/api/flows/${flow}/parked/${recordPath(record)}`;
  const reason = html`<input name="reason" required maxlength="200" placeholder="why it may be forgotten" aria-label="Reason">`;
  return html`<section class="card"><b><a href="/flows/${flow}/records/${recordPath(record)}">${record.collection}/${record.id}</a></b> <span class="soft small">${record.kind}, ${ago(record.since, at.now)}</span>
<p>${record.reason}${record.field === undefined ? '' : html` <span class="soft">(field ${record.field})</span>`}</p>
<div class="actions">${actionForm(`${api}/replay`, 'Replay', { back: at.back })}${actionForm(`${api}/discard`, 'Discard', { back: at.back, fields: reason, kind: 'danger' })}</div></section>`;
}
