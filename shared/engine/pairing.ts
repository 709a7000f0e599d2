import { byHand, isChosen } from './by-hand.ts';
import { asFault, Fault } from './fault.ts';
import { countsEdits } from './field-view.ts';
import { differingFields, type Fields, hashFields, pickFields, valueIn } from './fields.ts';
import type { Collection } from './flow.ts';
import { type History, type Position, positionOf } from './history.ts';
import type { LinkBody } from './link.ts';
import { type Merged, mergeSides } from './merge.ts';
import {
  type Back,
  KEPT_OVERRULED,
  MOST_REWRITES,
  newPair,
  type OpenItem,
  OVERRULED_FOR,
  type PairState,
  type SideName,
  type SideRead,
} from './pair.ts';
import type { Millis } from './ports.ts';

/** What both sides of a pair come to. */
export interface Pairing {
  /** What the target should hold. */
  desired: Fields;
  /** What the source should be told, by the target's names. */
  changed: Fields;
  /** The same in the source connector's terms; absent when there is nothing that we may write there. */
  edit?: unknown;
  /** What the link remembers once both sides agree. */
  state: PairState;
  /** A side does not tell who wrote what: what the link has to remember before anything is written. */
  note?: PairState;
}

/** A pair as it is known before it is merged; a claimed job has all of it. */
export interface Pair {
  collection: Collection;
  /** What the link remembers. */
  body: Pick<LinkBody, 'pair'>;
  /** The source's record as it was read. */
  record?: unknown;
  readAt: Millis;
}

/** The target's half of a pair as it was read. */
export interface RightSide {
  values: Fields;
  history: History | undefined;
  /** Its id while it carries nobody's reference. */
  stranger?: string | undefined;
}

/**
 * Merges a pair. A record that is made at the target begins with what both last agreed on; with the first one there
 * is nothing to merge, and the source's values are what both will agree on. Throws the fault of a way back that
 * cannot be worked out.
 */
export function pairUp(pair: Pair, wanted: Fields, right: RightSide | undefined): Pairing {
  const { back } = pair.collection;
  if (!back) throw new Error(`collection ${pair.collection.name} has no way back`);
  const known = planned(pair.body.pair ?? newPair, right?.stranger);
  const before = right ? known : { ...known, seen: { ...known.seen, right: {} } };
  const values = right ? right.values : { ...wanted, ...known.base };
  const sides = { left: sideOf(wanted, back.history(pair.record)), right: sideOf(values, right?.history) };
  const rules = rulesFor(back, pair.record);
  if (!right && !known.base) return alone(pair, rules, sides);
  const merged = mergeSides(rules, sides, before, pair.readAt);
  const towards = changedAtSource(back, pair, merged, wanted);
  const unsettled = merged.unsettled.filter((name) => !towards.waits.includes(name));
  const rewritten = countRewrites(pair, before, unsettled);
  const held = new Set([...merged.held, ...towards.items.map((item) => item.field)]);
  for (const name of towards.waits) held.add(name);
  const fields = without(merged.fields, held);
  const pairing: Pairing = {
    desired: { ...without(wanted, held), ...fields },
    changed: without(towards.changed, held),
    state: nextState(before, { merged, fields, sides, items: towards.items, rewritten }, pair.readAt),
  };
  if (towards.edit !== undefined) pairing.edit = towards.edit;
  const told = right ? right.history !== undefined : pair.collection.target.tells === true;
  if (!sides.left.history || !told) return withNote(pairing, before, { rules, sides, fields });
  const names = untoldWrites(pairing, fields, { left: sides.left, right: right && sides.right });
  if (names.size === 0) return pairing;
  return withNote(pairing, before, { rules, sides, fields: pickFields(fields, [...names]) });
}

/** What is about to be written at a side that tells who wrote what, but not of this field. */
function untoldWrites(
  { changed }: Pairing,
  fields: Fields,
  { left, right }: { left: SideRead; right: SideRead | undefined },
): Set<string> {
  const here = Object.keys(changed).filter((name) => left.history?.[name] === undefined);
  const there = right
    ? differingFields(right.values, fields).filter((name) => right.history?.[name] === undefined)
    : [];
  return new Set([...here, ...there]);
}

/** What was planned for another record, or for one that was to be made, says nothing of a record that is met now. */
function planned(state: PairState, stranger: string | undefined): PairState {
  if (stranger === undefined || state.base || state.plansFor === stranger) return state;
  const { plans: _, ...rest } = state;
  return { ...rest, plansFor: stranger };
}

function sideOf(values: Fields, history: History | undefined): SideRead {
  return history ? { values, history } : { values };
}

/** A field whose value is not the record's own (a shared address) belongs to the source for as long as that is so. */
function rulesFor(back: Back, record: unknown): Back['fields'] {
  const owned = new Set(back.ownedHere?.(record) ?? []);
  return Object.fromEntries(Object.entries(back.fields).filter(([name]) => !owned.has(name)));
}

function alone(pair: Pair, rules: Back['fields'], sides: Record<SideName, SideRead>): Pairing {
  const { values, history } = sides.left;
  const names = Object.keys(rules);
  const base = pickFields(values, names);
  const state: PairState = { base, seen: { left: positions(history, names), right: {} } };
  const pairing: Pairing = { desired: values, changed: {}, state };
  if (history && pair.collection.target.tells) return pairing;
  return withNote(pairing, pair.body.pair ?? newPair, { rules, sides, fields: base });
}

