import type { DeskCommand } from '../../../shared/operate/service-desk.ts';
import { ListAnswer, ShowAnswer } from '../operate/answers.ts';
import { aligned, amount, lines, listed, minute } from './words.ts';

const payment = ['<payment>', "our id, the merchant's reference, or the provider's id"] as const;

/** Payments: looked at, asked about, decided. */
export const paymentCommands: readonly DeskCommand[] = [
  {
    name: 'list',
    says: 'payments, the newest first',
    options: [
      ['--status <status>', 'e.g. unknown, needs-review, queued, captured'],
      ['--merchant <id>', 'of this one only'],
      ['--find <text>', "by our id, the merchant's reference, or the provider's id"],
      ['--day <day>', 'of one day (UTC), e.g. 2026-11-24'],
      ['--last <n>', 'so many; 20 unless said'],
    ],
    ask: ({ options: { status, merchant, find, day, last } }) => ({
      command: 'list',
      input: { status, merchant, find, day, last },
    }),
    lines: lines(ListAnswer, ({ items, cut, note }) => [
      ...listed(
        ['payment', 'status', 'amount', 'merchant', 'reference', 'created', 'provider', "provider's id"],
        items.map((each) => [
          ...[each.id, each.status, amount(each.amount, each.currency), each.merchant, each.reference],
          ...[minute(each.createdAt), each.provider ?? '', each.providerId ?? ''],
        ]),
        'no payment fits',
      ),
      ...(cut ? ['there may be more: narrow it by --day, --status or --merchant, or raise --last'] : []),
      ...(note === undefined ? [] : [note]),
    ]),
  },
  {
    name: 'show',
    says: 'one payment: amounts, attempts, operations, timeline, events',
    args: [payment],
    ask: ({ args: [of] }) => ({ command: 'show', input: { payment: of } }),
    lines: lines(ShowAnswer, paymentLines),
  },
  {
    name: 'sync',
    says: 'ask the provider now what became of a payment',
    args: [payment],
    ask: ({ args: [of] }) => ({ command: 'sync', input: { payment: of } }),
    lines: lines(ShowAnswer, paymentLines),
  },
  {
    name: 'resolve',
    says: 'say what a person found at the provider of an operation that needs review',
    args: [payment, ['<operation>', 'its number, as `payments show` lists it']],
    options: [
      ['--outcome <outcome>', 'executed, or not-executed (it was not, and cannot be any more)'],
      ['--reason <text>', 'who looked where and what they found; kept in the timeline'],
      ['--provider-id <id>', "the provider's id of what was found, where we have none"],
    ],
    ask: ({ args: [of, operation], options: { outcome, reason, providerId } }) => ({
      command: 'resolve',
      input: { payment: of, operation, outcome, reason, providerId },
    }),
    lines: lines(ShowAnswer, paymentLines),
  },
];

function paymentLines({ payment: shown, ...more }: ShowAnswer): string[] {
  const { amounts, currency } = shown;
  return [
    `${shown.id}: ${shown.status}`,
    ...(more.todo === undefined ? [] : [`  to do           ${more.todo}`]),
    `  merchant        ${more.merchant}, reference ${shown.reference}`,
    `  amount          ${amount(shown.amount, currency)}, capture ${shown.capture}, failover ${shown.failover}`,
    `  captured        ${amount(amounts.captured, currency)}; refunded ${amount(amounts.refunded, currency)}; refundable ${amount(amounts.refundable, currency)}`,
    `  created         ${shown.createdAt}, tried until ${shown.processBefore}`,
    ...(more.wakeAt === undefined ? [] : [`  goes on by      ${minute(more.wakeAt)}`]),
    ...(shown.ended ? [`  ended           ${shown.ended.at}: ${shown.ended.why}`] : []),
    ...part(
      'attempts',
      ['#', 'provider', 'how', 'outcome', 'opened', "provider's id", 'code'],
      shown.attempts.map((each) => [
        ...[String(each.number), each.provider, each.how, each.outcome, each.openedAt],
        ...[each.providerId ?? '', each.code ?? ''],
      ]),
    ),
    ...part(
      'operations',
      ['#', 'attempt', 'kind', 'state', 'amount', 'sends', 'code or proof'],
      more.operations.map((each) => [
        ...[String(each.number), String(each.attempt), each.kind, each.state, amount(each.amount, currency)],
        ...[String(each.sends), each.code ?? each.proof ?? ''],
      ]),
    ),
    ...part(
      'timeline',
      ['when', 'who', 'what'],
      more.timeline.map(({ at, by, what, why }) => [
        new Date(at).toISOString(),
        by,
        why === undefined ? what : `${what}: ${why}`,
      ]),
    ),
    ...part(
      'events',
      ['event', 'type', 'delivery', 'tries'],
      more.events.map(({ id, type, state, tries }) => [id, type, state, String(tries)]),
    ),
  ];
}

function part(title: string, head: readonly string[], rows: readonly string[][]): string[] {
  if (rows.length === 0) return [];
  return ['', title, ...aligned(head, rows).map((line) => `  ${line}`)];
}
