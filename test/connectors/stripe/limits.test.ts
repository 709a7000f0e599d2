import { expect, test } from 'vitest';
import { accountLimits } from '../../../shared/connectors/stripe/limits.ts';

test.each([
  [{ apiKey: 'sk_live_0123456789' }, { rate: { calls: 100, windowMs: 1_000 } }],
  [{ apiKey: 'rk_live_0123456789' }, { rate: { calls: 100, windowMs: 1_000 } }],
  [{ apiKey: 'sk_test_0123456789' }, { rate: { calls: 25, windowMs: 1_000 } }],
  [{ apiKey: 'sk_test_0123456789', callsPerSecond: 7 }, { rate: { calls: 7, windowMs: 1_000 } }],
  [{ apiKey: 'sk_test_0123456789', callsPerSecond: null }, {}],
  [{ apiKey: 'pk_live_0123456789' }, {}],
])('%j allows %j', (secret, limits) => {
  expect(accountLimits(secret)).toEqual(limits);
});