/**
 * What we set out to write, after all that was noted before. Of a field whose two sides meet for the first time it
 * is noted as well what they show and how far their histories go, or a second try would take that for edits. A
 * plan that is the newest already is not noted again.
 */
function withNote(
  pairing: Pairing,
  before: PairState,
  { rules, sides, fields }: Pick<Outcome, 'sides' | 'fields'> & { rules: Back['fields'] },
): Pairing {
  const { base = {}, plans = [], seen } = before;
  const last = plans.at(-1);
  if (last && hashFields(last) === hashFields(fields)) return pairing;
  const unmet = Object.keys(fields).filter(
    (name) =>
      rules[name] && countsEdits(rules[name]) && ![base, ...plans].some((each) => Object.hasOwn(each, name)),
  );
  const shown =
    unmet.length === 0 ? [] : [sides.left, sides.right].map(({ values }) => pickFields(values, unmet));
  const note = {
    ...before,
    seen: {
      left: { ...seen.left, ...positions(sides.left.history, unmet) },
      right: { ...seen.right, ...positions(sides.right.history, unmet) },
    },
    plans: [...plans, ...shown, fields],
  };
  return { ...pairing, note };
}

interface Towards {
  changed: Fields;
  edit?: unknown;
  items: readonly OpenItem[];
  waits: readonly string[];
}

function changedAtSource(back: Back, pair: Pair, merged: Merged, left: Fields): Towards {
  const names = differingFields(left, merged.fields);
  if (names.length === 0) return { changed: {}, items: [], waits: [] };
  const changed = pickFields(merged.fields, names);
  const known = pair.body.pair?.items ?? [];
  const chosen = known.filter((item) => isChosen(item, left, changed)).map((item) => item.field);
  try {
    const { edit, items, waits = [] } = back.edit(pair.record, changed, { now: pair.readAt, chosen });
    const open = items.map(({ field, because }): OpenItem => {
      const since = known.find((item) => item.field === field)?.since ?? pair.readAt;
      const item = { field, because, left: valueIn(left, field), right: valueIn(changed, field), since };
      return chosen.includes(field) ? byHand(item) : item;
    });
    return { changed, items: open, waits, ...(edit === undefined ? {} : { edit }) };
  } catch (thrown) {
    throw asFault(thrown, `map ${pair.collection.name} back`);
  }
}

/** Both sides would go on correcting each other for ever, one call each: a person has to make the forms fit. */
function countRewrites(pair: Pair, before: PairState, unsettled: readonly string[]): Record<string, number> {
  const counts = unsettled.map((name) => [name, (before.rewritten?.[name] ?? 0) + 1] as const);
  const [worst] = counts.find(([, count]) => count > MOST_REWRITES) ?? [];
  if (worst === undefined) return Object.fromEntries(counts);
  throw new Fault('rejected', {
    vendor: 'intertie',
    operation: `map ${pair.collection.name}`,
    field: worst,
    message: `does not settle: it was written ${MOST_REWRITES} times and shows another value each time, although nobody edits it; make the mapping give ${worst} the form that both systems keep, then replay`,
  });
}

interface Outcome {
  rewritten: Readonly<Record<string, number>>;
  merged: Merged;
  fields: Fields;
  sides: { left: SideRead; right: SideRead };
  items: readonly OpenItem[];
}

/** Only what is settled moves base and positions: a field that waits for a person keeps both. */
function nextState(before: PairState, outcome: Outcome, now: Millis): PairState {
  const { merged, fields, sides, items, rewritten } = outcome;
  const names = Object.keys(fields);
  const state: PairState = {
    base: { ...before.base, ...fields },
    seen: {
      left: { ...before.seen.left, ...positions(sides.left.history, names) },
      right: { ...before.seen.right, ...positions(sides.right.history, names) },
    },
  };
  const recent = (before.overruled ?? []).filter((each) => each.at > now - OVERRULED_FOR);
  // What a person still has to bring over has not lost yet.
  const lost = merged.overruled.filter((each) => Object.hasOwn(fields, each.field));
  const overruled = [...lost, ...recent].slice(0, KEPT_OVERRULED);
  if (overruled.length > 0) state.overruled = overruled;
  if (Object.keys(rewritten).length > 0) state.rewritten = rewritten;
  const deniedAt = { ...elsewhere(before, merged), ...merged.deniedAt };
  if (Object.keys(deniedAt).length > 0) state.deniedAt = deniedAt;
  const open = [
    ...merged.items.filter((item) => !items.some((other) => other.field === item.field)),
    ...items,
  ];
  if (open.length > 0) state.items = open;
  return state;
}

/** What is remembered of fields that have no rule just now, because their value is not the record's own. */
function elsewhere({ deniedAt = {} }: PairState, { fields, held }: Merged): PairState['deniedAt'] {
  return without(deniedAt, new Set([...Object.keys(fields), ...held]));
}

function positions(history: History | undefined, names: readonly string[]): Record<string, Position> {
  const found: Record<string, Position> = {};
  for (const name of names) {
    const position = positionOf(history?.[name] ?? []);
    if (position) found[name] = position;
  }
  return found;
}

function without<V>(fields: Readonly<Record<string, V>>, names: ReadonlySet<string>): Record<string, V> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
}
