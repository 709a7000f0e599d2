import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldValue } from '../../shared/engine/fields.ts';
import { mergeSides } from '../../shared/engine/merge.ts';
import type { FieldRule, OpenItem, Policy } from '../../shared/engine/pair.ts';
import {
  aCase,
  agreedOn,
  type Case,
  carriedOut,
  consents,
  editsSince,
  exchanged,
  FIELD,
  rule,
  sets,
  shows,
  told,
  version,
  words,
} from './pairs.ts';

const NOW = 1_800_000_000_000;

const merge = (policy: Policy, of: Case, first?: FieldRule['first']) =>
  mergeSides(rule(policy, first), of.sides, of.state, NOW);

const resultOf = (policy: Policy, of: Case, first?: FieldRule['first']) =>
  merge(policy, of, first).fields[FIELD];

const DOMAIN: Record<Policy, fc.Arbitrary<FieldValue>> = {
  right: words,
  'left-wins': words,
  latest: words,
  'fill-if-empty': words,
  union: sets,
  'deny-wins': consents,
};
const POLICIES: readonly Policy[] = ['right', 'left-wins', 'latest', 'fill-if-empty', 'union', 'deny-wins'];

/** What a side has written itself since the pair last agreed. */
describe.each(POLICIES)('under the policy %s', (policy) => {
  const anyCase = aCase(DOMAIN[policy], { tells: fc.boolean() });

  test('what has been carried out is merged to the same again, with nothing to decide and nothing overruled', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const merged = merge(policy, one);
        if (merged.held.length > 0) return;
        const two = carriedOut(one, merged, NOW + 1);
        const again = mergeSides(rule(policy), two.sides, two.state, NOW + 2);
        expect(again.fields).toEqual(merged.fields);
        expect(again.held).toEqual([]);
        expect(again.overruled).toEqual([]);
        expect(again.items).toEqual(merged.items);
        const three = carriedOut(two, again, NOW + 3);
        expect(three.sides).toEqual(two.sides);
        expect(three.state.base).toEqual(two.state.base);
      }),
    );
  });

  test('a field is either merged or held, and what is held has an item', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { fields, held, items } = merge(policy, one);
        expect([...held, ...Object.keys(fields)]).toEqual([FIELD]);
        for (const name of held) expect(items).toContainEqual(expect.objectContaining({ field: name }));
      }),
    );
  });

  test('a held field stays held, with the same item, until something changes', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const merged = merge(policy, one);
        if (merged.held.length === 0) return;
        const state = { ...one.state, items: [...merged.items] };
        const again = mergeSides(rule(policy), one.sides, state, NOW + 5);
        expect(again).toEqual(merged);
      }),
    );
  });

  test('no value comes from nowhere', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { fields } = merge(policy, one);
        if (!Object.hasOwn(fields, FIELD) || policy === 'union') return;
        const known = [
          null,
          one.state.base?.[FIELD],
          ...Object.values(one.sides).flatMap(({ values, history }) => [
            values[FIELD],
            ...(history?.[FIELD] ?? []).map(({ value }) => value),
          ]),
        ];
        expect(known).toContain(fields[FIELD]);
      }),
    );
  });
});

describe.each(['latest', 'union', 'deny-wins'] as const)('%s', (policy) => {
  test('does not care which side is which, once they have met', () => {
    fc.assert(
      fc.property(aCase(DOMAIN[policy], { met: true, tells: fc.boolean() }), (one) => {
        const [here, there] = [merge(policy, one), merge(policy, exchanged(one))];
        expect(there.fields).toEqual(here.fields);
        expect(there.held).toEqual(here.held);
        expect(there.deniedAt).toEqual(here.deniedAt);
      }),
    );
  });
});

describe.each(['latest', 'left-wins'] as const)('%s', (policy) => {
  const met = aCase(words, { met: true, least: 1 });

  test('without an edit on either side the base holds; a lone edit wins, also where our write has covered it', () => {
    fc.assert(
      fc.property(met, (one) => {
        const edits = { left: editsSince(one, 'left'), right: editsSince(one, 'right') };
        const newest = [edits.left.at(-1), edits.right.at(-1)].filter((edit) => edit !== undefined);
        if (newest.length === 0) expect(resultOf(policy, one)).toBe(one.state.base?.[FIELD]);
        if (newest.length === 1) expect(resultOf(policy, one)).toBe(newest[0]?.value);
      }),
    );
  });
});

