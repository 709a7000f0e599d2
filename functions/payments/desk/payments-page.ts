import { html } from 'hono/html';
import type { Html } from '../../../shared/operate/console/layout.ts';
import { ago } from '../../../shared/operate/format.ts';
import type { DeskPage } from '../../../shared/operate/service-desk.ts';
import { ListAnswer, type PaymentRow } from '../operate/answers.ts';
import { STATUSES } from '../operate/list.ts';
import { MerchantsAnswer } from '../operate/providers.ts';
import { HOME, paymentLink, stateBadge, tabbed, table } from './parts.ts';
import { amount } from './words.ts';

const SHOWN = 50;

/** `/`: payments by what is known of them, the newest first. */
export const paymentsPage: DeskPage = {
  path: '/',
  async build(ask, { query, now }) {
    const { find, status, merchant, day } = query;
    const wanted = Object.entries({ find, status, merchant, day }).filter(([, value]) => value);
    const asked = { last: SHOWN, ...Object.fromEntries(wanted) };
    const { items, cut, note } = ListAnswer.parse(await ask('list', asked));
    const { items: merchants } = MerchantsAnswer.parse(await ask('merchants', {}));
    return tabbed(
      '',
      'Payments',
      html`${searchForm(query, merchants)}
${note === undefined ? '' : html`<p class="notice">${note}</p>`}${list(items, wanted.length > 0, now)}
${cut ? html`<p class="soft small">The newest ${items.length}; narrow it by day, state or merchant for others.</p>` : ''}`,
    );
  },
};

function searchForm(query: Readonly<Record<string, string>>, merchants: readonly { id: string }[]): Html {
  return html`<form method="get" action="${HOME}"><div class="grid">
<label>Id, reference or provider's id<input name="find" value="${query.find ?? ''}" maxlength="255"></label>
<label>State${choice('status', STATUSES, query.status)}</label>
<label>Merchant${choice(
    'merchant',
    merchants.map(({ id }) => id),
    query.merchant,
  )}</label>
<label>Day (UTC)<input type="date" name="day" value="${query.day ?? ''}"></label></div><button>Search</button> <a class="small" href="${HOME}">Show all</a></form>`;
}

function choice(name: string, values: readonly string[], chosen: string | undefined): Html {
  const options = values.map((each) =>
    each === chosen ? html`<option selected>${each}</option>` : html`<option>${each}</option>`,
  );
  return html`<select name="${name}"><option value="">any</option>${options}</select>`;
}

function list(items: readonly PaymentRow[], searched: boolean, now: number): Html {
  return html`<h2>${searched ? 'Found' : 'Newest first'}</h2>${table(
    ['Payment', 'State', 'Amount', 'Merchant', 'Reference', 'Provider', 'Created'],
    items.map((each) => [
      paymentLink(each.id),
      { short: stateBadge(each.status) },
      { money: html`${amount(each.amount, each.currency)}${refundNote(each)}` },
      each.merchant,
      each.reference,
      each.provider ?? '–',
      { short: ago(each.createdAt, now) },
    ]),
    searched
      ? "No payment fits. A reference and a provider's id must be given whole; a day is that of the last change."
      : 'Nobody has paid yet. Make an API key with "npm run intertie -- payments key create", and post a payment; the README shows how.',
  )}`;
}

function refundNote({ refunded, currency }: PaymentRow): Html | '' {
  return refunded === 0
    ? ''
    : html`<br><span class="small soft">${amount(refunded, currency)} refunded</span>`;
}
