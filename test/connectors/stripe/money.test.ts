import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CURRENCIES, fromStripe, objection, toStripe } from '../../../shared/connectors/stripe/money.ts';
import { exponentOf } from '../../../shared/values/money.ts';
import { provider, startStripe } from './world.ts';

const anyCurrency = fc.constantFrom(...CURRENCIES);
const anyMinor = fc.integer({ min: -999_999_999, max: 999_999_999 });

describe('minor units', () => {
  test('every currency is one of ISO 4217', () => {
    expect([...CURRENCIES].filter((code) => exponentOf(code) === undefined)).toEqual([]);
  });

  test('what goes to Stripe comes back the same', () => {
    fc.assert(
      fc.property(anyCurrency, anyMinor, (currency, minor) => {
        const units = toStripe({ minor, currency });
        if (typeof units === 'string') return;
        expect(fromStripe(units, currency.toLowerCase())).toEqual({ minor, currency });
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    // One krona, one shilling, five ariary, a yen, a dinar and half, a dollar.
    [{ minor: 1, currency: 'ISK' }, 100],
    [{ minor: 5, currency: 'UGX' }, 500],
    [{ minor: 500, currency: 'MGA' }, 5],
    [{ minor: 500, currency: 'JPY' }, 500],
    [{ minor: 1_500, currency: 'KWD' }, 1_500],
    [{ minor: 100, currency: 'USD' }, 100],
    [{ minor: 1_045, currency: 'HUF' }, 1_045],
  ])('%j is %i', (amount, units) => {
    expect(toStripe(amount)).toBe(units);
  });

  test.each([
    [{ minor: 505, currency: 'MGA' }, /whole MGA/],
    [{ minor: 5_124, currency: 'KWD' }, /last of the three decimals of KWD/],
    [{ minor: 49, currency: 'USD' }, /at least 50/],
    [{ minor: 17_499, currency: 'HUF' }, /at least 17500/],
    [{ minor: 1_000_000_000_000, currency: 'USD' }, /twelve digits/],
    [{ minor: 100, currency: 'BTC' }, /charges no BTC/],
    [{ minor: 1.5, currency: 'USD' }, /whole number/],
  ])('%j is objected to', (amount, words) => {
    expect(objection(amount)).toMatch(words);
  });

  test('an amount of Stripe that is no whole krona is not believed', () => {
    expect(fromStripe(150, 'isk')).toBeUndefined();
  });
});

test('the sandbox takes every currency as it is sent', async () => {
  await using stripe = await startStripe();
  for (const currency of CURRENCIES) {
    const amount = { minor: 1_000_000, currency };
    const sent = await provider.prepare?.(stripe.session(), {
      ...{ key: `key-${currency}`, reference: currency, instrument: 'pm_card_visa', amount },
    });
    expect(sent).toMatchObject({ kind: 'answered', shown: { amount } });
  }
});

test.each([
  ['isk', '150'],
  ['ugx', '150'],
  ['kwd', '5124'],
])('the sandbox refuses what Stripe refuses: %s %s', async (currency, amount) => {
  await using stripe = await startStripe();
  const asked = stripe.sdk().paymentIntents.create({ amount: Number(amount), currency });
  await expect(asked).rejects.toMatchObject({ statusCode: 400, param: 'amount' });
});
