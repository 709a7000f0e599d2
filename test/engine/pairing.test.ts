import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../shared/engine/fault.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import type { Collection } from '../../shared/engine/flow.ts';
import type { History } from '../../shared/engine/history.ts';
import {
  type Back,
  KEPT_OVERRULED,
  MOST_REWRITES,
  OVERRULED_FOR,
  type PairState,
} from '../../shared/engine/pair.ts';
import { type Pairing, pairUp, type RightSide } from '../../shared/engine/pairing.ts';
import { version, words } from './pairs.ts';
import { town } from './town.ts';

const NOW = 1_800_000_000_000;
const [people] = town().flow.collections;

interface Record {
  past?: History;
  shared?: string[];
}

const RULES: Back['fields'] = {
  name: { policy: 'latest' },
  email: { policy: 'left-wins' },
  consent: { policy: 'deny-wins' },
};

/** A collection whose records tell their own history, or not. */
function collection(back: Partial<Back<Record, Fields>> = {}, tells = true): Collection<Record> {
  const { name, source, owns, whenGone, whenMerged, whenAbsent } = people;
  return {
    ...{ name, owns, whenGone, whenMerged, whenAbsent },
    source: { ...source, read: async () => new Map(), readOne: async () => ({ state: 'gone' }) },
    map: () => ({ kind: 'present', fields: {} }),
    target: { ...people.target, tells },
    back: {
      fields: RULES,
      history: ({ past }) => past,
      ownedHere: ({ shared = [] }) => shared,
      edit: (_record, changed) => ({ edit: changed, items: [] }),
      writer: {
        batchSize: 1,
        lateness: 0,
        write: async () => new Map(),
        match: async () => new Map(),
      },
      whenNew: 'match',
      whenDeleted: 'leave',
      ...back,
    },
  };
}

interface Situation {
  left: Fields;
  record?: Record;
  right?: RightSide;
  state?: PairState;
  back?: Partial<Back<Record, Fields>>;
  tells?: boolean;
}

function pairing({ left, record = {}, right, state, back, tells }: Situation): Pairing {
  const body = state ? { pair: state } : {};
  return pairUp({ collection: collection(back, tells), body, record, readAt: NOW }, left, right);
}

const met = (base: Fields, more: Partial<PairState> = {}): PairState => ({
  base,
  seen: { left: {}, right: {} },
  ...more,
});

const all = (values: Fields, at: number): History =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [version(value, at, 'us')]]));

describe('what is wanted', () => {
  const aState = fc.record({ name: words, email: words, title: words });

  test('at both sides is the same for every field with a rule, and the left side’s for the others', () => {
    fc.assert(
      fc.property(aState, aState, aState, (left, right, base) => {
        const found = pairing({ left, right: { values: right, history: undefined }, state: met(base) });
        const held = new Set((found.state.items ?? []).map(({ field }) => field));
        const shown = { ...left, ...found.changed };
        for (const name of ['name', 'email'] as const) {
          if (held.has(name)) {
            expect(found.desired).not.toHaveProperty(name);
            expect(found.changed).not.toHaveProperty(name);
          } else expect(found.desired[name]).toBe(shown[name]);
        }
        expect(found.desired.title).toBe(left.title);
        expect(found.changed).not.toHaveProperty('title');
      }),
    );
  });

  test('is settled when it has been carried out: the same again changes nothing', () => {
    fc.assert(
      fc.property(aState, aState, fc.option(aState, { nil: undefined }), (left, right, base) => {
        const first = pairing({
          left,
          right: { values: right, history: undefined },
          ...(base ? { state: met(base) } : {}),
        });
        const now = { left: { ...left, ...first.changed }, right: { ...right, ...first.desired } };
        const again = pairing({
          left: now.left,
          right: { values: now.right, history: undefined },
          state: first.state,
        });
        expect(again.changed).toEqual({});
        expect(again.edit).toBeUndefined();
        expect({ ...now.right, ...again.desired }).toEqual(now.right);
        expect(again.state.base).toEqual(first.state.base);
        expect(again.state.items).toEqual(first.state.items);
      }),
    );
  });

  test('of a new record is what the source has, and nothing is written there', () => {
    const found = pairing({ left: { name: 'Ada', email: null, title: 'Dr' } });
    expect(found).toMatchObject({
      desired: { name: 'Ada', email: null, title: 'Dr' },
      changed: {},
      state: { base: { name: 'Ada', email: null } },
    });
    expect(found.edit).toBeUndefined();
  });

  test('of a record that is made again is what both last agreed on, with what the left side changed', () => {
    const agreed = { name: 'Ada', email: 'a@x.org', consent: 'denied', phone: '1' };
    const record = { past: { ...all(agreed, 1), consent: [version('granted', 50)] } };
    const found = pairing({
      back: { fields: { ...RULES, phone: { policy: 'right' } } },
      left: { ...agreed, email: 'new@x.org', consent: 'granted', phone: '2' },
      record: { past: { ...record.past, email: [version('new@x.org', 50)] } },
      state: met(agreed, {
        seen: {
          left: { email: { at: version('', 1).at, n: 1 } },
          right: { name: { at: 9, n: 9 } },
        },
      }),
    });
    expect(found.desired).toEqual({ ...agreed, email: 'new@x.org' });
    expect(found.changed).toEqual({ consent: 'denied', phone: '1' });
    expect(found.state.seen.right).toEqual({});
  });
});

