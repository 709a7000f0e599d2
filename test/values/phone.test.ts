import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePhone } from '../../shared/values/phone.ts';

test.each([
  ['020 7946 0000', 'GB', '+442079460000'],
  ['+44 (0)20 7946 0000', 'US', '+442079460000'],
  ['0044 20 7946 0000', 'GB', '+442079460000'],
  ['(212) 736-5000', 'US', '+12127365000'],
  ['212-736-5000 x 123', 'US', '+12127365000'],
  ['+81 3-3541-3131', 'GB', '+81335413131'],
  ['+1 212 736 5000', 'not a country', '+12127365000'],
])('%j dialled in %s is %s', (text, country, value) => {
  expect(parsePhone(text, country)).toEqual({ ok: true, value });
});

test.each([
  ['', 'GB', 'is empty'],
  ['ask for Bob', 'GB', 'is not a phone number'],
  ['1', 'GB', 'is not a phone number'],
  ['12', 'GB', 'is not a number in use in its country'],
  ['0000000000', 'US', 'is not a number in use in its country'],
  ['020 7946 0000', 'XX', 'is not a phone number'],
  ['1'.repeat(61), 'GB', 'is too long for a phone number'],
])('refuses %j in %s', (text, country, because) => {
  expect(parsePhone(text, country)).toEqual({ ok: false, because });
});

test('the E.164 form means the same everywhere', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^(\+|00|0)?[1-9][0-9 ()-]{5,18}$/),
      fc.constantFrom('GB', 'US', 'DE'),
      (text, home) => {
        const first = parsePhone(text, home);
        fc.pre(first.ok);
        if (!first.ok) return;
        expect(first.value).toMatch(/^\+[1-9]\d{4,14}$/);
        expect(parsePhone(first.value, 'FR')).toEqual(first);
      },
    ),
  );
});

test('never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, country) => {
      expect(typeof parsePhone(text, country).ok).toBe('boolean');
    }),
  );
});
