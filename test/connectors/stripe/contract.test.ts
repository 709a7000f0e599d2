import { connector } from '../../../shared/connectors/stripe/index.ts';
import { describeConnector } from '../contract.ts';
import { type Books, describePaymentProvider, orFault, PAYMENT_START } from '../payment-contract.ts';
import { provider, startStripe } from './world.ts';

const charge = {
  key: 'it_contract',
  reference: 'contract',
  amount: { minor: 5_000, currency: 'USD' },
  instrument: 'pm_card_visa',
};

describeConnector({
  name: 'stripe',
  connector,
  start: async () => {
    const stripe = await startStripe();
    stripe.sandbox.edit({ record: 'payment_intent', set: { reference: 'there' } });
    return stripe;
  },
  wrongCredentials: (secret) => ({ ...secret, apiKey: 'sk_test_not_the_key' }),
  read: (session) =>
    provider.find(session, { reference: 'there', from: PAYMENT_START - 60_000, to: PAYMENT_START + 60_000 }),
  write: async (session) => {
    const sent = await provider.prepare?.(session, charge);
    return sent && orFault('stripe', sent);
  },
  removedField: 'id',
});

describePaymentProvider({
  name: 'stripe',
  provider,
  start: (now) => startStripe({ now }),
  instruments: {
    good: 'pm_card_visa',
    hard: 'pm_card_visa_chargeDeclinedStolenCard',
    soft: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    unknown: 'pm_no_such_card',
  },
  // Dollars are the same units at Stripe.
  books: ({ sandbox }, reference) => sandbox.peek('books', reference) as unknown as Books,
  refundsFailAfter: 3_600_000,
  lateAfter: 30_000,
  disputes: {
    open: ({ sandbox }, id) => sandbox.edit({ record: 'dispute', set: { payment_intent: id } }),
    close: ({ sandbox }, id, won) =>
      void sandbox.edit({ record: 'dispute', id, set: { status: won ? 'won' : 'lost' } }),
  },
  webhookTimed: true,
});
