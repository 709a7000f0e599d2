import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJson } from '../../../../functions/payments/api/strict-json.ts';

test('whatever JSON writes is read as JSON reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      expect(readJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\a1') }), (text) => {
      expect(readJson(text)).toHaveProperty('ok');
    }),
  );
});

test('a key that is there twice is found at any depth, and named', () => {
  const place = fc.array(fc.constantFrom('a', 'b', 'list'), { maxLength: 4 });
  fc.assert(
    fc.property(place, fc.string(), fc.jsonValue({ maxDepth: 2 }), (path, key, value) => {
      const name = JSON.stringify(key);
      const inner = JSON.stringify(value);
      const twice = `{${name}:${inner},"z${key.length}_":[{"q":1},{"q":2}],${name}:${inner}}`;
      const text = path.reduceRight(
        (body, step) => (step === 'list' ? `[${body}]` : `{"${step}":${body}}`),
        twice,
      );
      const expected = [...path.map((step) => (step === 'list' ? '0' : step)), key].join('.');
      expect(readJson(text)).toMatchObject({ ok: false, field: expected, because: 'it is there twice' });
    }),
  );
});
