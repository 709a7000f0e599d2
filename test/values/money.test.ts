import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currencies, exponentOf, formatMoney, parseMoney, splitMoney } from '../../shared/values/money.ts';

const currency = fc.constantFrom(...currencies);
const money = fc.record({ minor: fc.maxSafeInteger(), currency });

describe('exponents', () => {
  test.each([
    ['EUR', 2],
    ['JPY', 0],
    ['ISK', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['HUF', 2],
    ['MGA', 2],
    ['MRU', 2],
  ])('%s has %i decimals', (code, decimals) => expect(exponentOf(code)).toBe(decimals));

  test.each(['', 'eur', 'XXX', 'constructor', 'EURO'])('"%s" is no currency', (code) => {
    expect(exponentOf(code)).toBeUndefined();
    expect(parseMoney('1', code).ok).toBe(false);
  });

  test('every currency has decimals that are a small whole number', () => {
    expect(currencies.length).toBeGreaterThan(150);
    for (const code of currencies) expect([0, 2, 3, 4]).toContain(exponentOf(code));
  });
});

describe('text', () => {
  test.each([
    ['19.99', 'EUR', 1999],
    ['19.9', 'EUR', 1990],
    ['19', 'EUR', 1900],
    ['-0.05', 'EUR', -5],
    ['-0', 'EUR', 0],
    ['500', 'JPY', 500],
    ['5.124', 'KWD', 5124],
    ['90071992547409.91', 'EUR', Number.MAX_SAFE_INTEGER],
  ])('%s %s', (text, code, minor) => {
    expect(parseMoney(text, code)).toEqual({ ok: true, value: { minor, currency: code } });
  });

  test.each([
    ['19.999', 'EUR', /more than the 2 decimals/],
    ['19.990', 'EUR', /more than the 2 decimals/],
    ['1.0', 'JPY', /more than the 0 decimals/],
    ['90071992547409.92', 'EUR', /too large/],
    ['1e3', 'EUR', /not a decimal/],
    ['1,50', 'EUR', /not a decimal/],
    ['.5', 'EUR', /not a decimal/],
    ['5.', 'EUR', /not a decimal/],
    [' 5', 'EUR', /not a decimal/],
    ['+5', 'EUR', /not a decimal/],
    ['٥', 'EUR', /not a decimal/],
    ['5', 'EURO', /not in ISO 4217/],
  ])('%s %s is refused', (text, code, because) => {
    expect(parseMoney(text, code)).toEqual({ ok: false, because: expect.stringMatching(because) });
  });

  test('what is written is read back, for every currency', () => {
    fc.assert(
      fc.property(money, (amount) => {
        expect(parseMoney(formatMoney(amount), amount.currency)).toEqual({
          ok: true,
          value: { ...amount, minor: amount.minor === 0 ? 0 : amount.minor },
        });
      }),
    );
  });

  test('no text makes it throw, and what it accepts is a whole number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^-?\d+\.?\d*$/)), currency, (text, code) => {
        const read = parseMoney(text, code);
        expect(!read.ok || Number.isSafeInteger(read.value.minor)).toBe(true);
      }),
    );
  });

  test('an amount that is no whole number is a defect', () => {
    expect(() => formatMoney({ minor: 0.5, currency: 'EUR' })).toThrow(/whole number/);
    expect(() => formatMoney({ minor: 5, currency: 'eur' })).toThrow(/not a currency/);
  });
});

describe('split', () => {
  const weights = fc
    .array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 12 })
    .filter((all) => all.some((weight) => weight > 0));

  test.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [5, [3, 7], [2, 3]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [10, [0, 1], [0, 10]],
    [1, [1, 1], [1, 0]],
  ])('%i by %j', (minor, by, expected) => {
    expect(splitMoney({ minor, currency: 'EUR' }, by).map((part) => part.minor)).toEqual(
      expected.map((part) => expect.closeTo(part, 0)),
    );
  });

  test('the parts add up exactly, and none is a whole unit away from its share', () => {
    fc.assert(
      fc.property(money, weights, (amount, by) => {
        const parts = splitMoney(amount, by);
        const total = by.reduce((sum, weight) => sum + BigInt(weight), 0n);
        expect(parts.reduce((sum, part) => sum + BigInt(part.minor), 0n)).toBe(BigInt(amount.minor));
        for (const [at, part] of parts.entries()) {
          const off = BigInt(part.minor) * total - BigInt(amount.minor) * BigInt(by[at] ?? 0);
          expect(off < total && off > -total).toBe(true);
        }
      }),
    );
  });

  test('weights that say nothing are a defect', () => {
    expect(() => splitMoney({ minor: 1, currency: 'EUR' }, [0, 0])).toThrow(/above 0/);
    expect(() => splitMoney({ minor: 1, currency: 'EUR' }, [2, -1])).toThrow(/above 0/);
  });
});
