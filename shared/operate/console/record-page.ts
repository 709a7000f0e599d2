import { html } from 'hono/html';
import type { RecordAnswer } from '../answers.ts';
import { ago, moment, shown } from '../format.ts';
import { recordPath } from '../record-ref.ts';
import { outcomesTable } from './flows-page.ts';
import { openItem } from './items-page.ts';
import { actionForm, badge, emptyState, type Html, page } from './layout.ts';

/** `/flows/:flow/records/:id`: both sides next to each other, as they are at this moment. */
export function recordPage(record: RecordAnswer, now: number, notice?: string): Html {
  const differing = record.fields.filter((field) => field.differs).length;
  const back = `/flows/${record.flow}/records/${recordPath(record)}`;
  const api = `/api/flows/${record.flow}/parked/${recordPath(record)}`;
  return page({
    title: record.label ?? record.id,
    notice,
    trail: [
      { text: 'Flows', href: '/' },
      { text: record.flow, href: `/flows/${record.flow}` },
      { text: `${record.collection}/${record.id}` },
    ],
    body: html`<p>${verdict(record, differing)}</p>
${record.parked ? parkedCard(record.parked, api, back, now) : ''}${openItems(record, back, now)}
<h2>Both sides now</h2>${sides(record)}${fieldsTable(record)}
<div class="actions">${record.parked ? '' : actionForm(`${api}/replay`, 'Reconcile now', { back })}</div>
${overruledTable(record, now)}<h2>Link</h2>${linkList(record, now)}
<h2>History</h2>${outcomesTable(record.flow, record.history, now)}`,
  });
}

function verdict(record: RecordAnswer, differing: number): Html {
  if (record.parked) return badge('bad', 'parked');
  const undecided = record.fields.filter(({ towards }) => towards === 'person').length;
  const open = record.pair?.items.length || undecided;
  if (open > 0) return badge('warn', open === 1 ? 'waits for a decision' : `waits for ${open} decisions`);
  if (differing > 0)
    return badge('warn', `${differing} ${differing === 1 ? 'field differs' : 'fields differ'}`);
  if (record.target.id === undefined) return badge('quiet', 'no record at the target');
  return badge('good', 'both sides agree');
}

function parkedCard(
  parked: NonNullable<RecordAnswer['parked']>,
  api: string,
  back: string,
  now: number,
): Html {
  const reason = html`<input name="reason" required maxlength="200" placeholder="why it may be forgotten" aria-label="Reason">`;
  return html`<div class="card alert"><b>Parked ${ago(parked.since, now)}</b><p>${parked.reason}</p>${parked.field === undefined ? '' : html`<p class="small soft">Field: ${parked.field}</p>`}
<div class="actions">${actionForm(`${api}/replay`, 'Replay', { back })}${actionForm(`${api}/discard`, 'Discard', { back, fields: reason, kind: 'danger' })}</div></div>`;
}

function openItems(record: RecordAnswer, back: string, now: number): Html | '' {
  const { pair, flow } = record;
  if (!pair || pair.items.length === 0) return '';
  const cards = pair.items.map(
    (item) =>
      html`<section class="card">${openItem(record, item, { flow, sides: pair.sides, back, now })}</section>`,
  );
  return html`<h2>To be decided by a person</h2>${cards}`;
}

function overruledTable({ pair }: RecordAnswer, now: number): Html | '' {
  if (!pair || pair.overruled.length === 0) return '';
  const rows = pair.overruled.map(
    (each) =>
      html`<tr><td class="short">${ago(each.at, now)}</td><td>${each.field}</td><td>${shown(each.value)}</td><td>${each.system}</td></tr>`,
  );
  return html`<h2>Overruled values</h2><p class="soft small">What one system said and the other system's value replaced; the last five are kept for 90 days.</p>
<div class="scroll"><table><thead><tr><th>When</th><th>Field</th><th>Value</th><th>Of</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function sides(record: RecordAnswer): Html {
  const { source, target, note } = record;
  return html`<dl><dt>${source.title}</dt><dd>${record.collection}/${record.id}: ${source.state}</dd>
<dt>${target.title}</dt><dd>${target.id ?? 'no record'}</dd>
${note === undefined ? '' : html`<dt>Note</dt><dd>${note}</dd>`}
<dt>A replay</dt><dd>${record.verdict.kind}: ${record.verdict.why}</dd></dl>`;
}

function fieldsTable(record: RecordAnswer): Html {
  if (record.fields.length === 0) return emptyState('Nothing is wanted at the target for this record.');
  const rows = record.fields.map(
    (field) =>
      html`<tr class="${field.differs ? 'differs' : 'same'}"><td>${field.name}</td><td>${shown(field.wanted)}</td><td>${shown(field.current)}</td><td class="mark">${field.differs ? differs(field.towards, record) : ''}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>Field</th><th>${record.pair ? 'At' : 'Wanted, from'} ${record.source.title}</th><th>At ${record.target.title}</th><th></th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function differs(towards: RecordAnswer['fields'][number]['towards'], { pair }: RecordAnswer): string {
  if (towards === 'person') return 'to be decided';
  return towards === 'source' && pair ? `differs: ${pair.sides.right} holds` : 'differs';
}

function linkList(record: RecordAnswer, now: number): Html {
  const { link } = record;
  if (!link)
    return emptyState('There is no link yet: this record has never been reconciled. Press "Reconcile now".');
  return html`<dl class="small"><dt>State</dt><dd>${link.state ?? 'not settled yet'}</dd>
<dt>Last read</dt><dd>${link.readAt === undefined ? 'never' : `${moment(link.readAt)} (${ago(link.readAt, now)})`}</dd>
${link.recheckAt === undefined ? '' : html`<dt>Looked at again</dt><dd>${moment(link.recheckAt)}</dd>`}
${link.leasedUntil === undefined ? '' : html`<dt>In hand</dt><dd>a worker holds it until ${moment(link.leasedUntil)} at the latest</dd>`}
${link.takeovers === 0 ? '' : html`<dt>Taken over</dt><dd>${link.takeovers} times since it last settled</dd>`}</dl>`;
}
