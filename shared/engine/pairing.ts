import { asFault } from './fault.ts';
import { differingFields, type Fields, pickFields, valueIn } from './fields.ts';
import type { Collection } from './flow.ts';
import { type History, type Position, positionOf } from './history.ts';
import type { LinkBody } from './link.ts';
import { type Merged, mergeSides } from './merge.ts';
import {
  type Back,
  KEPT_OVERRULED,
  newPair,
  type OpenItem,
  OVERRULED_FOR,
  type PairState,
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
  /** A side does not tell who wrote what, so what we set out to write has to be noted before it is written. */
  plan?: Fields;
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
}

/**
 * Merges a pair. Without a record at the target there is nothing to merge: the source's values are what both will
 * agree on. Throws the fault of a way back that cannot be worked out.
 */
export function pairUp(pair: Pair, wanted: Fields, right: RightSide | undefined): Pairing {
  const { back } = pair.collection;
  if (!back) throw new Error(`collection ${pair.collection.name} has no way back`);
  const before = pair.body.pair ?? newPair;
  const sides = { left: leftSide(back, pair.record, wanted), right: rightSide(right) };
  const rules = rulesFor(back, pair.record);
  if (!right) return alone(pair, Object.keys(rules), sides.left);
  const merged = mergeSides(rules, sides, before, pair.readAt);
  const towards = changedAtSource(back, pair, merged, wanted);
  const held = new Set([...merged.held, ...towards.items.map((item) => item.field)]);
  const fields = without(merged.fields, held);
  const pairing: Pairing = {
    desired: { ...without(wanted, held), ...fields },
    changed: without(towards.changed, held),
    state: nextState(before, { merged, fields, sides, items: towards.items }, pair.readAt),
  };
  if (towards.edit !== undefined) pairing.edit = towards.edit;
  if (!sides.left.history || !right.history) pairing.plan = fields;
  return pairing;
}

function leftSide(back: Back, record: unknown, values: Fields): SideRead {
  const history = back.history(record);
  return history ? { values, history } : { values };
}

function rightSide(right: RightSide | undefined): SideRead {
  const side: SideRead = { values: right?.values ?? {} };
  return right?.history ? { ...side, history: right.history } : side;
}

/** A field whose value is not the record's own (a shared address) belongs to the source for as long as that is so. */
function rulesFor(back: Back, record: unknown): Back['fields'] {
  const owned = new Set(back.ownedHere?.(record) ?? []);
  return Object.fromEntries(Object.entries(back.fields).filter(([name]) => !owned.has(name)));
}

function alone(pair: Pair, names: readonly string[], left: SideRead): Pairing {
  const base = pickFields(left.values, names);
  const state: PairState = { base, seen: { left: positions(left.history, names), right: {} } };
  const pairing: Pairing = { desired: left.values, changed: {}, state };
  const told = left.history !== undefined && pair.collection.target.tells === true;
  return told ? pairing : { ...pairing, plan: base };
}

interface Towards {
  changed: Fields;
  edit?: unknown;
  items: readonly OpenItem[];
}

function changedAtSource(back: Back, pair: Pair, merged: Merged, left: Fields): Towards {
  const names = differingFields(left, merged.fields);
  if (names.length === 0) return { changed: {}, items: [] };
  const changed = pickFields(merged.fields, names);
  try {
    const { edit, items } = back.edit(pair.record, changed);
    const known = pair.body.pair?.items ?? [];
    const open = items.map(({ field, because }): OpenItem => {
      const since = known.find((item) => item.field === field)?.since ?? pair.readAt;
      return { field, because, left: valueIn(left, field), right: valueIn(changed, field), since };
    });
    return edit === undefined ? { changed, items: open } : { changed, edit, items: open };
  } catch (thrown) {
    throw asFault(thrown, `map ${pair.collection.name} back`);
  }
}

interface Outcome {
  merged: Merged;
  fields: Fields;
  sides: { left: SideRead; right: SideRead };
  items: readonly OpenItem[];
}

/** Only what is settled moves base and positions: a field that waits for a person keeps both. */
function nextState(before: PairState, { merged, fields, sides, items }: Outcome, now: Millis): PairState {
  const names = Object.keys(fields);
  const state: PairState = {
    base: { ...before.base, ...fields },
    seen: {
      left: { ...before.seen.left, ...positions(sides.left.history, names) },
      right: { ...before.seen.right, ...positions(sides.right.history, names) },
    },
  };
  const recent = (before.overruled ?? []).filter((each) => each.at > now - OVERRULED_FOR);
  const overruled = [...merged.overruled, ...recent].slice(0, KEPT_OVERRULED);
  if (overruled.length > 0) state.overruled = overruled;
  if (Object.keys(merged.deniedAt).length > 0) state.deniedAt = { ...merged.deniedAt };
  const open = [
    ...merged.items.filter((item) => !items.some((other) => other.field === item.field)),
    ...items,
  ];
  if (open.length > 0) state.items = open;
  return state;
}

function positions(history: History | undefined, names: readonly string[]): Record<string, Position> {
  const found: Record<string, Position> = {};
  for (const name of names) {
    const position = positionOf(history?.[name] ?? []);
    if (position) found[name] = position;
  }
  return found;
}

function without(fields: Fields, names: ReadonlySet<string>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
}
