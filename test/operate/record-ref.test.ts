import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRecordRef, recordPath } from '../../shared/operate/record-ref.ts';

describe('a record, as people name it', () => {
  test.each([
    { text: '5', collections: ['patron'], ref: { collection: 'patron', id: '5' } },
    { text: 'patron/5', collections: ['patron'], ref: { collection: 'patron', id: '5' } },
    { text: 'a/b', collections: ['patron'], ref: { collection: 'patron', id: 'a/b' } },
    { text: 'order/5', collections: ['order', 'refund'], ref: { collection: 'order', id: '5' } },
    { text: '5', collections: ['order', 'refund'], ref: undefined },
    { text: 'payout/5', collections: ['order', 'refund'], ref: undefined },
    { text: 'order/', collections: ['order', 'refund'], ref: undefined },
    { text: '', collections: ['patron'], ref: undefined },
    { text: '5', collections: [], ref: undefined },
  ])('"$text" of $collections', ({ text, collections, ref }) => {
    expect(parseRecordRef(text, collections)).toEqual(ref);
  });

  test('survives the way through an address, whatever its id', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (id) => {
        const ref = { collection: 'order', id };
        const path = recordPath(ref);
        expect(path).not.toMatch(/[/?#]/);
        expect(parseRecordRef(decodeURIComponent(path), ['order', 'refund'])).toEqual(ref);
      }),
    );
  });
});
