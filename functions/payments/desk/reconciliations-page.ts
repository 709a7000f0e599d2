import { html } from 'hono/html';
import { actionForm, badge, type Html } from '../../../shared/operate/console/layout.ts';
import { ago } from '../../../shared/operate/format.ts';
import type { DeskPage } from '../../../shared/operate/service-desk.ts';
import { ReconciliationsAnswer } from '../operate/books.ts';
import type { Summary } from '../reconciliation/report.ts';
import { API, HOME, tabbed, table } from './parts.ts';
import { amount } from './words.ts';

/** `/reconciliations`: the hub's books against each provider's. */
export const reconciliationsPage: DeskPage = {
  path: '/reconciliations',
  async build(ask, { query, here, now }) {
    const findings = query.findings === 'true';
    const { items } = ReconciliationsAnswer.parse(await ask('reconciliations', { findings, last: 100 }));
    const other = findings
      ? html`<a href="${HOME}/reconciliations">Show all</a>`
      : html`<a href="${HOME}/reconciliations?findings=true">Show those with findings</a>`;
    const fields = html`<input type="date" name="day" required aria-label="Day (UTC)">`;
    return tabbed(
      '/reconciliations',
      'Reconciliation',
      html`<p class="soft">Our books against each provider's: one report a day, and one for each payout.</p>
<div class="actions">${actionForm(`${API}/reconcile`, 'Compare a day', { back: here, fields })}</div>
<h2>${findings ? 'With findings' : 'Newest first'}</h2><p class="small">${other}</p>${table(
        ['Report', 'Merchant', 'Findings', 'Rows', 'Net', 'Difference', 'Made'],
        items.map((each) => row(each, now)),
        findings
          ? 'No report has findings.'
          : 'There is no report yet. One is made every morning; "Compare a day" makes one when its provider can show it.',
      )}`,
    );
  },
};

function row(each: Summary, now: number) {
  const href = `${HOME}/reconciliations/${encodeURIComponent(each.merchant)}/${encodeURIComponent(each.id)}`;
  return [
    html`<a href="${href}">${each.id}</a>`,
    each.merchant,
    { short: each.findings === 0 ? badge('good', 'none') : badge('bad', String(each.findings)) },
    { short: String(each.rows) },
    { money: sums(each, 'net') },
    { money: sums(each, 'difference') },
    { short: ago(each.madeAt, now) },
  ];
}

function sums({ totals }: Summary, what: 'net' | 'difference'): Html | string {
  if (totals.length === 0) return '–';
  return html`${totals.map((each, at) => html`${at > 0 ? html`<br>` : ''}${amount(each[what], each.currency)}`)}`;
}