describe('latest', () => {
  test('of two edits the newer one wins, and close ones are for a person', () => {
    fc.assert(
      fc.property(aCase(words, { met: true }), (one) => {
        const [left, right] = [editsSince(one, 'left').at(-1), editsSince(one, 'right').at(-1)];
        if (!left || !right) return;
        const merged = merge('latest', one);
        if (left.value === right.value) expect(merged.fields[FIELD]).toBe(left.value);
        else if (Math.abs(left.at - right.at) <= 20_000) expect(merged.held).toEqual([FIELD]);
        else expect(merged.fields[FIELD]).toBe(left.at > right.at ? left.value : right.value);
      }),
    );
  });

  test('the value that lost is kept, with the side it stood on', () => {
    const sides = {
      left: told(version('a', 0), version('b', 100)),
      right: told(version('a', 0), version('c', 200)),
    };
    const merged = merge('latest', { sides, state: agreedOn('a', sides, { left: 1, right: 1 }) });
    expect(merged.fields).toEqual({ [FIELD]: 'c' });
    expect(merged.overruled).toEqual([{ at: NOW, field: FIELD, side: 'left', value: 'b' }]);
  });

  test('where nobody tells, what is neither agreed nor planned is an edit', () => {
    const state = { base: { [FIELD]: 'a' }, plans: [{ [FIELD]: 'b' }], seen: { left: {}, right: {} } };
    const of = (left: FieldValue, right: FieldValue): Case => ({
      sides: { left: shows(left), right: shows(right) },
      state,
    });
    expect(resultOf('latest', of('b', 'a'))).toBe('b');
    expect(resultOf('latest', of('a', 'b'))).toBe('b');
    expect(resultOf('latest', of('a', 'a'))).toBe('a');
    expect(resultOf('latest', of('b', 'c'))).toBe('c');
    expect(resultOf('latest', of('c', 'b'))).toBe('c');
    expect(merge('latest', of('c', 'd')).held).toEqual([FIELD]);
  });

  test.each<['left' | 'right', FieldValue, FieldValue, FieldValue]>([
    ['left', 'a', 'b', 'a'],
    ['right', 'a', 'b', 'b'],
    ['left', null, 'b', 'b'],
    ['right', 'a', null, 'a'],
  ])('two that meet for the first time: %s first, of %s and %s it is %s', (first, left, right, value) => {
    const sides = { left: shows(left), right: shows(right) };
    const merged = merge('latest', { sides, state: { seen: { left: {}, right: {} } } }, first);
    expect(merged.fields).toEqual({ [FIELD]: value });
    expect(merged.items).toEqual([]);
  });

  test('a pair without memory finds its own last write at the right side, and edits on both sides of it', () => {
    const forgotten = { seen: { left: {}, right: {} } };
    const right = told(version('a', 0, 'us'));
    expect(resultOf('latest', { sides: { left: shows('b'), right }, state: forgotten })).toBe('b');
    const edited = told(version('a', 0, 'us'), version('c', 9));
    expect(resultOf('latest', { sides: { left: shows('a'), right: edited }, state: forgotten })).toBe('c');
  });
});

describe('a person', () => {
  const sides = {
    left: told(version('a', 0), version('b', 100)),
    right: told(version('a', 0), version('c', 105)),
  };
  const state = agreedOn('a', sides, { left: 1, right: 1 });
  const [item] = merge('latest', { sides, state }).items;
  const decidedFor = (keep: 'left' | 'right'): Case => ({
    sides,
    state: { ...state, items: item ? [{ ...item, keep }] : [] },
  });

  test.each([
    ['left', 'b'],
    ['right', 'c'],
  ] as const)('who says %s has their way, and the item is closed', (keep, value) => {
    const merged = merge('latest', decidedFor(keep));
    expect(merged.fields).toEqual({ [FIELD]: value });
    expect(merged.held).toEqual([]);
    expect(merged.items).toEqual([]);
  });

  test.each(['left', 'right'] as const)('is asked anew when the %s value is another one by now', (side) => {
    const one = decidedFor('left');
    const moved = told(...(sides[side].history?.[FIELD] ?? []), version('d', 110));
    const merged = merge('latest', { ...one, sides: { ...one.sides, [side]: moved } });
    expect(merged.held).toEqual([FIELD]);
    expect(merged.items).toEqual([expect.objectContaining({ field: FIELD, [side]: 'd' })]);
    expect(merged.items[0]?.keep).toBeUndefined();
  });

  test('has their way also where our own write has covered the value that they were shown', () => {
    const covered = {
      left: told(...(sides.left.history?.[FIELD] ?? []), version('z', 101, 'us')),
      right: sides.right,
    };
    const [shown] = merge('latest', { sides: covered, state }).items;
    const decided = { ...state, items: shown ? [{ ...shown, keep: 'left' as const }] : [] };
    expect(merge('latest', { sides: covered, state: decided }).fields).toEqual({ [FIELD]: 'b' });
  });
});

