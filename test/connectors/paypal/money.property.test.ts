import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CURRENCIES, fromPaypal, objection, toPaypal } from '../../../shared/connectors/paypal/money.ts';
import { MoneyBody, moneyOf, shownMoney } from '../../../shared/connectors/paypal/sandbox-money.ts';
import { currencies } from '../../../shared/values/money.ts';

const amounts = fc.record({
  currency: fc.constantFrom(...CURRENCIES),
  minor: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 99_999_999_900 })),
});

test('every amount of every currency that PayPal takes comes back as it went', () => {
  fc.assert(
    fc.property(amounts, (amount) => {
      if (objection(amount) !== undefined) return;
      expect(fromPaypal(toPaypal(amount))).toEqual(amount);
    }),
  );
});

test('the sandbox, which converts by itself, reads and writes the same text', () => {
  fc.assert(
    fc.property(amounts, (amount) => {
      if (objection(amount) !== undefined) return;
      const wire = toPaypal(amount);
      expect(shownMoney(moneyOf(MoneyBody.parse(wire), '/amount'))).toEqual(wire);
    }),
  );
});

test.each([
  [{ minor: 4_200, currency: 'EUR' }, '42.00'],
  [{ minor: 5, currency: 'USD' }, '0.05'],
  [{ minor: 4_200, currency: 'JPY' }, '4200'],
  // ISO 4217 gives these two decimals, PayPal none.
  [{ minor: 420_000, currency: 'HUF' }, '4200'],
  [{ minor: 100, currency: 'TWD' }, '1'],
])('%j is written %s', (amount, value) => {
  expect(toPaypal(amount)).toEqual({ currency_code: amount.currency, value });
});

test('every ISO currency is either taken or objected to, and none by a crash', () => {
  for (const currency of currencies) {
    const problem = objection({ minor: 100_000, currency });
    expect(problem === undefined).toBe(CURRENCIES.has(currency));
  }
});

test.each([
  [{ minor: 4_250, currency: 'HUF' }],
  [{ minor: 1, currency: 'TWD' }],
  [{ minor: 0, currency: 'EUR' }],
  [{ minor: 1.5, currency: 'EUR' }],
  [{ minor: 100_000, currency: 'KWD' }],
])('%j is objected to, and never written', (amount) => {
  expect(objection(amount)).toMatch(/\w+ \w+/);
  expect(() => toPaypal(amount)).toThrow();
});

test.each([
  ['EUR', '42', 4_200],
  ['EUR', '42.5', 4_250],
  ['EUR', '42.500', 4_250],
  ['EUR', '-42.50', -4_250],
  ['EUR', '.50', 50],
  ['JPY', '42.00', 42],
  ['HUF', '42', 4_200],
])('%s %s is read', (currency_code, value, minor) => {
  expect(fromPaypal({ currency_code, value })).toEqual({ minor, currency: currency_code });
});

test('what is no exact amount is not read', () => {
  for (const value of ['', '-', '1.005', '1e3', 'NaN', '1,00', '9999999999999999', ' 1'])
    expect(fromPaypal({ currency_code: 'EUR', value })).toBeUndefined();
  expect(fromPaypal({ currency_code: 'XXX', value: '1' })).toBeUndefined();
  fc.assert(
    fc.property(fc.string(), (value) => {
      const amount = fromPaypal({ currency_code: 'EUR', value });
      expect(amount === undefined || Number.isSafeInteger(amount.minor)).toBe(true);
    }),
  );
});
