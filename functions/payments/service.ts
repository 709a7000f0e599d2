import { defineService } from '../../shared/engine/service.ts';
import { hookOf, openPayments, providers } from './run.ts';
import { usualSite } from './site.ts';

const used = providers(usualSite);

/** One API over several payment providers, which loses nothing in an outage and never charges twice. */
export const payments = defineService({
  name: 'payments',
  title: 'Payments',
  moves: {
    what: 'Payments, captures, voids and refunds of each merchant; back: how they ended, disputes and payouts',
    from: 'merchants, over the API',
    to: [...new Set(used.map(({ title }) => title))].join(', '),
  },
  howOften: {
    called: 'by merchants at any time, answered within 10 seconds; providers push what changed on their side',
    timers: [
      { name: 'watch', when: { everyMinutes: 1 } },
      { name: 'sweep', when: { everyMinutes: 5 } },
      { name: 'reconcile', when: { dailyAt: '04:30', timeZone: 'Europe/London' } },
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
      first: 'payments stray',
    },
    {
      name: 'DuplicateMoney',
      above: 0,
      says: 'a payer was charged twice at a provider: refund one of the two today',
      first: 'payments stray',
    },
  ],
  accounts: used.map(({ account }) => account),
  hooks: Object.fromEntries(used.map((provider) => [hookOf(provider), provider.account])),
  open: (ports) => openPayments(ports, usualSite),
});
