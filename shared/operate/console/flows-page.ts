import { html } from 'hono/html';
import type {
  AccountStatus,
  AuditAnswer,
  BackfillAnswer,
  FlowStatus,
  OutcomeAnswer,
  Status,
} from '../answers.ts';
import { ago, auditText, backfillText, count, duration } from '../format.ts';
import { recordPath } from '../record-ref.ts';
import { badge, emptyState, type Html, page } from './layout.ts';

interface Shown {
  notice?: string | undefined;
  /** A card for each service. */
  services?: readonly Html[];
}

/** `/`: every flow with its answers and how it is. */
export function flowsPage(status: Status, { notice, services = [] }: Shown = {}): Html {
  const flows =
    status.flows.length === 0
      ? emptyState(
          'No flow is defined yet. Add a folder under functions/ and list it in functions/flows.ts; functions/README.md shows how.',
        )
      : status.flows.map((flow) => flowCard(flow, status.now));
  return page({
    title: 'Flows',
    notice,
    body: html`${flows}${services.length === 0 ? '' : html`<h2>Services</h2>${services}`}<h2>Vendor accounts</h2>${accountsTable(status.accounts)}<p class="soft small">Version ${status.version}, running for ${duration(status.now - status.startedAt)}.</p>`,
  });
}

function flowCard(flow: FlowStatus, now: number): Html {
  return html`<section class="card"><h2><a href="/flows/${flow.name}">${flow.title}</a> ${healthBadge(flow)}</h2>
${flow.because === undefined ? '' : html`<p>${flow.because}</p>`}
${alertList(flow)}${flowFigures(flow, now)}${answersList(flow)}</section>`;
}

export function healthBadge(flow: Pick<FlowStatus, 'health'>): Html {
  switch (flow.health) {
    case 'ok':
      return badge('good', 'healthy');
    case 'attention':
      return badge('bad', 'needs attention');
    case 'held':
      return badge('bad', 'held');
    case 'paused':
      return badge('warn', 'paused');
  }
}

export function alertList(flow: Pick<FlowStatus, 'alerts'>): Html[] {
  return flow.alerts.map(
    (alert) =>
      html`<div class="card ${alert.severity === 'page' ? 'alert' : ''}"><b>${alert.title}</b><pre>${alert.text}</pre></div>`,
  );
}

/** The figures that say whether a flow keeps up. */
export function flowFigures(flow: FlowStatus, now: number): Html {
  const waiting = flow.lanes.reduce((sum, lane) => sum + lane.visible + lane.inFlight + lane.delayed, 0);
  const lanes = flow.lanes
    .map((lane) => `${lane.lane} ${count(lane.visible + lane.inFlight + lane.delayed)}`)
    .join(', ');
  const oldest = flow.oldestUnfinishedMs === undefined ? 'none' : duration(flow.oldestUnfinishedMs);
  const { backfill, audit } = sumsOf(flow);
  return html`<div class="figures">
<div><b>${count(waiting)}</b><span>messages queued (${lanes})</span></div>
<div><b>${oldest}</b><span>oldest unfinished</span></div>
<div><b><a href="/flows/${flow.name}/parked">${count(flow.parked)}</a></b><span>parked</span></div>
${flow.items === undefined ? '' : html`<div><b><a href="/flows/${flow.name}/items">${count(flow.items)}</a></b><span>work items</span></div>`}
<div><b>${ago(flow.lastScanAt, now)}</b><span>last scan</span></div>
${backfill ? html`<div><b>${backfillText(backfill)}</b><span>backfill</span></div>` : ''}
${audit ? html`<div><b>${auditText(audit)}</b><span>last audit (${audit.phase})</span></div>` : ''}
</div>`;
}

