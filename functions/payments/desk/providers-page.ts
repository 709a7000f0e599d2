import { html } from 'hono/html';
import { badge, type Html } from '../../../shared/operate/console/layout.ts';
import { ago } from '../../../shared/operate/format.ts';
import type { DeskPage } from '../../../shared/operate/service-desk.ts';
import { JournalAnswer } from '../operate/journal.ts';
import { MerchantsAnswer, type ProviderRow, ProvidersAnswer } from '../operate/providers.ts';
import { API, hidden, reasonField, tabbed, table } from './parts.ts';

/** `/providers`: which providers are called, and which are left alone. */
export const providersPage: DeskPage = {
  path: '/providers',
  async build(ask, { here, now }) {
    const { items } = ProvidersAnswer.parse(await ask('providers', {}));
    const { items: merchants } = MerchantsAnswer.parse(await ask('merchants', {}));
    return tabbed(
      '/providers',
      'Providers',
      html`<p class="soft">A provider that fails is left alone by itself and probed after a while. Force it open to leave it alone now, closed to call it whatever happens. Payments go to another provider where they may, or wait.</p>
${items.map((each) => providerCard(each, here, now))}
<h2>Who is paid through whom</h2>${table(
        [
          'Merchant',
          'Providers, in order',
          'Another provider is tried',
          'After a soft decline',
          'Payable for',
        ],
        merchants.map((each) => [
          each.title,
          each.providers.join(', '),
          failover(each.failover),
          each.softDecline === 'next' ? 'the next provider' : 'it stops',
          `${each.payableMinutes} min`,
        ]),
        'There is no merchant.',
      )}`,
    );
  },
};

function failover(policy: string): string {
  if (policy === 'never') return 'never';
  return policy === 'proof' ? 'on proof that no money moved' : 'on proof, or while there can only be holds';
}

function providerCard(provider: ProviderRow, here: string, now: number): Html {
  const apart = provider.circuits.filter(({ state }) => state !== 'closed');
  const state =
    apart.length === 0
      ? badge('good', 'called')
      : badge('bad', apart.every((each) => each.state === 'probing') ? 'being probed' : 'left alone');
  const { forced } = provider;
  const isForced = provider.circuits.some((each) => each.forced);
  const orders: readonly (readonly [string, string])[] = isForced
    ? [['none', 'Let outcomes decide']]
    : [
        ['open', 'Leave it alone'],
        ['closed', 'Call it whatever happens'],
      ];
  return html`<section class="card"><h2>${provider.title} ${state} ${isForced ? badge('warn', 'forced') : ''}</h2>
<p class="small soft">Paid through it: ${provider.merchants.join(', ')}</p>
${forced ? html`<p>${forced.what}, ${ago(forced.at, now)}: ${forced.reason ?? ''}</p>` : ''}
${
  apart.length === 0 || isForced
    ? ''
    : table(
        ['Call', 'State', 'Until'],
        apart.map((each) => [each.call, each.state, each.until ?? '–']),
        '',
      )
}
<div class="actions">${orderForm(provider.provider, orders, here)}</div></section>`;
}

function orderForm(provider: string, orders: readonly (readonly [string, string])[], here: string): Html {
  const buttons = orders.map(
    ([force, label]) =>
      html`<button name="force" value="${force}" class="${force === 'none' ? 'plain' : 'danger'}">${label}</button>`,
  );
  return html`<form method="post" action="${API}/circuit" class="action">${hidden({ return: here, provider })}${reasonField(3, 'reason, which everybody sees')}${buttons}</form>`;
}

/** `/journal`: what operators did. */
export const journalPage: DeskPage = {
  path: '/journal',
  async build(ask, { now }) {
    const { items } = JournalAnswer.parse(await ask('journal', { last: 200 }));
    return tabbed(
      '/journal',
      'Journal',
      html`<p class="soft">What operators did, on the command line, the console or the API of operators; the last 200.</p>${table(
        ['When', 'About', 'What', 'Reason'],
        items.map(({ at, about, what, reason }) => [{ short: ago(at, now) }, about, what, reason ?? '–']),
        'Nobody has done anything yet.',
      )}`,
    );
  },
};
