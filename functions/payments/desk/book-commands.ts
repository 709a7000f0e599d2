import type { DeskCommand } from '../../../shared/operate/service-desk.ts';
import {
  CsvAnswer,
  DisputesAnswer,
  ReconcileAnswer,
  ReconciliationAnswer,
  ReconciliationsAnswer,
  SettledAnswer,
  StrayAnswer,
} from '../operate/books.ts';
import { adviceOn, isFinding, type Report } from '../reconciliation/report.ts';
import { aligned, amount, lines, listed, minute } from './words.ts';

const report = [
  ['<merchant>', 'its id'],
  ['<id>', 'of the report, e.g. <provider>.2026-11-24; `payments reconciliations` lists them'],
] as const;

/** The hub's books against the providers'. */
export const bookCommands: readonly DeskCommand[] = [
  {
    name: 'reconciliations',
    says: 'reports, the newest first',
    options: [
      ['--findings', 'only those in which somebody has to look at something'],
      ['--merchant <id>', 'of this one only'],
      ['--last <n>', 'so many; 30 unless said'],
    ],
    ask: ({ options: { findings, merchant, last } }) => ({
      command: 'reconciliations',
      input: { findings, merchant, last },
    }),
    lines: lines(ReconciliationsAnswer, ({ items }) =>
      listed(
        ['merchant', 'report', 'rows', 'findings', 'difference', 'made'],
        items.map((each) => [
          ...[each.merchant, each.id, String(each.rows), String(each.findings)],
          each.totals.map(({ difference, currency }) => amount(difference, currency)).join(', '),
          minute(each.madeAt),
        ]),
        'there is no such report; one is made every morning, or by: payments reconcile <day>',
      ),
    ),
  },
  {
    name: 'reconciliation',
    says: 'one report: findings and what to do about each, then totals',
    args: report,
    ask: ({ args: [merchant, id] }) => ({ command: 'reconciliation', input: { merchant, id } }),
    lines: lines(ReconciliationAnswer, reportLines),
  },
  {
    name: 'reconciliation-csv',
    says: 'all rows of one report as CSV',
    args: report,
    ask: ({ args: [merchant, id] }) => ({ command: 'reconciliation-csv', input: { merchant, id } }),
    lines: lines(CsvAnswer, ({ csv }) => [csv.trimEnd()]),
  },
  {
    name: 'reconcile',
    says: 'compare a day, again or for the first time',
    args: [['<day>', 'UTC, e.g. 2026-11-24']],
    options: [
      ['--merchant <id>', 'of this one only'],
      ['--provider <name>', 'with this one only'],
    ],
    ask: ({ args: [day], options: { merchant, provider } }) => ({
      command: 'reconcile',
      input: { day, merchant, provider },
    }),
    lines: lines(ReconcileAnswer, ({ items }, now) =>
      items.map(
        ({ merchant, provider, day, at }) =>
          `${merchant} ${provider}.${day} ${at <= now ? 'is being made' : `is made at ${minute(at)} UTC, when the provider shows all of that day`}`,
      ),
    ),
  },
  {
    name: 'stray',
    says: 'money at providers that no payment explains',
    ask: () => ({ command: 'stray', input: {} }),
    lines: lines(StrayAnswer, ({ items }) =>
      items.length === 0
        ? ['every payment at a provider is explained']
        : items.flatMap((each) => [
            `${each.provider} ${each.name}: ${amount(each.minor, each.currency)}, ${each.kind}, ${minute(each.at)}${each.payment === undefined ? '' : `, beside payment ${each.payment}`}`,
            `  ${each.says}`,
            `  to do: ${each.todo}`,
            `  then: npm run intertie -- payments settle ${each.provider} ${each.name} --reason <text>`,
          ]),
    ),
  },
  {
    name: 'settle',
    says: 'say what stray money was, once it has been dealt with',
    args: [
      ['<provider>', 'as `payments stray` names it'],
      ['<name>', 'the same'],
    ],
    options: [
      ['--reason <text>', 'what it was and what was done'],
      ['--by <name>', 'who says so'],
    ],
    ask: ({ args: [provider, name], options: { reason, by } }) => ({
      command: 'settle',
      input: { provider, name, reason, by },
    }),
    lines: lines(SettledAnswer, ({ provider, name, settled }) => [
      `${provider} ${name} is settled: ${settled?.reason ?? ''}`,
    ]),
  },
  {
    name: 'disputes',
    says: 'what payers contested, the newest first; each is answered at its provider',
    options: [
      ['--merchant <id>', 'of this one only'],
      ['--last <n>', 'so many'],
    ],
    ask: ({ options: { merchant, last } }) => ({ command: 'disputes', input: { merchant, last } }),
    lines: lines(DisputesAnswer, ({ items }) =>
      listed(
        ['dispute', 'standing', 'answer by', 'amount', 'merchant', 'payment', 'reason'],
        items.map((each) => [
          ...[each.id, each.standing, each.respondBy === undefined ? '' : minute(each.respondBy)],
          ...[amount(each.minor, each.currency), each.merchant, each.payment ?? each.paymentId, each.reason],
        ]),
        'nobody has contested a payment',
      ),
    ),
  },
];

function reportLines({ lines: rows, ...summary }: Report): string[] {
  const findings = rows.filter(({ kind }) => isFinding(kind));
  return [
    `${summary.merchant} ${summary.id}: ${summary.rows} rows, ${summary.findings} findings, made ${minute(summary.madeAt)}`,
    ...findings.flatMap((row) => [
      `  ! ${row.kind}  ${row.of} ${row.gross === undefined ? '' : amount(row.gross, row.currency)}${row.expected === undefined ? '' : ` (expected ${amount(row.expected, row.currency)})`}  ${row.payment ?? row.reference ?? ''} ${row.about ?? row.entry ?? ''}`.trimEnd(),
      ...(row.says === undefined ? [] : [`      ${row.says}`]),
      `      to do: ${adviceOn(row.kind)}`,
    ]),
    ...aligned(
      ['currency', 'charges', 'refunds', 'disputes', 'fees', 'payouts', 'net', 'by the hub', 'difference'],
      summary.totals.map((each) => [
        each.currency,
        ...[each.charges, each.refunds, each.disputes, each.fees, each.payouts, each.net, each.expected].map(
          (minor) => amount(minor, each.currency),
        ),
        amount(each.difference, each.currency),
      ]),
    ).map((line) => `  ${line}`),
    ...summary.payouts.map(
      (each) =>
        `  payout ${each.payout}: ${amount(each.amount, each.currency)}, ${each.entries} entries${each.holds ? '' : `, which sum to ${amount(each.sum, each.currency)}  !`}`,
    ),
  ];
}
