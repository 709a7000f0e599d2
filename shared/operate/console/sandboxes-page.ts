import { html } from 'hono/html';
import type { SandboxAnswer } from '../answers.ts';
import { count } from '../format.ts';
import { actionForm, badge, emptyState, type Html, page } from './layout.ts';

const BACK = '/sandboxes';

/** `/sandboxes`: break a vendor on purpose, or change a record as a person there would. */
export function sandboxesPage(sandboxes: readonly SandboxAnswer[], notice?: string): Html {
  return page({
    title: 'Sandboxes',
    notice,
    trail: [{ text: 'Flows', href: '/' }, { text: 'sandboxes' }],
    body: html`<p class="soft">Each sandbox is a local stand-in for a vendor. Switch a fault on, watch the flows cope, switch it off again.</p>
${sandboxes.length === 0 ? emptyState('This host has no sandboxes: its accounts are real ones.') : sandboxes.map(sandboxCard)}`,
  });
}

function sandboxCard(sandbox: SandboxAnswer): Html {
  const control = `/sandbox/${sandbox.vendor}/_control`;
  const records = Object.entries(sandbox.records)
    .map(([name, number]) => `${count(number)} ${name}`)
    .join(', ');
  return html`<section class="card"><h2>${sandbox.title}</h2>
<p class="small soft">${sandbox.baseUrl} · ${records} · its clock says ${sandbox.now}</p>
<h2>Faults</h2><div class="scroll"><table><tbody>${sandbox.faults.map((fault) => faultRow(control, fault))}</tbody></table></div>
<h2>Change a record as a person there would</h2>${editForm(control, sandbox.kinds)}
<h2>Counters</h2>${counters(sandbox)}</section>`;
}

function faultRow(control: string, fault: SandboxAnswer['faults'][number]): Html {
  const fields = html`<input type="hidden" name="fault" value="${fault.name}"><input type="hidden" name="on" value="${fault.on ? 'false' : 'true'}">`;
  const button = actionForm(control, fault.on ? 'Switch off' : 'Switch on', {
    back: BACK,
    fields,
    kind: fault.on ? 'plain' : 'danger',
  });
  return html`<tr><td>${fault.name} ${fault.on ? badge('bad', 'on') : ''}</td><td>${fault.does}</td><td>${button}</td></tr>`;
}

function editForm(control: string, kinds: readonly string[]): Html {
  return html`<form method="post" action="${control}"><input type="hidden" name="return" value="${BACK}"><div class="grid">
<label>Kind<select name="record">${kinds.map((kind) => html`<option>${kind}</option>`)}</select></label>
<label>Id<input name="id" required></label>
<label>Field (its own name at the vendor)<input name="field" required></label>
<label>Value<input name="value"></label></div><button>Change</button></form>`;
}

function counters(sandbox: SandboxAnswer): Html {
  const entries = Object.entries(sandbox.counters);
  if (entries.length === 0) return emptyState('No call yet.');
  return html`<dl class="small">${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${count(value)}</dd>`)}</dl>`;
}