/** All collections together: finished, or in the same phase, only when every one is. */
function sumsOf({ collections }: FlowStatus): { backfill?: BackfillAnswer; audit?: AuditSums } {
  const backfills = collections.flatMap(({ backfill }) => backfill ?? []);
  const audits = collections.flatMap(({ audit }) => audit ?? []);
  const sum = <T>(all: readonly T[], of: (each: T) => number) =>
    all.reduce((total, each) => total + of(each), 0);
  const sent = sum(backfills, (each) => each.sent);
  const startedAt = Math.min(...backfills.map((each) => each.startedAt));
  const open =
    collections.length > backfills.length || backfills.some((each) => each.finishedAt === undefined);
  const known = backfills.every((each) => each.total !== undefined);
  const total = known && open ? { total: sum(backfills, (each) => each.total ?? 0) } : {};
  const ended = open ? {} : { finishedAt: Math.max(...backfills.map((each) => each.finishedAt ?? 0)) };
  const running = audits.find(({ phase }) => phase !== 'done');
  return {
    ...(backfills.length > 0 && { backfill: { sent, startedAt, ...total, ...ended } }),
    ...(audits.length > 0 && {
      audit: {
        agree: sum(audits, (each) => each.agree),
        differ: sum(audits, (each) => each.differ),
        explained: sum(audits, (each) => each.explained),
        phase: running?.phase ?? 'done',
      },
    }),
  };
}

type AuditSums = Pick<AuditAnswer, 'agree' | 'differ' | 'explained' | 'phase'>;

/** The five questions. */
export function answersList(flow: Pick<FlowStatus, 'answers'>): Html {
  const { answers } = flow;
  return html`<dl class="small"><dt>What moves</dt><dd>${answers.moves}</dd><dt>How often</dt><dd>${answers.howOften}</dd><dt>When it breaks</dt><dd>${answers.whenItBreaks}</dd><dt>Who is paged</dt><dd>${answers.whoIsPaged}</dd><dt>Where to look</dt><dd>${answers.whereToLook}</dd></dl>`;
}

/** Newest first; each line leads to its record. */
export function outcomesTable(flow: string, outcomes: readonly OutcomeAnswer[], now: number): Html {
  if (outcomes.length === 0)
    return emptyState(
      'Nothing has happened since the start. Change a record at the source, or press "Scan now".',
    );
  // A record's own history need not name it in every line.
  const named = outcomes.some((each) => each.id !== undefined);
  const rows = outcomes.map(
    (each) =>
      html`<tr><td class="short">${ago(each.at, now)}</td>${named ? html`<td>${recordLink(flow, each)}</td>` : ''}<td class="short">${each.outcome}</td><td class="short">${each.cause}</td><td>${each.reason ?? (each.fields ?? []).join(', ')}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>When</th>${named ? html`<th>Record</th>` : ''}<th>Outcome</th><th>Cause</th><th>Fields or reason</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function recordLink(flow: string, { collection, id }: OutcomeAnswer): Html | string {
  if (collection === undefined || id === undefined) return '';
  return html`<a href="/flows/${flow}/records/${recordPath({ collection, id })}">${collection}/${id}</a>`;
}

function releaseForm(account: string): Html {
  return html`<form method="post" action="/api/accounts/${account}/release"><input type="hidden" name="return" value="/"><button>Try it again</button></form>`;
}

function accountsTable(accounts: readonly AccountStatus[]): Html {
  if (accounts.length === 0) return emptyState('No account has been used yet.');
  const rows = accounts.map((each) => {
    const budget = Object.entries(each.budget)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
    const state =
      each.held !== undefined
        ? html`${badge('bad', 'held')} ${each.held} ${releaseForm(each.account)}`
        : badge(
            each.breaker === 'closed' ? 'good' : 'warn',
            each.breaker === 'closed' ? 'working' : each.breaker,
          );
    return html`<tr><td>${each.account}</td><td>${state}</td><td>${budget}</td></tr>`;
  });
  return html`<div class="scroll"><table><thead><tr><th>Account</th><th>State</th><th>Budget</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
