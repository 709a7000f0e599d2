import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsCardNumber } from '../../../../functions/payments/api/card-number.ts';

/** Digits with the check digit that makes them a card's number. */
const card = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
  .filter((digits) => digits.some((digit) => digit > 0))
  .map((digits) => {
    const sum = digits
      .toReversed()
      .map((digit, at) => (at % 2 === 0 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit))
      .reduce((total, digit) => total + digit, 0);
    return [...digits, (10 - (sum % 10)) % 10].join('');
  });

describe('a card number', () => {
  test('is found between letters, spaces and dashes', () => {
    const gap = fc.constantFrom('', ' ', '-');
    fc.assert(
      fc.property(
        card,
        gap,
        fc.constantFrom('', 'x', 'card: '),
        fc.constantFrom('', ' thanks', '.'),
        (digits, by, before, after) => {
          const grouped = digits.match(/.{1,4}/g)?.join(by) ?? '';
          expect(holdsCardNumber(`${before}${grouped}${after}`)).toBe(true);
        },
      ),
    );
  });

  test('with one digit changed is none', () => {
    fc.assert(
      fc.property(card, fc.nat(), fc.integer({ min: 1, max: 9 }), (digits, place, by) => {
        const at = place % digits.length;
        const other = (Number(digits[at]) + by) % 10;
        expect(holdsCardNumber(`${digits.slice(0, at)}${other}${digits.slice(at + 1)}`)).toBe(false);
      }),
    );
  });

  test('is not what fewer digits make, nor a UUID', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat({ max: 999_999_999_999 }), (uuid, number) => {
        expect(holdsCardNumber(`${uuid} ${number}`.replace(/ .*/, ''))).toBe(false);
        expect(holdsCardNumber(String(number))).toBe(false);
      }),
    );
  });

  test.each(['４２４２４２４２４２４２４２４２', '4242  4242  4242  4242', '4242–4242–4242–4242'])(
    '%s is one',
    (text) => {
      expect(holdsCardNumber(text)).toBe(true);
    },
  );

  test.each([
    '2026-11-24T12:00:00.000Z',
    '0000000000000000',
    'order 12345 of 2026',
    'pm_1N2x3y4z5A6b7C8d9E0f',
  ])('%s is none', (text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });
});
