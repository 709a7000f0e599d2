import { html } from 'hono/html';
import type { ItemAnswer, ItemsAnswer, PairAnswer, SidesAnswer } from '../answers-pair.ts';
import { ago, plural, shown } from '../format.ts';
import { type RecordRef, recordPath } from '../record-ref.ts';
import { actionForm, emptyState, type Html, page } from './layout.ts';

/** `/flows/:flow/items`: what the rules leave to a person, both values side by side. */
export function itemsPage(answer: ItemsAnswer, now: number, notice?: string): Html {
  const { flow, items, count } = answer;
  return page({
    title: 'Work items',
    notice,
    trail: [{ text: 'Flows', href: '/' }, { text: flow, href: `/flows/${flow}` }, { text: 'work items' }],
    body: items.length === 0 ? nothing(flow) : list(answer, count - items.length, now),
  });
}

function nothing(flow: string): Html {
  return emptyState(
    html`Nothing waits for a decision. A field comes here when both systems say something else and no rule may choose; everything else goes on meanwhile. <a href="/flows/${flow}">Back to the flow</a>`,
  );
}

function list({ flow, sides, items, count }: ItemsAnswer, more: number, now: number): Html {
  const at: ItemPlace = { flow, sides, back: `/flows/${flow}/items`, now };
  return html`<p>${plural(count, 'field')} ${count === 1 ? 'waits' : 'wait'} for a person. Choose whose value holds; until then neither is carried over to the other system.</p>
<h2>Oldest first</h2>${items.map((item) => card(item, at))}
${more > 0 ? html`<p class="soft">${plural(more, 'more item')} will come up as these are decided.</p>` : ''}`;
}

interface ItemPlace {
  flow: string;
  sides: SidesAnswer;
  back: string;
  now: number;
}

function card(item: ItemAnswer, at: ItemPlace): Html {
  const name = `${item.collection}/${item.id}`;
  return html`<section class="card"><b><a href="/flows/${at.flow}/records/${recordPath(item)}">${item.label ?? name}</a></b> <span class="soft small">${item.label === undefined ? '' : html`${name}, `}${ago(item.since, at.now)}</span>
${openItem(item, item, at)}</section>`;
}

/** One open item: why, both values, and a button for each side. */
export function openItem(ref: RecordRef, item: PairAnswer['items'][number], at: ItemPlace): Html {
  return html`<p>${item.field === '' ? '' : html`<b>${item.field}</b>: `}${item.because}</p>
<div class="sides">${side(ref, item, 'left', at)}${side(ref, item, 'right', at)}</div>`;
}

function side(
  ref: RecordRef,
  item: PairAnswer['items'][number],
  keep: 'left' | 'right',
  at: ItemPlace,
): Html {
  const system = at.sides[keep];
  const fields = html`<input type="hidden" name="field" value="${item.field}"><input type="hidden" name="keep" value="${keep}"><input type="hidden" name="mark" value="${item.mark}">`;
  const action = `/api/flows/${at.flow}/items/${recordPath(ref)}/decide`;
  return html`<div><span>${system} (${keep})</span><b>${shown(item[keep])}</b>${actionForm(action, `Keep ${system}`, { back: at.back, fields })}</div>`;
}