describe('a field that the record does not own', () => {
  test('belongs to the source, and what is remembered of it stays for when it is owned again', () => {
    const state = met({ email: 'old@x.org', consent: 'denied' }, { deniedAt: { consent: 77 } });
    const found = pairing({
      left: { email: 'shared@x.org', consent: null },
      record: { shared: ['email', 'consent'] },
      right: { values: { email: 'other@x.org', consent: 'granted' }, history: undefined },
      state,
    });
    expect(found.desired).toMatchObject({ email: 'shared@x.org', consent: null });
    expect(found.changed).toEqual({});
    expect(found.state.base).toMatchObject({ email: 'old@x.org', consent: 'denied' });
    expect(found.state.deniedAt).toEqual({ consent: 77 });
  });
});

describe('what is remembered', () => {
  test('are positions as they were read, of settled fields only', () => {
    const left = { name: 'b', email: 'x' };
    const right = { name: 'c', email: 'x' };
    const past = { name: [version('a', 0), version('b', 100)], email: [version('x', 3), version('x', 3)] };
    const history = { name: [version('a', 0), version('c', 101)], email: [version('x', 4)] };
    const seen = { left: { name: at(0) }, right: { name: at(0) } };
    const found = pairing({
      left,
      record: { past },
      right: { values: right, history },
      state: met({ name: 'a', email: 'x' }, { seen }),
    });
    expect(found.state.items).toEqual([expect.objectContaining({ field: 'name', left: 'b', right: 'c' })]);
    expect(found.state.base).toEqual({ name: 'a', email: 'x', consent: null });
    expect(found.state.seen).toEqual({
      left: { name: at(0), email: { at: version('x', 3).at, n: 2 } },
      right: { name: at(0), email: at(4) },
    });
  });

  const at = (seconds: number) => ({ at: version(null, seconds).at, n: 1 });

  test('are the last few overruled values, the newest first, and not for ever', () => {
    const overruled = Array.from({ length: KEPT_OVERRULED }, (_, age) => ({
      at: NOW - age * (OVERRULED_FOR / (KEPT_OVERRULED - 1)),
      field: 'name',
      side: 'left' as const,
      value: `lost ${age}`,
    }));
    const found = pairing({
      left: { email: 'mine' },
      right: { values: { email: 'theirs' }, history: undefined },
      state: met({ email: 'old' }, { overruled }),
    });
    expect(found.state.overruled?.map(({ value }) => value)).toEqual([
      'theirs',
      'lost 0',
      'lost 1',
      'lost 2',
      'lost 3',
    ]);
  });

  test('is an item’s first moment, however often it is seen', () => {
    const back = { edit: () => ({ items: [{ field: 'email', because: 'login' }] }) };
    const one: Situation = {
      left: { email: 'mine' },
      right: { values: { email: 'theirs' }, history: undefined },
      back,
      state: met({ email: 'mine' }),
    };
    const first = pairing(one);
    expect(first.state.items).toEqual([
      { field: 'email', because: 'login', left: 'mine', right: 'theirs', since: NOW },
    ]);
    expect(first).toMatchObject({ changed: {}, state: { base: { email: 'mine' } } });
    expect(first.desired).not.toHaveProperty('email');
    const [item] = first.state.items ?? [];
    const older = met({ email: 'mine' }, { items: item ? [{ ...item, since: 5 }] : [] });
    expect(pairing({ ...one, state: older }).state.items).toEqual([expect.objectContaining({ since: 5 })]);
  });

  test('keeps the fields that wait with it as they are, however often that is seen', () => {
    const back = { edit: () => ({ items: [{ field: 'email', because: 'login' }], waits: ['consent'] }) };
    const base = { email: 'mine', consent: 'denied' };
    const taken = { email: null, consent: null };
    const found = pairing({
      left: base,
      right: { values: taken, history: { ...all(taken, 1), email: [version(null, 2)] } },
      record: { past: all(base, 1) },
      back,
      state: met(base, { rewritten: { consent: MOST_REWRITES } }),
    });
    expect(found.state.items?.map(({ field }) => field)).toEqual(['email']);
    expect([found.desired, found.changed, found.state.rewritten]).toEqual([{ name: null }, {}, undefined]);
    expect(found.state.base).toMatchObject(base);
  });

  test('an item about writing a field takes the place of one about deciding it', () => {
    const values = { consent: 'denied' };
    const back = { edit: () => ({ items: [{ field: 'consent', because: 'only at the desk' }] }) };
    const found = pairing({
      left: { consent: 'granted' },
      right: { values, history: undefined },
      back,
      state: met(values),
    });
    expect(found.state.items).toEqual([expect.objectContaining({ because: 'only at the desk' })]);
  });
});

