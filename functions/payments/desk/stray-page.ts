import { html } from 'hono/html';
import { actionForm, emptyState, type Html } from '../../../shared/operate/console/layout.ts';
import { ago, moment } from '../../../shared/operate/format.ts';
import type { DeskPage } from '../../../shared/operate/service-desk.ts';
import { DisputesAnswer, StrayAnswer } from '../operate/books.ts';
import type { Stray } from '../reconciliation/stray.ts';
import { API, facts, hidden, paymentLink, reasonField, tabbed, table } from './parts.ts';
import { amount } from './words.ts';

/** `/stray`: money at providers that no payment explains. */
export const strayPage: DeskPage = {
  path: '/stray',
  async build(ask, { here }) {
    const { items } = StrayAnswer.parse(await ask('stray', {}));
    return tabbed(
      '/stray',
      'Stray money',
      html`<p class="soft">Money at a provider that no payment of ours explains, and charges that came twice. It pages until somebody has dealt with it at the provider and says so here.</p>
${items.length === 0 ? emptyState('Every payment at a provider is explained.') : items.map((each) => strayCard(each, here))}`,
    );
  },
};

function strayCard(stray: Stray, here: string): Html {
  const fields = html`${hidden({ provider: stray.provider, name: stray.name })}${reasonField(3, 'what it was, and what was done')}`;
  return html`<section class="card alert"><b>${amount(stray.minor, stray.currency)} at ${stray.provider}: ${stray.kind === 'duplicate-capture' ? 'charged twice' : 'nobody asked for it'}</b>
<p>${stray.says}</p>${facts([
    ["Provider's id", stray.id ?? stray.entry],
    ['Reference', stray.reference],
    ['Beside', stray.payment === undefined ? undefined : paymentLink(stray.payment)],
    ['Merchant', stray.merchant],
    ['When', moment(stray.at)],
    ['What to do', stray.todo],
  ])}<div class="actions">${actionForm(`${API}/settle`, 'It has been dealt with', { back: here, fields, kind: 'danger' })}</div></section>`;
}

/** `/disputes`: what payers contested. */
export const disputesPage: DeskPage = {
  path: '/disputes',
  async build(ask, { now }) {
    const { items } = DisputesAnswer.parse(await ask('disputes', {}));
    return tabbed(
      '/disputes',
      'Disputes',
      html`<p class="soft">What payers contested with their bank. Each is answered at its provider, before its date.</p>${table(
        ['Dispute', 'Standing', 'Answer by', 'Amount', 'Merchant', 'Payment', 'Reason', 'Opened'],
        items.map((each) => [
          each.id,
          each.standing,
          { short: each.respondBy === undefined ? '–' : moment(each.respondBy) },
          { money: amount(each.minor, each.currency) },
          each.merchant,
          each.payment === undefined ? each.paymentId : paymentLink(each.payment),
          each.reason,
          { short: ago(each.openedAt, now) },
        ]),
        'Nobody has contested a payment.',
      )}`,
    );
  },
};
