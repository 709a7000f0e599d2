import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { membersIn, membersText } from '../../../shared/connectors/hubspot/members-text.ts';

const word = fc.stringMatching(/^[A-Za-z0-9äöü]([A-Za-z0-9äöü &/-]{0,20}[A-Za-z0-9äöü])?$/);
const members = fc.map(word, fc.uniqueArray(word, { maxLength: 4 }), { maxKeys: 6 });

describe('members as text', () => {
  test('is sorted, with and without labels', () => {
    const household = new Map([
      ['1002', []],
      ['1001', ['Household member', 'A1']],
    ]);
    expect(membersText(household)).toBe('1001:A1+Household member;1002');
  });

  test('says nothing about nobody', () => {
    expect(membersText(new Map())).toBeNull();
    expect(membersIn('')).toEqual(new Map());
  });

  test('reads back as it was, in whatever order it was put together', () => {
    fc.assert(
      fc.property(members, (all) => {
        const sorted = new Map([...all].map(([ref, labels]) => [ref, [...labels].sort()]));
        const text = membersText(all) ?? '';
        expect(membersIn(text)).toEqual(sorted);
        expect(membersText(new Map([...all].reverse())) ?? '').toBe(text);
      }),
    );
  });

  test.each(['a;b', 'a:b', 'a+b', '', ' a'])('refuses the word %j', (bad) => {
    expect(() => membersText(new Map([['1', [bad]]]))).toThrow('; : +');
    expect(() => membersText(new Map([[bad, []]]))).toThrow('; : +');
  });

  test.each(['1:a:b', '1;1', '1: a', '1:a+', ':a'])('%j is none', (text) => {
    expect(membersIn(text)).toBeUndefined();
  });
});