describe('union', () => {
  const set = (value: FieldValue | undefined) => new Set(value ? String(value).split(';') : []);

  test('keeps what either side added, drops what either took away, in order', () => {
    fc.assert(
      fc.property(sets, sets, sets, (base, left, right) => {
        const sides = { left: shows(left), right: shows(right) };
        const merged = set(resultOf('union', { sides, state: agreedOn(base, sides, { left: 0, right: 0 }) }));
        for (const each of ['x', 'y', 'z']) {
          const [was, here, there] = [base, left, right].map((value) => set(value).has(each));
          expect(merged.has(each)).toBe(was ? here && there : here || there);
        }
        expect([...merged]).toEqual([...merged].sort());
      }),
    );
  });

  test('two that meet for the first time have all that either has', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const of: Case = {
          sides: { left: shows(left), right: shows(right) },
          state: { seen: { left: {}, right: {} } },
        };
        expect(set(resultOf('union', of))).toEqual(new Set([...set(left), ...set(right)].sort()));
      }),
    );
  });

  test('blanks around members, and the order that a vendor gives them, are no difference', () => {
    const sides = { left: shows('b; a'), right: shows('a;b;') };
    expect(resultOf('union', { sides, state: agreedOn('a;b', sides, { left: 0, right: 0 }) })).toBe('a;b');
  });
});

describe('fill-if-empty', () => {
  const state = (sides: Case['sides']) => agreedOn('a', sides, { left: 1, right: 1 });

  test.each([
    ['the left value holds', [version('a', 0)], [version('a', 0), version('b', 9)], 'a'],
    [
      'an edit on the left holds',
      [version('a', 0), version('c', 5)],
      [version('a', 0), version('b', 9)],
      'c',
    ],
    ['cleared on the left, it stays cleared', [version('a', 0), version(null, 9)], [version('a', 0)], null],
    [
      'cleared on the left after the right gave one',
      [version('a', 0), version(null, 9)],
      [version('a', 0), version('b', 5)],
      null,
    ],
    [
      'given on the right after the left cleared it',
      [version('a', 0), version(null, 5)],
      [version('a', 0), version('b', 9)],
      'b',
    ],
  ])('%s', (_title, left, right, value) => {
    const sides = { left: told(...left), right: told(...right) };
    expect(resultOf('fill-if-empty', { sides, state: state(sides) })).toBe(value);
  });

  test('an empty left side takes what the right one is given', () => {
    const sides = { left: told(), right: told(version('b', 9)) };
    expect(resultOf('fill-if-empty', { sides, state: agreedOn(null, sides, { left: 0, right: 0 }) })).toBe(
      'b',
    );
  });
});

describe('right', () => {
  test('what the left side says does not count, and a left edit is kept as overruled', () => {
    const sides = { left: told(version('a', 0), version('b', 100)), right: told(version('a', 0)) };
    const merged = merge('right', { sides, state: agreedOn('a', sides, { left: 1, right: 1 }) });
    expect(merged.fields).toEqual({ [FIELD]: 'a' });
    expect(merged.overruled).toEqual([{ at: NOW, field: FIELD, side: 'left', value: 'b' }]);
  });

  test.each<[FieldValue, FieldValue]>([
    ['b', 'b'],
    [null, 'a'],
  ])('a pair without memory: %s, which our own write came over, is %s', (own, value) => {
    const right = told(version('a', 0), version(own, 9), version('a', 10, 'us'));
    const sides = { left: told(version('a', 5, 'us')), right };
    expect(resultOf('right', { sides, state: { seen: { left: {}, right: {} } } })).toBe(value);
  });
});

