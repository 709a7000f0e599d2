import { html } from 'hono/html';
import { actionForm, type Html } from '../../../shared/operate/console/layout.ts';
import { ago, moment } from '../../../shared/operate/format.ts';
import type { DeskPage } from '../../../shared/operate/service-desk.ts';
import { ShowAnswer } from '../operate/answers.ts';
import { deliveriesTable } from './events-page.ts';
import { API, below, facts, hidden, reasonField, stateBadge, table } from './parts.ts';
import { amount } from './words.ts';

/** `/payments/:id`: everything that is known of one payment, and what a person may do about it. */
export const paymentPage: DeskPage = {
  path: '/payments/:id',
  async build(ask, { parts, here, now }) {
    const shown = ShowAnswer.parse(await ask('show', { payment: parts.id }));
    const { payment, merchant, events } = shown;
    return below(
      '',
      { title: payment.id, parent: 'payments', name: payment.id },
      html`<p>${stateBadge(payment.status)} <b>${amount(payment.amount, payment.currency)}</b> to ${merchant}, ${payment.reference}</p>
${shown.todo === undefined ? '' : html`<div class="card alert"><b>What to do</b><p>${shown.todo}</p></div>`}
${summary(shown, now)}
<div class="actions">${actionForm(`${API}/sync`, 'Ask the provider now', { back: here, fields: hidden({ payment: payment.id }) })}</div>
${(payment.review ?? []).map((each) => resolveForm(payment.id, each, { here, currency: payment.currency }))}
<h2>Attempts</h2>${attempts(shown)}
<h2>Operations</h2>${operations(shown)}
${payment.refunds.length === 0 ? '' : html`<h2>Refunds</h2>${refunds(shown)}`}
<h2>Timeline</h2>${timeline(shown)}
<h2>Events</h2>${deliveriesTable(events, { here, now, named: false })}`,
    );
  },
};

function summary({ payment, wakeAt }: ShowAnswer, now: number): Html {
  const { amounts, currency, ended, nextAction } = payment;
  return facts([
    ['Captured', amount(amounts.captured, currency)],
    [
      'Held',
      amounts.captured === 0 && amounts.authorised > 0 ? amount(amounts.authorised, currency) : undefined,
    ],
    ['Refunded', amounts.refunded === 0 ? undefined : amount(amounts.refunded, currency)],
    ['Can be refunded', amounts.captured === 0 ? undefined : amount(amounts.refundable, currency)],
    ['Capture', payment.capture],
    ['Other providers', failover(payment.failover)],
    ['Created', `${payment.createdAt} (${ago(Date.parse(payment.createdAt), now)})`],
    ['Tried until', payment.processBefore],
    ['Looked at again', wakeAt === undefined ? undefined : moment(wakeAt)],
    ['The payer has to', nextAction && `act by ${nextAction.expiresAt} (${nextAction.type})`],
    ['Ended', ended && `${ended.at}: ${ended.why}`],
    ['Description', payment.description],
  ]);
}

function failover(how: ShowAnswer['payment']['failover']): string {
  switch (how) {
    case 'available':
      return 'may be tried';
    case 'no-instrument':
      return 'cannot be tried: there is a token of one provider only';
    case 'never':
      return 'are never tried';
  }
}

function resolveForm(
  payment: string,
  { operation, kind, provider, amount: minor }: NonNullable<ShowAnswer['payment']['review']>[number],
  { here, currency }: { here: string; currency: string },
): Html {
  const fields = html`${hidden({ payment, operation: String(operation) })}<select name="outcome" aria-label="Outcome" required><option value="">what did you find?</option><option value="executed">it was carried out</option><option value="not-executed">it was not, and cannot be any more</option></select>${reasonField(10, 'who looked where and what they found')}<input name="providerId" size="30" maxlength="120" placeholder="provider's id, if we have none" aria-label="Provider's id">`;
  return html`<section class="card"><b>Resolve operation ${operation}: ${kind} of ${amount(minor, currency)} at ${provider}</b>
<p class="small soft">Look at ${provider}'s own console first. What you say is taken as the truth.</p>
<div class="actions">${actionForm(`${API}/resolve`, 'Resolve', { back: here, fields, kind: 'danger' })}</div></section>`;
}

function attempts({ payment }: ShowAnswer): Html {
  return table(
    ['#', 'Provider', 'How', 'Outcome', 'Opened', "Provider's id", 'Code'],
    payment.attempts.map((each) => [
      { short: String(each.number) },
      each.provider,
      each.how,
      { short: stateBadge(each.outcome) },
      { short: clockTime(each.openedAt) },
      each.providerId ?? '–',
      each.code ?? '–',
    ]),
    'Nothing has been tried yet.',
  );
}

function operations({ operations: all, payment }: ShowAnswer): Html {
  return table(
    ['#', 'Attempt', 'What', 'State', 'Amount', 'Sends', 'Code or proof'],
    all.map((each) => [
      { short: String(each.number) },
      { short: String(each.attempt) },
      each.kind,
      { short: stateBadge(each.state) },
      { money: amount(each.amount, payment.currency) },
      { short: String(each.sends) },
      each.code ?? each.proof ?? '–',
    ]),
    'Nothing has been asked of a provider yet.',
  );
}

function refunds({ payment }: ShowAnswer): Html {
  return table(
    ['Refund', 'State', 'Amount', 'Reason', 'Code'],
    payment.refunds.map((each) => [
      each.id,
      { short: stateBadge(each.status) },
      { money: amount(each.amount, each.currency) },
      each.reason ?? '–',
      each.code ?? '–',
    ]),
    '',
  );
}

function timeline({ timeline: entries }: ShowAnswer): Html {
  return table(
    ['When', 'Who', 'What', 'Why'],
    entries.map(({ at, by, what, why }) => [
      { short: clockTime(new Date(at).toISOString()) },
      by,
      what,
      why ?? '–',
    ]),
    'Nothing has happened yet.',
  );
}

/** `2026-11-24 18:05:09.120` of an ISO time. */
function clockTime(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '');
}