describe('a note', () => {
  const values = { name: 'Ada', email: 'a@x.org', consent: null };
  const edited = { ...values, name: 'Augusta' };

  test.each([
    [true, true, false],
    [true, false, true],
    [false, true, true],
    [false, false, true],
  ])('is needed unless both sides tell (left %s, right %s): %s', (left, right, needed) => {
    const record = left ? { past: all(values, 1) } : {};
    const read = { values: { ...values, name: 'Augusta' }, history: right ? all(values, 1) : undefined };
    const found = pairing({ left: values, record, right: read, state: met(values) });
    expect(found.note !== undefined).toBe(needed);
    const made = pairing({ left: values, record, tells: right });
    expect(made.note !== undefined).toBe(needed);
  });

  test.each(['left', 'right'] as const)(
    'is needed of a field that only the %s side does not tell',
    (side) => {
      const { name: _, ...others } = all(values, 1);
      const told = { ...others, name: [version('Ada', 1, 'us'), version('Augusta', 2)] };
      const [past, history] = side === 'left' ? [others, told] : [told, others];
      const [left, right] = side === 'left' ? [values, edited] : [edited, values];
      const state = met(values);
      const found = pairing({ left, record: { past }, right: { values: right, history }, state });
      expect(found.note?.plans).toEqual([{ name: 'Augusta' }]);
      const same = pairing({ left: edited, record: { past }, right: { values: edited, history }, state });
      expect(same.note).toBeUndefined();
    },
  );

  test('adds what is set out to be written, and is not repeated while that is the same', () => {
    const one: Situation = {
      left: values,
      right: { values: { ...values, name: 'Augusta' }, history: undefined },
      state: met(values),
    };
    const { note } = pairing(one);
    expect(note).toMatchObject({ base: values, plans: [{ ...values, name: 'Augusta' }] });
    if (!note) throw new Error('no note');
    expect(pairing({ ...one, state: note }).note).toBeUndefined();
    const next = pairing({
      ...one,
      right: { values: { ...values, name: 'Byron' }, history: undefined },
      state: note,
    });
    expect(next.note?.plans).toEqual([
      { ...values, name: 'Augusta' },
      { ...values, name: 'Byron' },
    ]);
    expect(next.state.plans).toBeUndefined();
  });

  test('of a first meeting tells its second try what was there before', () => {
    const one: Situation = {
      left: { name: null, email: 'a@x.org', consent: null },
      right: { values: { name: 'Ada', email: null, consent: 'granted' }, history: undefined },
    };
    const first = pairing(one);
    const agreed = { name: 'Ada', email: 'a@x.org', consent: 'granted' };
    expect(first.desired).toEqual(agreed);
    if (!first.note) throw new Error('no note');
    expect(first.note.base).toBeUndefined();
    expect(pairing({ ...one, state: first.note }).desired).toEqual(agreed);
    const half = pairing({ ...one, left: agreed, state: first.note });
    expect(half.desired).toEqual(agreed);
    const edited = { ...one, right: { values: { name: 'Byron', email: null }, history: undefined } };
    expect(pairing({ ...edited, left: agreed, state: first.note }).desired).toMatchObject({ name: 'Byron' });
  });
});

