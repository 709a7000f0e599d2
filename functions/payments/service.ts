import { defineService } from '../../shared/engine/service.ts';
import { accountKey } from '../../shared/engine/session.ts';
import { openPayments } from './run.ts';
import { usualSite } from './site.ts';

const providers = new Map(
  usualSite.merchants.flatMap((merchant) =>
    merchant.providers.map((provider) => [accountKey(provider.account), provider] as const),
  ),
);

/** One API over several payment providers, which loses nothing in an outage and never charges twice. */
export const payments = defineService({
  name: 'payments',
  title: 'Payments',
  moves: {
    what: 'Payments, captures, voids and refunds of each merchant; back: how they ended, disputes and payouts',
    from: 'merchants, over the API',
    to: [...new Set([...providers.values()].map(({ title }) => title))].join(', '),
  },
  howOften: {
    called: 'by merchants at any time, answered within 10 seconds; providers push what changed on their side',
    timers: [
      { name: 'watch', when: { everyMinutes: 1 } },
      { name: 'sweep', when: { everyMinutes: 5 } },
      { name: 'reconcile', when: { dailyAt: '04:30', timeZone: 'Europe/London' } },
      { name: 'reconcile-on', when: { everyMinutes: 1 } },
    ],
  },
  whenItBreaks: {
    impact:
      'People cannot pay, or wait to hear whether they have; what was accepted is kept and carried out as soon as a provider answers.',
    parks:
      'Work on a payment that failed ten times for a fault of our own; the payment itself is kept, and is woken again every 10 minutes.',
  },
  whoIsPaged: { owner: 'Payments team', page: ['payments-on-call'] },
  whereToLook: { runbook: 'functions/payments/README.md' },
  expects: { oldestMinutes: 10 },
  gauges: [
    {
      name: 'PaymentsUnknown',
      above: 0,
      says: 'payments whose outcome has been unknown for over 15 minutes; nothing is charged again until the provider has told',
      first: 'payments list --status unknown',
      silencePages: true,
    },
    {
      name: 'PaymentsNeedReview',
      above: 0,
      says: 'payments that a person must look at: the provider could not tell for a day, or money moved that was not asked for',
      first: 'payments list --status needs-review',
    },
    {
      name: 'ProvidersDown',
      above: 0,
      says: 'a payment provider does not answer and is left alone; payments go to another one, or wait',
      first: 'payments providers',
    },
    {
      name: 'MerchantsSilent',
      above: 0,
      says: 'a merchant has not been paid for longer than it expects in its opening hours',
      first: 'payments list --last 20',
    },
    {
      name: 'OrphanMoney',
      above: 0,
      says: 'a provider holds money that no payment of ours explains',
      first: 'payments reconciliations --findings',
    },
    {
      name: 'DuplicateMoney',
      above: 0,
      says: 'a payer was charged twice at a provider: refund one of the two today',
      first: 'payments reconciliations --findings',
    },
  ],
  accounts: [...providers.values()].map(({ account }) => account),
  hooks: Object.fromEntries([...providers.values()].map(({ account }) => [hookOf(account), account])),
  open: (ports) => openPayments(ports, usualSite),
});

/** The usual account of a vendor has the vendor's plain name. */
function hookOf({ vendor, name }: { vendor: string; name: string }): string {
  return name === 'main' ? vendor : `${vendor}-${name}`;
}
