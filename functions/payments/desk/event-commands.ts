import type { DeskCommand } from '../../../shared/operate/service-desk.ts';
import { EndpointsAnswer, RemovedAnswer, RotatedAnswer, SetEndpointAnswer } from '../operate/endpoints.ts';
import { ReplayedAnswer, UndeliveredAnswer } from '../operate/events.ts';
import { lines, listed, minute } from './words.ts';

const merchant = ['<merchant>', 'its id; `payments merchants` lists them'] as const;

/** Where merchants hear of events, and what they did not hear. */
export const eventCommands: readonly DeskCommand[] = [
  {
    name: 'endpoint set',
    says: "the address a merchant's events are posted to; a new one's secret is shown once",
    args: [merchant, ['<url>', 'https, at a public address']],
    options: [['--loopback', 'http://127.0.0.1 will do (only on a host of this machine)']],
    ask: ({ args: [of, url], options: { loopback } }) => ({
      command: 'endpoint-set',
      input: { merchant: of, url, loopback },
    }),
    lines: lines(SetEndpointAnswer, (set) => [
      `events of ${set.merchant} are posted to ${set.url}`,
      ...(set.secret === undefined
        ? ['its secret is the one it had']
        : ['its secret, which is shown only now:', set.secret]),
    ]),
  },
  {
    name: 'endpoint rotate',
    says: "a new secret for a merchant's endpoint; the old one signs too for a while",
    args: [merchant],
    options: [['--hours <n>', 'for so long both sign; 24 unless said, 0 if the old one was stolen']],
    ask: ({ args: [of], options: { hours } }) => ({
      command: 'endpoint-rotate',
      input: { merchant: of, hours },
    }),
    lines: lines(RotatedAnswer, (rotated) => [
      `the new secret of ${rotated.merchant}, which is shown only now:`,
      rotated.secret,
      `the old one signs until ${minute(rotated.oldUntil)} UTC`,
    ]),
  },
  {
    name: 'endpoint remove',
    says: 'post no more events for a merchant',
    args: [merchant],
    ask: ({ args: [of] }) => ({ command: 'endpoint-remove', input: { merchant: of } }),
    lines: lines(RemovedAnswer, (removed) => [`nothing is posted for ${removed.merchant} any more`]),
  },
  {
    name: 'endpoint show',
    says: 'where events are posted, and whether an endpoint is disabled',
    args: [['[merchant]', 'of this one only']],
    ask: ({ args: [of] }) => ({ command: 'endpoint-show', input: { merchant: of } }),
    lines: lines(EndpointsAnswer, ({ items }) =>
      listed(
        ['merchant', 'secrets', 'state', 'url'],
        items.map((each) => [
          each.merchant,
          String(each.secrets.length),
          each.disabled
            ? `disabled ${minute(each.disabled.at)}: ${each.disabled.why}`
            : each.url
              ? 'on'
              : 'none',
          each.url ?? '',
        ]),
        'there is no merchant',
      ),
    ),
  },
  {
    name: 'events undelivered',
    says: 'events that no endpoint took in three days, or that wait for an endpoint that is gone',
    args: [['[merchant]', 'of this one only']],
    options: [['--last <n>', 'so many of each merchant at most']],
    ask: ({ args: [of], options: { last } }) => ({ command: 'undelivered', input: { merchant: of, last } }),
    lines: lines(UndeliveredAnswer, ({ items, cut }) => [
      ...listed(
        ['event', 'merchant', 'type', 'happened', 'state', 'tries', 'last answer'],
        items.map(({ id, type, at, state, tries, last, ...each }) => [
          ...[id, each.merchant, type, minute(at), state, String(tries)],
          last ? `${last.status ?? ''} ${last.why ?? ''}`.trim() : '',
        ]),
        'every event has been delivered, or is on its way',
      ),
      ...(cut ? ['there are more'] : []),
    ]),
  },
  {
    name: 'events replay',
    says: 'send events of a merchant once more; each keeps its id',
    args: [merchant],
    options: [
      ['--event <id>', 'this one'],
      ['--undelivered', 'all that no endpoint took'],
      ['--from <id>', 'this one and all that came after it, delivered or not'],
      ['--since <time>', 'all since then, e.g. 2026-11-24T12:00:00Z'],
    ],
    ask: ({ args: [of], options: { event, undelivered, from, since } }) => ({
      command: 'replay-events',
      input: { merchant: of, event, undelivered, from, since },
    }),
    lines: lines(ReplayedAnswer, ({ replayed, next }) => [
      `${replayed} ${replayed === 1 ? 'event is' : 'events are'} on the way`,
      ...(next === undefined ? [] : [`there are more: go on with --from ${next}`]),
    ]),
  },
];
