import { html } from 'hono/html';
import { badge, emptyState, type Html } from '../../../shared/operate/console/layout.ts';
import { moment } from '../../../shared/operate/format.ts';
import type { DeskPage } from '../../../shared/operate/service-desk.ts';
import { CsvAnswer, ReconciliationAnswer } from '../operate/books.ts';
import { adviceOn, isFinding, type Report, type Row } from '../reconciliation/report.ts';
import { below, facts, HOME, paymentLink, table } from './parts.ts';
import { amount } from './words.ts';

/** Rows without a finding that are shown; all of them are in the CSV. */
const SHOWN = 200;

/** `/reconciliations/:merchant/:id`: findings first, each with what to do. */
export const reconciliationPage: DeskPage = {
  path: '/reconciliations/:merchant/:id',
  async build(ask, { parts: { merchant = '', id = '' } }) {
    const report = ReconciliationAnswer.parse(await ask('reconciliation', { merchant, id }));
    const csv = `${HOME}/reconciliations/${encodeURIComponent(merchant)}/${encodeURIComponent(id)}/csv`;
    const findings = report.lines.filter(({ kind }) => isFinding(kind));
    const quiet = report.lines.filter(({ kind }) => !isFinding(kind));
    return below(
      '/reconciliations',
      { title: `${merchant}, ${id}`, parent: 'reconciliation', name: `${merchant} ${id}` },
      html`<p>${findings.length === 0 ? badge('good', 'no findings') : badge('bad', findings.length === 1 ? '1 finding' : `${findings.length} findings`)} <a href="${csv}">Download all ${report.rows} rows as CSV</a></p>
${facts([
  ['From', moment(report.from)],
  ['To', moment(report.to)],
  ['Made', `${moment(report.madeAt)}${report.version > 1 ? `, version ${report.version}` : ''}`],
])}
<h2>Findings</h2>${findings.length === 0 ? emptyState('Nobody has to look at anything.') : findings.map(findingCard)}
<h2>Totals</h2>${totals(report)}
${report.payouts.length === 0 ? '' : html`<h2>Payouts</h2>${payouts(report)}`}
${report.unbalanced.length === 0 ? '' : html`<p class="card alert">Net is not gross less fee in: ${report.unbalanced.join(', ')}. Ask the provider.</p>`}
<h2>As it should be</h2>${rows(quiet.slice(0, SHOWN))}
${quiet.length > SHOWN ? html`<p class="small soft">${quiet.length - SHOWN} more are in the CSV.</p>` : ''}`,
    );
  },
};

/** The same as a file. */
export const reconciliationFile: DeskPage = {
  path: '/reconciliations/:merchant/:id/csv',
  async build(ask, { parts: { merchant, id } }) {
    const { name, csv } = CsvAnswer.parse(await ask('reconciliation-csv', { merchant, id }));
    return { file: name, type: 'text/csv; charset=utf-8', text: csv };
  },
};

function findingCard(row: Row): Html {
  return html`<section class="card alert"><b>${row.kind}</b> ${row.of}, ${moment(row.at)}
<p>${row.says ?? ''}</p>${facts([
    ['At the provider', row.gross === undefined ? 'nothing' : amount(row.gross, row.currency)],
    ['In our books', row.expected === undefined ? 'nothing' : amount(row.expected, row.currency)],
    ['Payment', row.payment === undefined ? undefined : paymentLink(row.payment)],
    ['Refund', row.refund],
    ["Provider's ids", [row.about, row.entry].filter((each) => each !== undefined).join(', ')],
    ['What to do', adviceOn(row.kind)],
  ])}</section>`;
}

function totals({ totals: all }: Report): Html {
  const named = [
    ...([
      ['Charges', 'charges'],
      ['Refunds', 'refunds'],
      ['Refunds that came back', 'returned'],
    ] as const),
    ...([
      ['Disputes', 'disputes'],
      ['Fees', 'fees'],
      ['Reserves', 'reserves'],
    ] as const),
    ...([
      ['Adjustments', 'adjustments'],
      ['Payouts', 'payouts'],
      ['Net', 'net'],
    ] as const),
    ...([
      ['Opening balance', 'opening'],
      ['Closing balance', 'closing'],
    ] as const),
    ...([
      ['By our books', 'expected'],
      ['Difference', 'difference'],
    ] as const),
  ];
  return table(
    ['', ...all.map(({ currency }) => currency)],
    named.map(([title, what]) => [
      title,
      ...all.map((each) => ({ money: amount(each[what], each.currency) })),
    ]),
    'No money moved.',
  );
}

function payouts({ payouts: all }: Report): Html {
  return table(
    ['Payout', 'Paid out', 'Entries', 'Their sum', ''],
    all.map((each) => [
      each.payout,
      { money: amount(each.amount, each.currency) },
      { short: String(each.entries) },
      { money: amount(each.sum, each.currency) },
      each.holds ? badge('good', 'agrees') : badge('bad', 'differs'),
    ]),
    '',
  );
}

function rows(quiet: readonly Row[]): Html {
  return table(
    ['What', 'When', 'Gross', 'Fee', 'Net', 'Payment', "Provider's id"],
    quiet.map((row) => [
      row.kind === 'matched' ? `${row.of}, matched` : row.kind,
      { short: moment(row.at) },
      { money: money(row.gross, row) },
      { money: money(row.fee, row) },
      { money: money(row.net, row) },
      row.payment === undefined ? '–' : paymentLink(row.payment),
      row.about ?? row.entry ?? '–',
    ]),
    'There are no other rows.',
  );
}

function money(minor: number | undefined, { currency }: Row): string {
  return minor === undefined ? '–' : amount(minor, currency);
}
