import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { characters, cleanText, textOrNull } from '../../shared/values/name.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

describe('cleanText', () => {
  test.each([
    ['  Anna   Maria ', 'Anna Maria'],
    ['Jose\u0301', 'José'],
    ['Line\r\none\ttwo', 'Line one two'],
    ['nul\u0000l', 'null'],
    ['\ufeffBOM', 'BOM'],
    ['\u202eevil\u202c', 'evil'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['林 雅子', '林 雅子'],
    ['half \ud83d', 'half'],
    ['O’Neill-Ó', 'O’Neill-Ó'],
  ])('%j becomes %j', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  test('is idempotent, well formed, one line, and adds nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = cleanText(text);
        expect(cleanText(clean)).toBe(clean);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).not.toMatch(/[\r\n\t]|^\s|\s$|\s\s/u);
      }),
    );
  });

  test('keeps every letter and digit: it never shortens', () => {
    const visible = (text: string) => text.normalize('NFC').replaceAll(/[^\p{L}\p{N}]/gu, '');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'É', 'ß', '林', 'я', ' ', '\n', '7') }), (text) => {
        expect(visible(cleanText(text))).toBe(visible(text));
      }),
    );
  });
});

test('textOrNull has no blank text', () => {
  expect([textOrNull(undefined), textOrNull(null), textOrNull(' \u200b\n')]).toEqual([null, null, null]);
  expect(textOrNull(' x ')).toBe('x');
});

test('characters counts what people count, not UTF-16 units', () => {
  expect(characters('𠮷野家')).toBe(3);
  expect(characters('abc')).toBe(3);
  expect(characters('')).toBe(0);
});
