import { expect, test } from 'vitest';
import { accountLimits, paypalAccount } from '../../../shared/connectors/paypal/limits.ts';

const secret = { clientId: 'client-id-1', clientSecret: 'client-secret-1' };

test.each([
  [{ ...secret, callsPerSecond: 20 }, { rate: { calls: 20, windowMs: 1_000 } }],
  [{ ...secret, callsPerSecond: null }, {}],
  [secret, {}],
  // What does not fit fails elsewhere, with its field.
  [{ callsPerSecond: 20 }, {}],
  [undefined, {}],
])('%j allows %j', (given, limits) => {
  expect(accountLimits(given)).toEqual(limits);
});

test('an account is named by vendor and name', () => {
  expect(paypalAccount('north')).toMatchObject({ vendor: 'paypal', name: 'north' });
});
