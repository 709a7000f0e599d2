import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCountry } from '../../shared/values/country.ts';

test.each([
  ['USA', 'US'],
  ['U.S.A.', 'US'],
  ['United States', 'US'],
  ['us', 'US'],
  ['United Kingdom', 'GB'],
  ['England', 'GB'],
  ["Côte d'Ivoire", 'CI'],
  ['Cote d’Ivoire', 'CI'],
  ['Türkiye', 'TR'],
  ['Turkey', 'TR'],
  ['Korea, South', 'KR'],
  ['St. Lucia', 'LC'],
  ['Saint Lucia', 'LC'],
  ['Trinidad and Tobago', 'TT'],
  ['  new   ZEALAND ', 'NZ'],
  ['Hong Kong', 'HK'],
])('%j is %s', (text, value) => {
  expect(parseCountry(text)).toEqual({ ok: true, value });
});

test.each([
  ['', 'is empty'],
  [' - ', 'is empty'],
  ['Narnia', 'is not a country that ISO 3166-1 knows'],
  ['EU', 'is not a country that ISO 3166-1 knows'],
  ['constructor', 'is not a country that ISO 3166-1 knows'],
])('refuses %j', (text, because) => {
  expect(parseCountry(text)).toEqual({ ok: false, because });
});

test('every code it gives, and the English name of that code, lead back to it', () => {
  const english = new Intl.DisplayNames('en', { type: 'region' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((a) => letters.map((b) => a + b)).filter((code) => parseCountry(code).ok);
  // Two letters of daily use are not ISO codes themselves: UK.
  const official = codes.filter((code) => code !== 'UK');
  expect(official).toHaveLength(249);
  for (const code of official) {
    expect(parseCountry(code)).toEqual({ ok: true, value: code });
    expect(parseCountry(english.of(code) ?? '')).toEqual({ ok: true, value: code });
  }
});

test('never throws, and gives nothing but two capital letters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const country = parseCountry(text);
      expect(country.ok ? country.value : 'GB').toMatch(/^[A-Z]{2}$/);
    }),
  );
});
