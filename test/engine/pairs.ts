import * as fc from 'fast-check';
import type { Fields, FieldValue } from '../../shared/engine/fields.ts';
import { after, positionOf, type Version, type Writer } from '../../shared/engine/history.ts';
import type { Merged } from '../../shared/engine/merge.ts';
import type { FieldRule, PairState, SideName, SideRead } from '../../shared/engine/pair.ts';

/** The one field of the pairs of these tests. */
export const FIELD = 'field';

export const SIDES = ['left', 'right'] as const satisfies readonly SideName[];

/** One field of a pair, as both sides show it and as the link remembers it. */
export interface Case {
  sides: Record<SideName, SideRead>;
  state: PairState;
}

/** One side: its versions oldest first, how many of them had been read, or the value alone where nobody tells. */
export interface Told {
  versions: readonly Version[];
  read: number;
  shows: FieldValue;
  tells: boolean;
}

const SECOND = 1_000;
export const T0 = 1_700_000_000_000;

export const version = (value: FieldValue, at: number, by: Writer = 'other'): Version => ({
  value,
  at: T0 + at * SECOND,
  by,
});

/** A side that tells who wrote what. */
export const told = (...versions: readonly Version[]): SideRead => ({
  values: { [FIELD]: versions.at(-1)?.value ?? null },
  history: { [FIELD]: versions },
});

/** A side that shows a value and does not tell whose it is. */
export const shows = (value: FieldValue): SideRead => ({ values: { [FIELD]: value } });

/** How far a side's history had been read: its first `count` versions. */
const upTo = (side: SideRead, count: number): PairState['seen']['left'] => {
  const position = positionOf((side.history?.[FIELD] ?? []).slice(0, count));
  return position ? { [FIELD]: position } : {};
};

export const rule = (policy: FieldRule['policy'], first?: SideName): Record<string, FieldRule> => ({
  [FIELD]: first ? { policy, first } : { policy },
});

/** What a link remembers after both sides agreed on `base`, with the histories read so far. */
export const agreedOn = (
  base: FieldValue,
  sides: Case['sides'],
  read: Record<SideName, number>,
): PairState => ({
  base: { [FIELD]: base },
  seen: { left: upTo(sides.left, read.left), right: upTo(sides.right, read.right) },
});

/** A side after our own write at this moment, if it does not show the value already. */
function written(side: SideRead, fields: Fields, at: number): SideRead {
  if (!Object.hasOwn(fields, FIELD) || (side.values[FIELD] ?? null) === fields[FIELD]) return side;
  const value = fields[FIELD] ?? null;
  const values = { ...side.values, [FIELD]: value };
  if (!side.history) return { values };
  const by = 'us' as const;
  return { values, history: { [FIELD]: [...(side.history[FIELD] ?? []), { value, at, by }] } };
}

/** What the link remembers once a merge has been carried out: what was read, never what happened since. */
function remembered({ sides, state }: Case, merged: Merged): PairState {
  const next: PairState = { seen: state.seen, deniedAt: { ...merged.deniedAt }, items: [...merged.items] };
  if (!Object.hasOwn(merged.fields, FIELD)) return state.base ? { ...next, base: state.base } : next;
  return {
    ...next,
    base: { ...merged.fields },
    seen: { left: upTo(sides.left, 99), right: upTo(sides.right, 99) },
  };
}

/** Both sides after the merge has been carried out. */
export function carriedOut(of: Case, merged: Merged, at: number): Case {
  const sides = {
    left: written(of.sides.left, merged.fields, at),
    right: written(of.sides.right, merged.fields, at),
  };
  return { sides, state: remembered(of, merged) };
}

/** What others than us have given a side since both agreed; a value that nobody tells of counts as given by others. */
export function editsSince({ sides, state }: Case, side: SideName): Version[] {
  const versions = sides[side].history?.[FIELD] ?? [];
  const edits = after(versions, state.seen[side][FIELD]).filter(({ by }) => by !== 'us');
  const [value, newest] = [sides[side].values[FIELD] ?? null, versions.at(-1)];
  const isUntold = state.base !== undefined && value !== (state.base[FIELD] ?? null);
  if (edits.length > 0 || !newest || newest.by === 'us' || !isUntold) return edits;
  return [{ value, at: newest.at, by: 'other' }];
}

const aWriter = fc.constantFrom<Writer>('us', 'person', 'other');

/** A side's own past: versions at increasing moments (some at the same one), of which the first few were read. */
function aSide(
  value: fc.Arbitrary<FieldValue>,
  { tells, least, from }: { tells: fc.Arbitrary<boolean>; least: number; from: number },
): fc.Arbitrary<Told> {
  return fc
    .record({
      steps: fc.array(fc.record({ value, wait: fc.constantFrom(0, 1, 15, 30, 90), by: aWriter }), {
        minLength: least,
        maxLength: 5,
      }),
      read: fc.nat(5),
      lone: value,
      tells,
    })
    .map(({ steps, read, lone, tells: does }) => {
      let at = from;
      const versions = steps.map(({ value: of, wait, by }) => {
        at += wait;
        return version(of, at, by);
      });
      return { versions, read, shows: versions.at(-1)?.value ?? lone, tells: does };
    });
}

function sideRead({ versions, shows: value, tells }: Told): SideRead {
  const values = { [FIELD]: value };
  return tells ? { values, history: { [FIELD]: versions } } : { values };
}

/** Any two sides and any memory of them; `met` = they have agreed before, `least` = versions of each at least. */
export function aCase(
  value: fc.Arbitrary<FieldValue>,
  how: { met?: boolean; tells?: fc.Arbitrary<boolean>; least?: number } = {},
): fc.Arbitrary<Case> {
  const { tells = fc.constant(true), least = 0 } = how;
  // No two systems write in the same millisecond, or it would matter which of them is asked first.
  const left = aSide(value, { tells, least, from: 0 });
  const right = aSide(value, { tells, least, from: 0.5 });
  const met = how.met === undefined ? fc.boolean() : fc.constant(how.met);
  return fc.record({ left, right, base: value, met }).map(({ left, right, base, met: has }) => {
    const sides = { left: sideRead(left), right: sideRead(right) };
    const state: PairState = has
      ? agreedOn(base, sides, { left: left.read, right: right.read })
      : { seen: { left: {}, right: {} } };
    return { sides, state };
  });
}

/** The same pair with its sides exchanged. */
export function exchanged({ sides, state }: Case): Case {
  return {
    sides: { left: sides.right, right: sides.left },
    state: { ...state, seen: { left: state.seen.right, right: state.seen.left } },
  };
}

export const words = fc.constantFrom<FieldValue>(null, 'a', 'b', 'c');
export const consents = fc.constantFrom<FieldValue>(null, 'granted', 'denied');
export const sets = fc
  .subarray(['x', 'y', 'z'])
  .map((members): FieldValue => (members.length === 0 ? null : members.join(';')));
