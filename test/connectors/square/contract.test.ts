import { connector } from '../../../shared/connectors/square/index.ts';
import { describeConnector } from '../contract.ts';
import { type Books, describePaymentProvider, orFault, PAYMENT_START } from '../payment-contract.ts';
import { provider, startSquare } from './world.ts';

const HOUR = 3_600_000;

const charge = {
  key: 'it_contract',
  reference: 'contract',
  amount: { minor: 5_000, currency: 'USD' },
  instrument: 'cnon:card-nonce-ok',
};

describeConnector({
  name: 'square',
  connector,
  start: async () => {
    const square = await startSquare();
    square.sandbox.edit({ record: 'payment', set: { reference_id: 'there' } });
    square.sandbox.advance(10_000);
    return square;
  },
  wrongCredentials: (secret) => ({ ...secret, accessToken: 'not-the-token' }),
  read: (session) =>
    provider.find(session, { reference: 'there', from: PAYMENT_START - 60_000, to: PAYMENT_START + 60_000 }),
  write: async (session) => orFault('square', await provider.authorise(session, charge, undefined)),
  removedField: 'id',
});

describePaymentProvider({
  name: 'square',
  provider,
  start: (now) => startSquare({ now }),
  instruments: {
    good: 'cnon:card-nonce-ok',
    hard: 'cnon:sandbox-expired',
    soft: 'cnon:card-nonce-declined',
    unknown: 'cnon:no-such-nonce',
  },
  books: ({ sandbox }, reference) => sandbox.peek('books', reference) as unknown as Books,
  refundsFailAfter: HOUR,
  lateAfter: 30_000,
  // Its ledger shows by payouts only.
  settlementLag: 25 * HOUR,
  findLag: 6_000,
  disputes: {
    open: ({ sandbox }, id) => sandbox.edit({ record: 'dispute', set: { payment_id: id } }),
    close: ({ sandbox }, id, won) =>
      void sandbox.edit({ record: 'dispute', id, set: { state: won ? 'WON' : 'LOST' } }),
  },
  webhookTimed: false,
});