describe('a way back that cannot be worked out', () => {
  const of = (edit: () => never) => () =>
    pairing({
      left: { name: 'Ada' },
      right: { values: { name: 'Augusta' }, history: undefined },
      state: met({ name: 'Ada' }),
      back: { edit },
    });

  test('is the mapping’s own fault, or a defect that tells no values', () => {
    const rejected = new Fault('rejected', { vendor: 'intertie', operation: 'map', message: 'too long' });
    expect(
      of(() => {
        throw rejected;
      }),
    ).toThrow(rejected);
    expect(
      of(() => {
        throw new Error('Augusta');
      }),
    ).toThrow(expect.objectContaining({ kind: 'bug', message: expect.not.stringContaining('Augusta') }));
  });

  test('is not asked when nothing is to be written', () => {
    const values = { name: 'Ada', consent: null, email: null };
    const found = pairing({
      left: values,
      right: { values, history: undefined },
      state: met(values),
      back: {
        edit: () => {
          throw new Error('asked');
        },
      },
    });
    expect(found.changed).toEqual({});
  });
});

describe('a field that does not settle', () => {
  const past: History = { name: [version('a ', 0)] };
  const right: RightSide = { values: { name: 'a' }, history: { name: [version('a', 5, 'us')] } };
  const seen = { left: { name: { at: version('a ', 0).at, n: 1 } }, right: {} };
  const again = (rewritten?: PairState['rewritten']) =>
    pairing({
      left: { name: 'a ' },
      record: { past },
      right,
      state: met({ name: 'a ' }, { seen, ...(rewritten && { rewritten }) }),
    });

  test('is written again, and counted', () => {
    expect(again().desired.name).toBe('a ');
    expect(again().state.rewritten).toEqual({ name: 1 });
    expect(again({ name: 2 }).state.rewritten).toEqual({ name: 3 });
  });

  test('is parked with its name after three times', () => {
    let thrown: unknown;
    try {
      again({ name: 3 });
    } catch (fault) {
      thrown = fault;
    }
    expect(thrown).toBeInstanceOf(Fault);
    expect(thrown).toMatchObject({ kind: 'rejected', field: 'name' });
    expect(String(thrown)).toContain('does not settle');
  });

  test('is forgotten once both sides agree', () => {
    const agreed = pairing({
      left: { name: 'a ' },
      record: { past },
      right: { values: { name: 'a ' }, history: right.history },
      state: met({ name: 'a ' }, { seen, rewritten: { name: 3 } }),
    });
    expect(agreed.state.rewritten).toBeUndefined();
  });
});

test('a field that a person has to bring over has overruled nobody yet', () => {
  const past: History = { name: [version('a', 0), version('b', 100)] };
  const right: RightSide = { values: { name: 'c' }, history: { name: [version('a', 0), version('c', 900)] } };
  const at = { name: { at: version('a', 0).at, n: 1 } };
  const edit: Back<Record, Fields>['edit'] = () => ({ items: [{ field: 'name', because: 'by hand' }] });
  const { state, desired } = pairing({
    left: { name: 'b' },
    record: { past },
    right,
    state: met({ name: 'a' }, { seen: { left: at, right: at } }),
    back: { edit },
  });
  expect(state.items).toHaveLength(1);
  expect(state.overruled).toBeUndefined();
  expect(desired).not.toHaveProperty('name');
});
