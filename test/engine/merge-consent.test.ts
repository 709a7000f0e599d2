import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Version } from '../../shared/engine/history.ts';
import { mergeSides } from '../../shared/engine/merge.ts';
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
  SIDES,
  shows,
  T0,
  told,
  version,
} from './pairs.ts';

const NOW = 1_800_000_000_000;

const merge = ({ sides, state }: Case) => mergeSides(rule('deny-wins'), sides, state, NOW);

const resultOf = (of: Case) => merge(of).fields[FIELD];

/** What was written at either side since both agreed, but for our own writes. */
const writtenSince = (one: Case): Version[] => SIDES.flatMap((side) => editsSince(one, side));

/** Two sides that agreed on `base`, and what each wrote since. */
function since(base: string | null, left: readonly Version[], right: readonly Version[]): Case {
  const sides = {
    left: told(version(base, 0, 'us'), ...left),
    right: told(version(base, 0, 'us'), ...right),
  };
  return { sides, state: agreedOn(base, sides, { left: 1, right: 1 }) };
}

const yes = (at: number) => version('granted', at, 'person');
const typedYes = (at: number) => version('granted', at, 'other');
const no = (at: number) => version('denied', at, 'person');
const typedNo = (at: number) => version('denied', at, 'other');

describe('whatever was written, in whatever order', () => {
  const withDenial = fc
    .tuple(aCase(consents, { least: 1 }), fc.option(fc.nat(400), { nil: undefined }))
    .map(([one, at]): Case => {
      if (at === undefined) return one;
      return { ...one, state: { ...one.state, deniedAt: { [FIELD]: T0 + at * 1_000 } } };
    });

  test('consent rises above a no only by a yes of the person that is later than every no', () => {
    let rises = 0;
    fc.assert(
      fc.property(withDenial, (one) => {
        if (resultOf(one) !== 'granted') return;
        // Two that meet for the first time and say the same are taken at their word.
        if (!one.state.base && one.sides.left.values[FIELD] === one.sides.right.values[FIELD]) return;
        const edits = writtenSince(one);
        const noes = edits.filter(({ value }) => value === 'denied').map(({ at }) => at);
        const deniedBefore = one.state.base?.[FIELD] === 'denied';
        if (deniedBefore) noes.push(one.state.deniedAt?.[FIELD] ?? Number.NEGATIVE_INFINITY);
        if (noes.length === 0) return;
        rises += 1;
        const grants = edits.filter(({ value, by }) => value === 'granted' && by === 'person');
        expect(Math.max(...grants.map(({ at }) => at))).toBeGreaterThanOrEqual(Math.max(...noes));
        expect(grants.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
    expect(rises).toBeGreaterThan(0);
  });

  test('a no that was given since both agreed is denied, unless the person said yes later', () => {
    fc.assert(
      fc.property(withDenial, (one) => {
        const edits = writtenSince(one);
        if (!one.state.base || !edits.some(({ value }) => value === 'denied')) return;
        const newest = Math.max(...edits.flatMap(({ value, at }) => (value === 'denied' ? [at] : [])));
        const said = edits.some(
          ({ value, by, at }) => value === 'granted' && by === 'person' && at >= newest,
        );
        if (said) return;
        const merged = merge(one);
        expect(merged.fields[FIELD]).toBe('denied');
        const before = one.state.deniedAt?.[FIELD] ?? newest;
        expect(merged.deniedAt).toEqual({
          [FIELD]: one.state.base[FIELD] === 'denied' ? Math.max(newest, before) : newest,
        });
      }),
      { numRuns: 500 },
    );
  });

  test('who wrote what on which side is the same the other way round', () => {
    fc.assert(
      fc.property(withDenial, (one) => {
        const [here, there] = [merge(one), merge(exchanged(one))];
        expect(there.fields).toEqual(here.fields);
        expect(there.deniedAt).toEqual(here.deniedAt);
        expect(there.items.length).toBe(here.items.length);
      }),
      { numRuns: 300 },
    );
  });

  test('an item offers a person a yes and a no', () => {
    let asked = 0;
    fc.assert(
      fc.property(withDenial, (one) => {
        for (const item of merge(one).items) {
          asked += 1;
          expect([item.left, item.right].sort()).toEqual(['denied', 'granted']);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(asked).toBeGreaterThan(0);
  });
});

describe('two that have agreed', () => {
  test.each<[string, Case, string | null, boolean]>([
    ['nothing new', since('granted', [], []), 'granted', false],
    ['a yes where nothing was said', since(null, [typedYes(5)], []), 'granted', false],
    ['a no by anybody', since('granted', [typedNo(5)], []), 'denied', false],
    ['taken back to nothing', since('granted', [], [version(null, 5)]), null, false],
    ['a no is not taken back to nothing', since('denied', [], [version(null, 5)]), 'denied', false],
    ['a yes that somebody typed over a no', since('denied', [], [typedYes(5)]), 'denied', true],
    ['a yes of the person over a no', since('denied', [], [yes(5)]), 'granted', false],
    ['the same at the other side', since('denied', [yes(5)], []), 'granted', false],
    ['typed first, then said by the person', since('denied', [typedYes(3)], [yes(5)]), 'granted', false],
    ['said, then no again', since('denied', [], [yes(5), no(9)]), 'denied', false],
    ['no, covered a moment later', since('granted', [], [no(5), typedYes(6)]), 'denied', true],
    ['typed over a no, then no again', since('denied', [], [typedYes(5), no(9)]), 'denied', false],
    ['yes and no at two systems within their clocks', since('denied', [yes(25)], [no(6)]), 'denied', false],
    ['yes later than that', since('denied', [yes(27)], [no(6)]), 'granted', false],
    ['yes a moment later at the same system', since('denied', [], [no(6), yes(7)]), 'granted', false],
    ['no in the same moment', since('granted', [], [yes(7), no(7)]), 'denied', false],
  ])('%s', (...[, one, value, asks]) => {
    const merged = merge(one);
    expect(merged.fields).toEqual({ [FIELD]: value });
    expect(merged.held).toEqual([]);
    expect(merged.items.map(({ stays }) => stays)).toEqual(asks ? [true] : []);
  });

  test('a yes that arrives late does not lift a no that is younger than it', () => {
    const one = since('denied', [], [yes(5)]);
    const deniedAt = { [FIELD]: version('denied', 9).at };
    const merged = merge({ ...one, state: { ...one.state, deniedAt } });
    expect(merged.fields).toEqual({ [FIELD]: 'denied' });
    expect(merged.deniedAt).toEqual(deniedAt);
  });

  test('the moment of a no is remembered for as long as it stands, and no longer', () => {
    const one = since('granted', [no(5)], []);
    const merged = merge(one);
    expect(merged.deniedAt).toEqual({ [FIELD]: no(5).at });
    const two = carriedOut(one, merged, no(8).at);
    expect(merge(two).deniedAt).toEqual(merged.deniedAt);
    const right = told(...(two.sides.right.history?.[FIELD] ?? []), yes(30));
    expect(merge({ ...two, sides: { ...two.sides, right } }).deniedAt).toEqual({});
  });

  test('where nobody tells whose act it was, a no flows and a yes over it is put back and asked about', () => {
    const of = (base: string, left: string, right: string): Case => {
      const sides = { left: shows(left), right: shows(right) };
      return { sides, state: agreedOn(base, sides, { left: 0, right: 0 }) };
    };
    expect(resultOf(of('granted', 'granted', 'denied'))).toBe('denied');
    const typed = merge(of('denied', 'denied', 'granted'));
    expect(typed.fields).toEqual({ [FIELD]: 'denied' });
    expect(typed.items).toEqual([expect.objectContaining({ left: 'denied', right: 'granted', stays: true })]);
  });
});

describe('two that meet for the first time', () => {
  const never = { seen: { left: {}, right: {} } };
  const meet = (left: readonly Version[], right: readonly Version[]) =>
    merge({ sides: { left: told(...left), right: told(...right) }, state: never });

  test.each<[string, readonly Version[], readonly Version[], string | null]>([
    ['a no and nothing', [typedNo(1)], [], 'denied'],
    ['a yes and nothing', [], [typedYes(1)], 'granted'],
    ['a no and an older yes', [yes(1)], [no(50)], 'denied'],
    ['a no and a later yes that was typed', [no(1)], [typedYes(50)], 'denied'],
    ['a no and a later yes of the person', [no(1)], [yes(50)], 'granted'],
    ['a no and a yes, each from before anybody told', [], [], null],
  ])('%s', (...[, left, right, value]) => {
    const merged = meet(left, right);
    expect(merged.fields).toEqual({ [FIELD]: value });
    expect(merged.items).toEqual([]);
  });

  test('both saying no, the moment of the newest no is kept', () => {
    const merged = meet([no(3)], [yes(1), typedNo(7)]);
    expect(merged.fields).toEqual({ [FIELD]: 'denied' });
    expect(merged.deniedAt).toEqual({ [FIELD]: no(7).at });
  });

  test('what is neither yes nor no has one spelling', () => {
    const sides = { left: shows('unknown'), right: shows(null) };
    expect(merge({ sides, state: never }).fields).toEqual({ [FIELD]: null });
  });
});

test('two meet for the first time: a no that nobody dates stands against a yes of any date', () => {
  const undated: Case['sides']['left'] = { values: { [FIELD]: 'denied' }, history: { [FIELD]: [] } };
  const state: Case['state'] = { seen: { left: {}, right: {} } };
  for (const at of [-1_000_000, 0, 100])
    for (const sides of [
      { left: undated, right: told(yes(at)) },
      { left: told(yes(at)), right: undated },
    ])
      expect(resultOf({ sides, state })).toBe('denied');
  // A dated one is a no like any other.
  expect(resultOf({ sides: { left: told(no(0)), right: told(yes(100)) }, state })).toBe('granted');
});
