import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clearedFields,
  differingFields,
  type Fields,
  hashFields,
  pickFields,
} from '../../shared/engine/fields.ts';

const name = fc.stringMatching(/^[a-z_]{1,6}$/);
const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(''));
const fields: fc.Arbitrary<Fields> = fc.dictionary(name, value, { maxKeys: 8 });

describe('hashFields', () => {
  test.each<[string, Fields, Fields]>([
    ['a value', { a: 1 }, { a: 2 }],
    ['a type', { a: 1 }, { a: '1' }],
    ['a name', { a: 1 }, { b: 1 }],
    ['a clearing', { a: null }, {}],
    ['where a value ends', { a: 'x', b: 'y' }, { a: 'x","b":"y' }],
  ])('sees %s', (_what, one, other) => {
    expect(hashFields(one)).not.toBe(hashFields(other));
  });

  test('does not see the order of the names', () => {
    fc.assert(
      fc.property(fields, (some) => {
        expect(hashFields(Object.fromEntries(Object.entries(some).reverse()))).toBe(hashFields(some));
        expect(hashFields(some)).toHaveLength(22);
      }),
    );
  });
});

describe('differingFields', () => {
  test.each<[string, Fields, Fields, string[]]>([
    ['equal', { a: 1 }, { a: 1 }, []],
    ['changed', { a: 1, b: 2 }, { a: 1, b: 3 }, ['b']],
    ['not ours', { a: 1, theirs: 9 }, { a: 1 }, []],
    ['absent and cleared are the same', {}, { a: null }, []],
    ['empty and cleared are the same', { a: '' }, { a: null }, []],
    ['absent and empty are the same', {}, { a: '' }, []],
    ['zero is a value', { a: 0 }, { a: null }, ['a']],
    ['false is a value', { a: false }, { a: null }, ['a']],
    ['a type is a difference', { a: 1 }, { a: '1' }, ['a']],
  ])('%s', (_what, current, desired, names) => {
    expect(differingFields(current, desired)).toEqual(names);
  });

  test('writing the difference leaves none, and writes nothing that is not ours', () => {
    fc.assert(
      fc.property(fields, fields, (current, desired) => {
        const names = differingFields(current, desired);
        const written = { ...current, ...pickFields(desired, names) };
        expect(differingFields(written, desired)).toEqual([]);
        expect(differingFields(current, current)).toEqual([]);
        for (const each of names) expect(Object.keys(desired)).toContain(each);
      }),
    );
  });
});

describe('pickFields', () => {
  test('takes the named ones, an absent one as cleared', () => {
    expect(pickFields({ a: 1, b: false }, ['b', 'c'])).toEqual({ b: false, c: null });
  });
});

describe('clearedFields', () => {
  test.each<[string, Fields, Fields, string[]]>([
    ['emptied', { a: 'x', b: 'y' }, { a: null, b: '' }, ['a', 'b']],
    ['replaced', { a: 'x' }, { a: 'z' }, []],
    ['already empty', { a: '' }, { a: null }, []],
    ['zero is not empty', { a: 1 }, { a: 0 }, []],
    ['not ours', { theirs: 'x' }, {}, []],
  ])('%s', (_what, current, desired, names) => {
    expect(clearedFields(current, desired)).toEqual(names);
  });

  test('are differences, and all of them when everything is cleared', () => {
    fc.assert(
      fc.property(fields, fields, (current, desired) => {
        const differing = differingFields(current, desired);
        for (const each of clearedFields(current, desired)) expect(differing).toContain(each);
        const nothing = Object.fromEntries(Object.keys(current).map((each) => [each, null]));
        expect(clearedFields(current, nothing)).toEqual(differingFields(current, nothing));
      }),
    );
  });
});
