import { html } from 'hono/html';
import { actionForm, type Html } from '../../../shared/operate/console/layout.ts';
import { ago, moment } from '../../../shared/operate/format.ts';
import type { DeskPage } from '../../../shared/operate/service-desk.ts';
import { partsOf } from '../events/message.ts';
import type { DeliveryRow } from '../operate/answers.ts';
import { EndpointsAnswer } from '../operate/endpoints.ts';
import { UndeliveredAnswer } from '../operate/events.ts';
import { API, hidden, paymentLink, stateBadge, tabbed, table } from './parts.ts';

/** `/events`: where events go, and what nobody took. */
export const eventsPage: DeskPage = {
  path: '/events',
  async build(ask, { here, now }) {
    const { items: endpoints } = EndpointsAnswer.parse(await ask('endpoint-show', {}));
    const { items, cut } = UndeliveredAnswer.parse(await ask('undelivered', {}));
    const stuck = [...new Set(items.map(({ merchant }) => merchant))];
    return tabbed(
      '/events',
      'Events',
      html`<h2>Endpoints</h2>${table(
        ['Merchant', 'State', 'Address', 'Secrets'],
        endpoints.map((each) => [
          each.merchant,
          endpointState(each, now),
          each.url ?? '–',
          { short: String(each.secrets.length) },
        ]),
        'There is no merchant.',
      )}<p class="small soft">Set with <code>npm run intertie -- payments endpoint set</code>: its secret is shown there once.</p>
<h2>Not delivered</h2><p class="soft small">No endpoint took these in three days, or theirs is gone. A replay keeps each event's id, so a reader knows what it has seen.</p>
${stuck.length === 0 ? '' : html`<div class="actions">${stuck.map((merchant) => replayAll(merchant, here))}</div>`}
${items.length === 0 ? table([], [], 'Every event has been delivered, or is on its way.') : deliveriesTable(items, { here, now, named: true })}
${cut ? html`<p class="small soft">There are more.</p>` : ''}`,
    );
  },
};

function endpointState(
  { url, disabled }: { url?: string | undefined; disabled?: { at: number; why: string } | undefined },
  now: number,
): Html | string {
  if (disabled) return html`${stateBadge('gave-up')} disabled ${ago(disabled.at, now)}: ${disabled.why}`;
  return url === undefined ? 'none: events wait on the event queue only' : 'on';
}

function replayAll(merchant: string, here: string): Html {
  const fields = hidden({ merchant, undelivered: 'true' });
  return actionForm(`${API}/replay-events`, `Replay all of ${merchant}`, { back: here, fields });
}

/** How far each event is; `named` = of several payments. */
export function deliveriesTable(
  rows: readonly DeliveryRow[],
  { here, now, named }: { here: string; now: number; named: boolean },
): Html {
  return table(
    [
      ...(named ? ['Merchant', 'Of'] : ['Version']),
      'Event',
      'Happened',
      'Delivery',
      'Tries',
      'Last answer',
      '',
    ],
    rows.map((each) => [
      ...(named ? [each.merchant, subjectOf(each.id)] : [{ short: String(partsOf(each.id).version) }]),
      each.type,
      { short: ago(each.at, now) },
      html`${stateBadge(each.state)}${each.nextAt === undefined ? '' : html`<br><span class="small soft">again at ${moment(each.nextAt)}</span>`}`,
      { short: String(each.tries) },
      lastAnswer(each),
      each.state === 'not yet' ? '' : replayForm(each, here),
    ]),
    'Nothing has happened yet.',
  );
}

function subjectOf(id: string): Html | string {
  const { subject } = partsOf(id);
  return subject.startsWith('pay_') ? paymentLink(subject) : subject;
}

function lastAnswer({ last }: DeliveryRow): string {
  if (!last) return '–';
  return [last.status, last.why].filter((each) => each !== undefined).join(' ');
}

function replayForm({ merchant, id }: DeliveryRow, here: string): Html {
  const fields = hidden({ merchant, event: id });
  return actionForm(`${API}/replay-events`, 'Replay', { back: here, fields });
}
