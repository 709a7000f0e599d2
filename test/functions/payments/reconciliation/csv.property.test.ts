import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvOf } from '../../../../functions/payments/reconciliation/csv.ts';
import { ROW_KINDS, type Row } from '../../../../functions/payments/reconciliation/report.ts';
import { parseMoney } from '../../../../shared/values/money.ts';

const row = fc.record<Row>(
  {
    kind: fc.constantFrom(...ROW_KINDS),
    of: fc.constantFrom('charge', 'refund', 'payout'),
    at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    currency: fc.constantFrom('USD', 'JPY', 'KWD'),
    expected: fc.maxSafeInteger(),
    gross: fc.maxSafeInteger(),
    fee: fc.maxSafeInteger(),
    net: fc.maxSafeInteger(),
    reference: fc.string({ unit: 'binary-ascii' }),
    says: fc.string({ unit: 'grapheme' }),
    payment: fc.string(),
  },
  { requiredKeys: ['kind', 'of', 'at', 'currency'] },
);

/** By the letter of RFC 4180, written apart from what it checks. */
function read(text: string): string[][] {
  const lines: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const cells: string[] = [];
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
          cell += text[at];
          if (text[at] === '"') at += 1;
        }
        at += 1;
      } else {
        const end = /[,\r]/.exec(text.slice(at))?.index ?? 0;
        cell = text.slice(at, at + end);
        at += end;
      }
      cells.push(cell);
      if (text[at] !== ',') break;
      at += 1;
    }
    expect(text.slice(at, at + 2)).toBe('\r\n');
    at += 2;
    lines.push(cells);
  }
  return lines;
}

test('every cell is read back as it was, and amounts to the last unit', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (lines) => {
      const [names = [], ...cells] = read(csvOf({ lines }));
      expect(cells).toHaveLength(lines.length);
      for (const [n, line] of lines.entries()) {
        const cell = (name: string) => cells[n]?.[names.indexOf(name)] ?? '';
        for (const name of ['expected', 'gross', 'fee', 'net'] as const) {
          const minor = line[name];
          if (minor === undefined) expect(cell(name)).toBe('');
          else expect(parseMoney(cell(name), line.currency)).toMatchObject({ value: { minor } });
        }
        for (const name of ['reference', 'says', 'payment'] as const)
          expect(cell(name).replace(/^'(?=[=+\-@\t\r])/, '')).toBe(line[name] ?? '');
      }
    }),
  );
});

test('no text begins a formula in a spreadsheet', () => {
  const line: Row = { kind: 'matched', of: 'charge', at: 0, currency: 'USD', gross: -5, reference: '=1+1' };
  const [, cells] = read(csvOf({ lines: [{ ...line, payment: '@x', says: '+y', about: '-z' }] }));
  expect(cells?.filter((each) => /^[=+@\t\r-]/.test(each))).toEqual(['-0.05']);
});
