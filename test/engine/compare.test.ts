import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshHint } from '../../shared/engine/change-event.ts';
import { agreed, currentOf, type Known, ringsOf, step } from '../../shared/engine/compare.ts';
import { type Fields, hashFields } from '../../shared/engine/fields.ts';
import type { Job } from '../../shared/engine/job.ts';
import { emptyBody, type LinkBody } from '../../shared/engine/link.ts';
import type { Want } from '../../shared/engine/want.ts';
import { fault, town } from './town.ts';

const [people] = town().flow.collections;

function job(body: Partial<LinkBody> = {}, more: Partial<Job> = {}): Job {
  const key = { flow: 'f', collection: 'people', id: '1' };
  return {
    item: { key, collection: people, hint: freshHint('1', 5), cause: 'scan', trace: 't' },
    token: 'token',
    leaseUntil: 9,
    body: { ...emptyBody, ...body },
    known: true,
    waiters: [],
    forced: false,
    takeovers: 0,
    readAt: 7,
    ...more,
  };
}

const put = (fields: Fields, more: Partial<Extract<Want, { do: 'put' }>> = {}): Want => ({
  do: 'put',
  fields,
  affects: [],
  ...more,
});
const ended = { state: 'absent', because: 'hidden', affects: [] } as const;
const remove: Want = { do: 'remove', ...ended };
const keep: Want = { do: 'nothing', ...ended };
const mark = (fields: Fields): Want => ({ do: 'mark', fields, ...ended });
const unlinked: Known = { targetId: undefined };
const linked: Known = { targetId: 't1' };

describe('step', () => {
  const fields = { name: 'Ada', email: null };
  const hash = hashFields(fields);

  test.each<[string, Want, Known, Job, object]>([
    ['nothing is wanted', keep, linked, job(), { done: 'skipped', reason: 'hidden' }],
    ['taking away what is not there', remove, unlinked, job(), { done: 'skipped', reason: 'hidden' }],
    ['marking what is not there', mark(fields), unlinked, job(), { done: 'skipped', reason: 'hidden' }],
    [
      'taking away',
      remove,
      linked,
      job({ hash }),
      { write: { ref: '1', kind: 'remove', targetId: 't1', fields: {} }, removal: true, outcome: 'removed' },
    ],
    [
      'marking counts as taking away',
      mark(fields),
      linked,
      job(),
      { write: { ref: '1', kind: 'update', targetId: 't1', fields }, removal: true, outcome: 'updated' },
    ],
    [
      'marking what we have read counts as taking away, too',
      mark({ status: 'gone' }),
      { ...linked, current: { status: 'member' } },
      job(),
      {
        write: { ref: '1', kind: 'update', targetId: 't1', fields: { status: 'gone' } },
        removal: true,
        outcome: 'updated',
      },
    ],
    ['marked already', mark(fields), linked, job({ hash }), { done: 'unchanged' }],
    [
      'a new record',
      put(fields),
      unlinked,
      job(),
      { write: { ref: '1', kind: 'create', fields }, removal: false, outcome: 'created' },
    ],
    ['the same as remembered', put(fields), linked, job({ hash }), { done: 'unchanged' }],
    [
      'the same as remembered, but somebody may have written',
      put(fields),
      linked,
      job({ hash }, { forced: true }),
      { write: { ref: '1', kind: 'update', targetId: 't1', fields }, removal: false, outcome: 'updated' },
    ],
    [
      'the same as read, but somebody may still write',
      put(fields),
      { ...linked, current: fields },
      job({ hash }, { forced: true }),
      { write: { ref: '1', kind: 'update', targetId: 't1', fields }, removal: false, outcome: 'updated' },
    ],
    [
      'an adopted one is written whatever is remembered, with our reference',
      put(fields),
      { ...linked, adopted: true },
      job({ hash }),
      {
        write: { ref: '1', kind: 'update', targetId: 't1', adopts: true, fields },
        removal: false,
        outcome: 'adopted',
      },
    ],
    [
      'nothing is remembered',
      put(fields),
      linked,
      job(),
      { write: { ref: '1', kind: 'update', targetId: 't1', fields }, removal: false, outcome: 'updated' },
    ],
    [
      'fewer fields are filled than before',
      put(fields),
      linked,
      job({ hash: 'other', filled: 2 }),
      { write: { ref: '1', kind: 'update', targetId: 't1', fields }, removal: true, outcome: 'updated' },
    ],
    [
      'as many fields are filled as before',
      put(fields),
      linked,
      job({ hash: 'other', filled: 1 }),
      { write: { ref: '1', kind: 'update', targetId: 't1', fields }, removal: false, outcome: 'updated' },
    ],
    [
      'a reading that differs gets the difference only',
      put(fields),
      { ...linked, current: { name: 'Eda', email: '', theirs: 1 } },
      job({ hash }),
      {
        write: { ref: '1', kind: 'update', targetId: 't1', fields: { name: 'Ada' } },
        removal: false,
        outcome: 'updated',
      },
    ],
    [
      'a reading that we empty',
      put(fields),
      { ...linked, current: { name: 'Ada', email: 'a@x.org' } },
      job({ hash }),
      {
        write: { ref: '1', kind: 'update', targetId: 't1', fields: { email: null } },
        removal: true,
        outcome: 'updated',
      },
    ],
    [
      'a reading that agrees, whatever is remembered',
      put(fields),
      { ...linked, current: fields },
      job({ hash: 'other' }),
      { done: 'unchanged' },
    ],
  ])('%s', (_what, ...[want, known, some, expected]) => {
    expect(step(some, want, known)).toEqual(expected);
  });

  const names = fc.constantFrom('a', 'b', 'c', 'd');
  const values = fc.oneof(fc.constantFrom(null, '', 'x', 'y', 0, false));
  const some: fc.Arbitrary<Fields> = fc.dictionary(names, values);

  test('after its write the target holds what is wanted, and the next step writes nothing', () => {
    fc.assert(
      fc.property(some, some, fc.boolean(), (current, desired, forced) => {
        const want = put(desired);
        const first = step(job({}, { forced }), want, { targetId: 't1', current });
        const target = 'write' in first ? { ...current, ...first.write.fields } : current;
        const body = agreed(job(), want, 't1');
        expect(step(job(body), want, { targetId: 't1', current: target })).toEqual({ done: 'unchanged' });
        expect(step(job(body), want, { targetId: 't1' })).toEqual({ done: 'unchanged' });
      }),
    );
  });

  test('a write that empties a field is a removal, whether we see the target or only remember it', () => {
    fc.assert(
      fc.property(some, names, (before, name) => {
        fc.pre(before[name] !== undefined && before[name] !== null && before[name] !== '');
        const want = put({ ...before, [name]: null });
        const body = agreed(job(), put(before), 't1');
        expect(step(job(body), want, linked)).toMatchObject({ removal: true });
        expect(step(job(body), want, { ...linked, current: before })).toMatchObject({ removal: true });
      }),
    );
  });
});

