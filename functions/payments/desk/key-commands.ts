import type { DeskCommand } from '../../../shared/operate/service-desk.ts';
import { EndedKeyAnswer, KeysAnswer, NewKeyAnswer } from '../operate/keys.ts';
import { lines, listed, minute } from './words.ts';

/** API keys of merchants. */
export const keyCommands: readonly DeskCommand[] = [
  {
    name: 'key create',
    says: 'a new API key for a merchant; its text is shown once',
    args: [['<merchant>', 'its id in functions/payments/site.ts; `payments merchants` lists them']],
    options: [
      ['--title <text>', 'what it is for'],
      ['--scopes <list>', 'some of read,pay,refund,operate (read,pay,refund unless said)'],
    ],
    ask: ({ args: [merchant], options: { title, scopes } }) => ({
      command: 'key-create',
      input: { merchant, title, scopes },
    }),
    lines: lines(NewKeyAnswer, ({ id, merchant, scopes, text }) => [
      `key ${id} of ${merchant} may ${scopes.join(', ')}; it is shown only now:`,
      text,
      `to replace another one: give it to ${merchant}, then end the other with: key end <id> --hours 24`,
    ]),
  },
  {
    name: 'key list',
    says: 'API keys, of one merchant or of all, without their text',
    args: [['[merchant]', 'of this one only']],
    ask: ({ args: [merchant] }) => ({ command: 'key-list', input: { merchant } }),
    lines: lines(KeysAnswer, ({ items }, now) =>
      listed(
        ['id', 'merchant', 'scopes', 'created', 'ends', 'title'],
        items.map(({ id, merchant, scopes, createdAt, endsAt, title }) => [
          ...[id, merchant, scopes.join(','), minute(createdAt), ends(endsAt, now), title],
        ]),
        'there is no API key yet: payments key create <merchant> --title <text>',
      ),
    ),
  },
  {
    name: 'key end',
    says: 'end an API key, now or in some hours',
    args: [['<id>', 'as `payments key list` shows it']],
    options: [['--hours <n>', 'it is valid for so long still; 0 unless said']],
    ask: ({ args: [id], options: { hours } }) => ({ command: 'key-end', input: { id, hours } }),
    lines: lines(EndedKeyAnswer, ({ id, merchant, endsAt }, now) => [
      `key ${id} of ${merchant}: ${ends(endsAt, now)}`,
    ]),
  },
];

function ends(endsAt: number | undefined, now: number): string {
  if (endsAt === undefined) return 'never';
  return endsAt <= now ? 'ended' : `ends ${minute(endsAt)}`;
}
