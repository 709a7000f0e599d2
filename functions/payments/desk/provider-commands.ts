import type { DeskCommand } from '../../../shared/operate/service-desk.ts';
import { JournalAnswer } from '../operate/journal.ts';
import { MerchantsAnswer, type ProviderRow, ProvidersAnswer } from '../operate/providers.ts';
import { lines, listed, minute } from './words.ts';

/** Who is paid, through whom, and which providers are left alone. */
export const providerCommands: readonly DeskCommand[] = [
  {
    name: 'merchants',
    says: 'who is paid here, and how',
    ask: () => ({ command: 'merchants', input: {} }),
    lines: lines(MerchantsAnswer, ({ items }) =>
      listed(
        ['merchant', 'providers, in order', 'failover', 'soft decline', 'payable', 'title'],
        items.map((each) => [
          ...[each.id, each.providers.join(', '), each.failover, each.softDecline],
          ...[`${each.payableMinutes} min`, each.title],
        ]),
        'there is no merchant: add one to functions/payments/site.ts',
      ),
    ),
  },
  {
    name: 'providers',
    says: 'which providers are called, and which are left alone',
    ask: () => ({ command: 'providers', input: {} }),
    lines: lines(ProvidersAnswer, ({ items }) => items.flatMap(providerLines)),
  },
  {
    name: 'circuit',
    says: 'leave a provider alone, call it whatever happens, or let outcomes decide again',
    args: [
      ['<provider>', 'as `payments providers` names it'],
      ['<open|closed|none>', 'open = left alone, closed = called, none = outcomes decide'],
    ],
    options: [['--reason <text>', 'shown with the circuit, and kept']],
    ask: ({ args: [provider, force], options: { reason } }) => ({
      command: 'circuit',
      input: { provider, force, reason },
    }),
    lines: lines(ProvidersAnswer, ({ items }) => items.flatMap(providerLines)),
  },
  {
    name: 'journal',
    says: 'what operators did, the newest first',
    options: [['--last <n>', 'so many; 50 unless said']],
    ask: ({ options: { last } }) => ({ command: 'journal', input: { last } }),
    lines: lines(JournalAnswer, ({ items }) =>
      listed(
        ['when', 'about', 'what', 'reason'],
        items.map(({ at, about, what, reason }) => [minute(at), about, what, reason ?? '']),
        'nobody has done anything yet',
      ),
    ),
  },
];

function providerLines({ provider, title, merchants, circuits, forced }: ProviderRow): string[] {
  const apart = circuits.filter(({ state }) => state !== 'closed');
  const all = apart.length === circuits.length ? 'all calls' : apart.map(({ call }) => call).join(', ');
  const until = apart.flatMap((each) => each.until ?? [])[0];
  const state =
    apart.length === 0 ? 'called' : `LEFT ALONE (${all})${until === undefined ? '' : ` until ${until}`}`;
  return [
    `${provider}: ${state}; ${title}; for ${merchants.join(', ')}`,
    ...(forced ? [`  forced ${minute(forced.at)}: ${forced.reason ?? forced.what}`] : []),
  ];
}