describe('agreed', () => {
  test('remembers what was put, and nothing of a trouble before it', () => {
    const before = job({
      hash: 'old',
      doubt: true,
      wroteAt: 6,
      absentBecause: 'hidden',
      parked: { reason: 'r', fingerprint: 'f', since: 1, kind: 'bug' },
    });
    const want = put({ a: 'x', b: null, c: '' }, { affects: ['people/2'], basis: 'b', recheckAt: 99 });
    expect(agreed(before, want, 't1')).toEqual({
      version: 1,
      outcomes: [],
      readAt: 7,
      wroteAt: 6,
      state: 'present',
      hash: hashFields({ a: 'x', b: null, c: '' }),
      filled: 1,
      affects: ['people/2'],
      basis: 'b',
      recheckAt: 99,
      targetId: 't1',
    });
  });

  test.each<[string, Want, string | undefined, object]>([
    ['a removed one has no target any more', remove, 't1', { state: 'absent', absentBecause: 'hidden' }],
    ['a kept one stays linked', keep, 't1', { state: 'absent', absentBecause: 'hidden', targetId: 't1' }],
    [
      'a marked one is known by its mark',
      mark({ a: 1 }),
      't1',
      { state: 'absent', absentBecause: 'hidden', targetId: 't1', hash: hashFields({ a: 1 }) },
    ],
    ['one that never was', keep, undefined, { state: 'absent', absentBecause: 'hidden' }],
  ])('%s', (_what, want, targetId, expected) => {
    expect(agreed(job({ hash: 'old' }), want, targetId)).toEqual({
      version: 1,
      outcomes: [],
      readAt: 7,
      ...expected,
    });
  });
});

describe('ringsOf', () => {
  // Long after the hint: what the source told of has been passed on.
  const told: Partial<LinkBody> = { state: 'present', affects: ['people/2'], basis: 'b', rangAt: 100_000 };

  test.each<[string, Partial<LinkBody>, Want, boolean, string[]]>([
    ['the same basis and the same others', told, put({}, { affects: ['people/2'], basis: 'b' }), true, []],
    ['another basis', told, put({}, { affects: ['people/2'], basis: 'c' }), false, ['people/2']],
    [
      'another one concerned: both old and new',
      told,
      put({}, { affects: ['people/3'], basis: 'b' }),
      false,
      ['people/2', 'people/3'],
    ],
    ['no longer concerned', told, put({}, { affects: [], basis: 'b' }), false, ['people/2']],
    [
      'itself is never told',
      told,
      put({}, { affects: ['people/1', 'people/2'], basis: 'c' }),
      true,
      ['people/2'],
    ],
    ['without a basis: written', told, put({}, { affects: ['people/2'] }), true, ['people/2']],
    ['without a basis: nothing written', told, put({}, { affects: ['people/2'] }), false, []],
    ['without a basis: it has left', told, { ...remove, affects: ['people/2'] }, false, ['people/2']],
    ['nobody is concerned', {}, put({}), true, []],
  ])('%s', (_what, ...[body, want, written, expected]) => {
    expect(ringsOf(job(body), want, written)).toEqual(expected);
  });

  const same = put({}, { affects: ['people/2'], basis: 'b' });

  test('a change that the source told of is passed on even if all is as it was settled: it may have been otherwise between', () => {
    expect(ringsOf(job({ ...told, rangAt: 5 }), same, false)).toEqual(['people/2']);
  });

  test('a record that was only rung itself passes nothing on, or two would ring each other for ever', () => {
    const rung = job({ ...told, rangAt: 5 });
    rung.item.cause = 'affected';
    expect(ringsOf(rung, same, false)).toEqual([]);
  });
});

describe('currentOf', () => {
  test('a present record is known, one that is gone or merged away is not linked', () => {
    expect(currentOf({ state: 'present', record: { a: 1 } }, 't1')).toEqual({
      targetId: 't1',
      current: { a: 1 },
    });
    expect(currentOf({ state: 'gone' }, 't1')).toEqual(unlinked);
    expect(currentOf({ state: 'merged', into: 't2' }, 't1')).toEqual(unlinked);
  });

  test('an unreadable one throws its fault', () => {
    const unreadable = fault('contract-changed');
    expect(() => currentOf({ state: 'unreadable', fault: unreadable }, 't1')).toThrow(unreadable);
  });
});
