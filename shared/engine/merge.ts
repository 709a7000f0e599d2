import { type Fields, type FieldValue, valueIn } from './fields.ts';
import { TOLERANCE } from './flow.ts';
import { after, type Position, positionOf, type Version } from './history.ts';
import { mergeConsent } from './merge-consent.ts';
import type { FieldRule, OpenItem, Overruled, PairState, SideName, SideRead } from './pair.ts';
import type { Millis } from './ports.ts';

/** One field of a pair, with everything that decides on it. */
export interface FieldView {
  name: string;
  rule: FieldRule;
  /** What each side shows now. */
  left: FieldValue;
  right: FieldValue;
  /** What both last agreed on; undefined before that. */
  base: FieldValue | undefined;
  /** Each side's own newest edit since then, also where our write has covered it. `at` is absent where nobody tells. */
  edits: Partial<Record<SideName, Edit>>;
  /** All of them, oldest first: consent looks at every one. */
  written: Record<SideName, readonly Edit[]>;
  /** The newest of what both agreed on and what we have set out to write since that a side shows. */
  settled: FieldValue | undefined;
  deniedAt: Millis | undefined;
  now: Millis;
}

export type Edit = Omit<Version, 'at'> & { at: Millis | undefined };

/** What one field comes to. */
export interface Verdict {
  value: FieldValue;
  /** A person has to decide: meanwhile neither side is touched, unless `stays`. */
  item?: Pick<OpenItem, 'because' | 'stays'>;
  deniedAt?: Millis;
}

/** What all fields with a rule come to. */
export interface Merged {
  /** The values that both sides should have. */
  fields: Fields;
  /** Fields that are left as they are on both sides until a person decides. */
  held: readonly string[];
  items: readonly OpenItem[];
  overruled: readonly Overruled[];
  deniedAt: Readonly<Record<string, Millis>>;
}

/** The three-way merge of the fields that both sides may change. Pure. */
export function mergeSides(
  rules: Readonly<Record<string, FieldRule>>,
  sides: Record<SideName, SideRead>,
  state: PairState,
  now: Millis,
): Merged {
  const fields: Record<string, FieldValue> = {};
  const items: OpenItem[] = [];
  const held: string[] = [];
  const overruled: Overruled[] = [];
  const deniedAt: Record<string, Millis> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const view = viewOf({ name, rule }, sides, { ...state, now });
    const known = state.items?.find((item) => item.field === name);
    const verdict = byPerson(view, known) ?? decided(view);
    if (verdict.deniedAt !== undefined) deniedAt[name] = verdict.deniedAt;
    const item = verdict.item ?? (known?.stays && known.keep === undefined ? known : undefined);
    if (item) items.push(openItem(view, item, known));
    if (verdict.item && !verdict.item.stays) held.push(name);
    else {
      fields[name] = verdict.value;
      overruled.push(...lost(view, verdict.value));
    }
  }
  return { fields, held, items, overruled, deniedAt };
}

function viewOf(
  { name, rule }: Pick<FieldView, 'name' | 'rule'>,
  sides: Record<SideName, SideRead>,
  state: PairState & { now: Millis },
): FieldView {
  const [left, right] = [valueIn(sides.left.values, name), valueIn(sides.right.values, name)];
  const start = startOf(name, sides.right, state);
  const written = {
    left: editsOf(sides.left, name, { seen: start.left, ours: start.ours, value: left }),
    right: editsOf(sides.right, name, { seen: start.right, ours: start.ours, value: right }),
  };
  const edits: FieldView['edits'] = {};
  for (const side of ['left', 'right'] as const) {
    const newest = written[side].at(-1);
    if (newest) edits[side] = newest;
  }
  const shown = start.ours.findLast((value) => value === left || value === right);
  const [base] = start.ours;
  const settled = shown === undefined ? base : shown;
  return {
    name,
    rule,
    left,
    right,
    base,
    edits,
    written,
    settled,
    deniedAt: state.deniedAt?.[name],
    now: state.now,
  };
}

/** From where on a side's values count as edits. */
interface Start {
  /** What both agreed on, and after it what we have set out to write; empty when the two have never met. */
  ours: readonly FieldValue[];
  left: Position | 'by-value' | undefined;
  right: Position | undefined;
}

/**
 * A pair that we have no memory of may still show our own last write: a worker made the record and died, or the
 * state was lost. Then that write is what both sides agreed on.
 */
function startOf(name: string, right: SideRead, state: PairState): Start {
  const plans = (state.plans ?? []).flatMap((plan) => planned(plan, name));
  const agreed = state.base && Object.hasOwn(state.base, name) ? [valueIn(state.base, name)] : [];
  if (agreed.length + plans.length > 0)
    return { ours: [...agreed, ...plans], left: state.seen.left[name], right: state.seen.right[name] };
  const versions = right.history?.[name] ?? [];
  const at = versions.findLastIndex((version) => version.by === 'us');
  const own = versions[at];
  if (!own) return { ours: [], left: undefined, right: undefined };
  return { ours: [own.value], left: 'by-value', right: positionOf(versions.slice(0, at + 1)) };
}