describe('an item that stays', () => {
  const sides = {
    left: told(version('denied', 0), version('granted', 100)),
    right: told(version('denied', 0)),
  };
  const opened = (): { one: Case; item: OpenItem } => {
    const first: Case = { sides, state: agreedOn('denied', sides, { left: 1, right: 1 }) };
    const merged = merge('deny-wins', first);
    const [item] = merged.items;
    if (!item) throw new Error('no item was opened');
    return { one: carriedOut(first, merged, NOW + 1), item };
  };

  test('is about a value that has been put back, and is there until somebody has looked at it', () => {
    const { one, item } = opened();
    expect(item).toMatchObject({ field: FIELD, left: 'granted', right: 'denied', stays: true });
    const again = merge('deny-wins', one);
    expect(again).toMatchObject({ fields: { [FIELD]: 'denied' }, held: [], items: [item] });
  });

  test.each([
    ['left', 'granted'],
    ['right', 'denied'],
  ] as const)('decided for the %s side both are %s, and it is closed', (keep, value) => {
    const { one, item } = opened();
    const state = { ...one.state, items: [{ ...item, keep }] };
    const merged = merge('deny-wins', { ...one, state });
    expect(merged).toMatchObject({ fields: { [FIELD]: value }, held: [], items: [] });
    const settled = carriedOut({ ...one, state }, merged, NOW + 2);
    expect(merge('deny-wins', settled)).toMatchObject({ fields: { [FIELD]: value }, items: [] });
  });

  test('a denial that came after it was shown outlives the decision to grant', () => {
    const { one, item } = opened();
    const state = { ...one.state, items: [{ ...item, keep: 'left' as const }] };
    const right = told(...(one.sides.right.history?.[FIELD] ?? []), version('denied', 900, 'person'));
    const merged = merge('deny-wins', { sides: { ...one.sides, right }, state });
    expect(merged.fields).toEqual({ [FIELD]: 'denied' });
  });

  test.each([['left'], ['right'], ['left', 'right']] as const)(
    'a decision that a dead worker has carried out at %s (%s) is carried out to its end',
    (...done: readonly ('left' | 'right')[]) => {
      const { one, item } = opened();
      const state = { ...one.state, items: [{ ...item, keep: 'left' as const }] };
      const shownAt = (side: 'left' | 'right') => {
        const before = one.sides[side].history?.[FIELD] ?? [];
        return done.includes(side) ? told(...before, version('granted', 900, 'us')) : one.sides[side];
      };
      const merged = merge('deny-wins', { sides: { left: shownAt('left'), right: shownAt('right') }, state });
      expect(merged).toMatchObject({ fields: { [FIELD]: 'granted' }, items: [] });
    },
  );

  test('a newer denial closes it: nobody is asked about a grant that it has outlived', () => {
    const { one } = opened();
    const right = told(...(one.sides.right.history?.[FIELD] ?? []), version('denied', 900, 'person'));
    const merged = merge('deny-wins', { ...one, sides: { ...one.sides, right } });
    expect(merged).toMatchObject({ fields: { [FIELD]: 'denied' }, items: [] });
  });

  test('decided for the denial, the moment of the denial is not forgotten', () => {
    const { one, item } = opened();
    const deniedAt = { [FIELD]: 1_700_000_500_000 };
    const state = { ...one.state, deniedAt, items: [{ ...item, keep: 'right' as const }] };
    expect(merge('deny-wins', { ...one, state }).deniedAt).toEqual(deniedAt);
  });

  test('a second grant after a decision is asked about anew', () => {
    const { one, item } = opened();
    const state = { ...one.state, items: [{ ...item, keep: 'right' as const }] };
    const right = told(
      ...(one.sides.right.history?.[FIELD] ?? []),
      version(null, 800),
      version('granted', 900),
    );
    const merged = merge('deny-wins', { sides: { ...one.sides, right }, state });
    expect(merged.fields).toEqual({ [FIELD]: 'denied' });
    expect(merged.items).toEqual([expect.objectContaining({ field: FIELD, stays: true })]);
    expect(merged.items[0]?.keep).toBeUndefined();
  });
});

describe('a value that nobody is told to have given', () => {
  test('stands: a mapping that reads it in another way does not write its old form back', () => {
    const sides = { left: told(version('+44 1', 0)), right: told(version('+44 1', 0, 'us')) };
    const state = agreedOn('+44 1', sides, { left: 1, right: 1 });
    const remapped = { left: told(version('01', 0)), right: sides.right };
    expect(merge('left-wins', { sides: remapped, state }).fields[FIELD]).toBe('01');
  });

  test('is ours where we wrote it last, and what both agreed on is written again', () => {
    const sides = { left: told(version('a ', 0)), right: told(version('a', 5, 'us')) };
    const merged = merge('left-wins', { sides, state: agreedOn('a ', sides, { left: 1, right: 1 }) });
    expect(merged.fields[FIELD]).toBe('a ');
    expect(merged.unsettled).toEqual([FIELD]);
  });
});
