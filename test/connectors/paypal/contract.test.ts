import { connector } from '../../../shared/connectors/paypal/index.ts';
import { OrderSchema } from '../../../shared/connectors/paypal/schema.ts';
import { describeConnector } from '../contract.ts';
import { type Books, describePaymentProvider, orFault } from '../payment-contract.ts';
import { provider, startPaypal } from './world.ts';

const HOUR = 3_600_000;

const charge = {
  key: 'it_contract',
  reference: 'contract',
  amount: { minor: 5_000, currency: 'USD' },
  instrument: 'card:ok-visa',
};

let known = '';
describeConnector({
  name: 'paypal',
  connector,
  start: async () => {
    const paypal = await startPaypal();
    known = paypal.sandbox.edit({ record: 'payment', set: { amount: 1_000, currency: 'USD' } });
    return paypal;
  },
  wrongCredentials: (secret) => ({ ...secret, clientSecret: 'not-the-secret' }),
  read: (session) => provider.read(session, known),
  write: async (session) => {
    const sent = await provider.prepare?.(session, charge);
    return sent && orFault('paypal', sent);
  },
  removedField: 'status',
});

describePaymentProvider({
  name: 'paypal',
  provider,
  start: (now) => startPaypal({ now }),
  instruments: {
    good: 'card:ok-visa',
    hard: 'card:lost_or_stolen',
    soft: 'card:insufficient_funds',
    unknown: 'pm_no_such_card',
  },
  // Dollars have cents at PayPal too.
  books: ({ sandbox }, reference) => sandbox.peek('books', reference) as unknown as Books,
  refundsFailAfter: HOUR,
  lateAfter: 30_000,
  settlementLag: 4 * HOUR,
  findLag: 3 * HOUR + 120_000,
  settlesByReference: true,
  disputes: {
    open: ({ sandbox }, id) => {
      const order = OrderSchema.parse(sandbox.peek('order', id));
      const capture = order.purchase_units[0].payments?.captures?.[0]?.id ?? '';
      return sandbox.edit({ record: 'capture', id: capture, set: { disputed: true } });
    },
    close: ({ sandbox }, id, won) => void sandbox.edit({ record: 'dispute', id, set: { won } }),
  },
  webhookTimed: true,
  webhookStale: 74 * HOUR,
});