function planned(plan: Fields, name: string): FieldValue[] {
  return Object.hasOwn(plan, name) ? [valueIn(plan, name)] : [];
}

/** By provenance where the vendor tells, else by the value: one that we have never agreed on or planned is an edit. */
function editsOf(
  side: SideRead,
  name: string,
  known: { seen: Start['left']; ours: readonly FieldValue[]; value: FieldValue },
): readonly Edit[] {
  const versions = side.history?.[name] ?? [];
  const { seen, ours, value } = known;
  if (versions.length > 0 && seen !== 'by-value')
    return after(versions, seen).filter((version) => version.by !== 'us');
  if (ours.length === 0 || ours.includes(value)) return [];
  const newest = versions.at(-1);
  return [newest ? { ...newest, value } : { value, at: undefined, by: 'other' }];
}

function byPerson(view: FieldView, item: OpenItem | undefined): Verdict | undefined {
  if (!item?.keep) return undefined;
  const same = view.left === item.left && view.right === item.right;
  if (item.stays) return same || view.left === view.right ? { value: item[item.keep] } : undefined;
  return same ? { value: item[item.keep] } : undefined;
}

function decided(view: FieldView): Verdict {
  switch (view.rule.policy) {
    case 'deny-wins':
      return mergeConsent(view);
    case 'union':
      return { value: union(view) };
    case 'right':
      return { value: view.base === undefined ? firstOf(view, 'right') : shownBy(view, 'right') };
    case 'fill-if-empty':
      return { value: view.base === undefined ? firstOf(view, 'left') : filled(view) };
    case 'left-wins':
      return { value: view.base === undefined ? firstOf(view, 'left') : leftWins(view) };
    case 'latest':
      return view.base === undefined ? { value: firstOf(view, view.rule.first ?? 'left') } : latest(view);
  }
}

/** Two records that meet for the first time: the owner's value, or the other's where it has none. */
function firstOf(view: FieldView, owner: SideName): FieldValue {
  const side = view.rule.first ?? owner;
  return view[side] ?? view[side === 'left' ? 'right' : 'left'];
}

/** What a side would show if we had not written over its own edit. */
function shownBy(view: FieldView, side: SideName): FieldValue {
  const edit = view.edits[side];
  return edit ? edit.value : view[side];
}

/** A value that the left side cleared on purpose stays cleared, unless the right side has given it anew since. */
function filled(view: FieldView): FieldValue {
  const [left, right] = [shownBy(view, 'left'), shownBy(view, 'right')];
  if (left !== null) return left;
  const cleared = view.edits.left !== undefined && view.base !== null;
  if (!cleared) return right;
  const given = view.edits.right;
  return given && (given.at ?? 0) > (view.edits.left?.at ?? Number.POSITIVE_INFINITY) ? given.value : null;
}

function leftWins({ edits: { left, right }, settled }: FieldView): FieldValue {
  const edit = left ?? right;
  return edit ? edit.value : (settled ?? null);
}

function latest({ edits: { left, right }, settled }: FieldView): Verdict {
  if (!left && !right) return { value: settled ?? null };
  if (!left || !right) return { value: (left ?? right)?.value ?? null };
  if (left.value === right.value) return { value: left.value };
  if (left.at !== undefined && right.at !== undefined && Math.abs(left.at - right.at) > TOLERANCE)
    return { value: left.at > right.at ? left.value : right.value };
  return { value: null, item: { because: 'both sides changed it at about the same time' } };
}

/** Each side adds and takes away members of its own accord. */
function union(view: FieldView): FieldValue {
  const [left, right] = [members(shownBy(view, 'left')), members(shownBy(view, 'right'))];
  const base = members(view.base ?? null);
  const all = new Set([...left, ...right]);
  const kept = [...all].filter((each) => !base.has(each) || (left.has(each) && right.has(each)));
  return kept.length === 0 ? null : kept.sort().join(';');
}

function members(value: FieldValue): ReadonlySet<string> {
  const text = value === null ? '' : String(value);
  return new Set(
    text
      .split(';')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  );
}

function openItem(
  view: FieldView,
  item: Pick<OpenItem, 'because' | 'stays'>,
  known: OpenItem | undefined,
): OpenItem {
  if (known?.stays) return known;
  const [left, right] = [shownBy(view, 'left'), shownBy(view, 'right')];
  const since = known?.since ?? view.now;
  return {
    field: view.name,
    because: item.because,
    left,
    right,
    since,
    ...(item.stays ? { stays: true } : {}),
  };
}

/** Edits that did not become the value. */
function lost(view: FieldView, value: FieldValue): Overruled[] {
  return (['left', 'right'] as const).flatMap((side) => {
    const edit = view.edits[side];
    if (!edit || edit.value === value || edit.value === null || view.rule.policy === 'union') return [];
    return [{ at: view.now, field: view.name, side, value: edit.value }];
  });
}
