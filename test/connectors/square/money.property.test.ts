import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CURRENCIES, fromSquare, objection, toSquare } from '../../../shared/connectors/square/money.ts';
import { currencies, exponentOf } from '../../../shared/values/money.ts';

const minor = fc.integer({ min: 1, max: 9_999_999_999 });

test.each([...CURRENCIES])('every amount of %s comes back as it went', (currency) => {
  fc.assert(
    fc.property(minor, (units) => {
      const amount = { minor: units, currency };
      expect(objection(amount)).toBeUndefined();
      const money = toSquare(amount);
      expect(typeof money === 'string' ? money : fromSquare(money)).toEqual(amount);
    }),
  );
});

test('yen are whole, and all others have two decimals: what Square calls its smallest unit', () => {
  const decimals = Object.fromEntries([...CURRENCIES].map((each) => [each, exponentOf(each)]));
  expect(decimals).toEqual({ AUD: 2, CAD: 2, EUR: 2, GBP: 2, JPY: 0, USD: 2 });
  expect(toSquare({ minor: 1_500, currency: 'JPY' })).toEqual({ amount: 1_500, currency: 'JPY' });
});

test.each(currencies.filter((each) => !CURRENCIES.has(each)))('%s is objected to', (currency) => {
  expect(objection({ minor: 1_000, currency })).toContain(currency);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 53, 10_000_000_000])('%d is objected to', (units) => {
  expect(objection({ minor: units, currency: 'USD' })).toMatch(/^the amount/);
});

test.each([
  [{ amount: 1.5, currency: 'USD' }],
  [{ amount: 2 ** 53, currency: 'USD' }],
  [{ amount: 1, currency: 'usd' }],
  [{ amount: 1, currency: '' }],
])('%o is no amount', (money) => {
  expect(fromSquare(money)).toBeUndefined();
});
