import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseEmail, parseEmail } from '../../shared/values/email.ts';

const part = fc.stringMatching(/^[a-z0-9][a-z0-9_+-]{0,20}$/);
const address = fc
  .tuple(part, fc.stringMatching(/^[a-z0-9]{1,20}$/), fc.constantFrom('com', 'co.uk', 'museum'))
  .map(([local, host, top]) => `${local}@${host}.${top}`);

describe('parseEmail', () => {
  test.each([
    ['  Ada.Lovelace@Example.ORG ', 'ada.lovelace@example.org'],
    ["o'brien+tickets@example.co.uk", "o'brien+tickets@example.co.uk"],
    ['a@xn--mnchen-3ya.de', 'a@xn--mnchen-3ya.de'],
    ['a@example.xn--p1ai', 'a@example.xn--p1ai'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('takes %j', (text, value) => {
    expect(parseEmail(text)).toEqual({ ok: true, value });
  });

  test.each([
    ['', 'is empty'],
    [' \t\n', 'is empty'],
    ['nobody', 'has no @'],
    ['a b@example.com', 'has a blank or a character outside ASCII'],
    ['a@exa\u0000mple.com', 'has a blank or a character outside ASCII'],
    ['josé@example.com', 'has a blank or a character outside ASCII'],
    ['a@example.com, b@example.com', 'has a blank or a character outside ASCII'],
    ['a@b@example.com', 'is malformed before the @'],
    ['.a@example.com', 'is malformed before the @'],
    ['a..b@example.com', 'is malformed before the @'],
    ['"quoted"@example.com', 'is malformed before the @'],
    ['@example.com', 'is malformed before the @'],
    ['a@localhost', 'has no dot after the @'],
    ['a@-example.com', 'is malformed after the @'],
    ['a@example..com', 'is malformed after the @'],
    ['a@example.com.', 'is malformed after the @'],
    ['a@127.0.0.1', 'does not end in a top-level domain'],
    ['a@example.c', 'does not end in a top-level domain'],
    ['a@example.c0m', 'does not end in a top-level domain'],
    [`${'a'.repeat(65)}@example.com`, 'has more than 64 characters before the @'],
    [`a@${'b.'.repeat(126)}com`, 'is longer than 254 characters'],
  ])('refuses %j', (text, because) => {
    expect(parseEmail(text)).toEqual({ ok: false, because });
  });

  test('what it gives, it takes again unchanged', () => {
    fc.assert(
      fc.property(fc.oneof(address, fc.string(), fc.emailAddress()), (text) => {
        const first = parseEmail(text);
        if (first.ok) expect(parseEmail(first.value)).toEqual(first);
      }),
    );
  });

  test('takes every plain address, whatever its case and the blanks around it', () => {
    fc.assert(
      fc.property(address, (email) => {
        expect(parseEmail(`  ${email.toUpperCase()}\n`)).toEqual({ ok: true, value: email });
      }),
    );
  });

  test('answers hostile input at once and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (text) => {
        expect(typeof parseEmail(text).ok).toBe('boolean');
      }),
    );
    expect(parseEmail(`${'a.'.repeat(200_000)}@x`).ok).toBe(false);
  });
});

test('normaliseEmail is idempotent for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = normaliseEmail(text);
      expect(normaliseEmail(once)).toBe(once);
    }),
  );
});
