import type { FieldView } from './field-view.ts';
import type { FieldValue } from './fields.ts';
import { TOLERANCE } from './flow.ts';
import { mergeConsent } from './merge-consent.ts';
import type { OpenItem, SideName } from './pair.ts';
import type { Millis } from './ports.ts';

/** What a person has to decide; the values are what each side shows of its own, unless said. */
export type OpenedItem = Pick<OpenItem, 'because' | 'stays'> & Partial<Pick<OpenItem, SideName>>;

/** What one field comes to. */
export interface Verdict {
  value: FieldValue;
  /** A person has to decide: meanwhile neither side is touched, unless `stays`. */
  item?: OpenedItem;
  deniedAt?: Millis;
}

/** What the field's policy makes of it. Pure. */
export function decided(view: FieldView): Verdict {
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
      return { value: view.settled === undefined ? firstOf(view, 'left') : leftWins(view) };
    case 'latest':
      return view.settled === undefined ? { value: firstOf(view, 'left') } : latest(view);
  }
}

/** Two records that meet for the first time: the owner's value, or the other's where it has none. */
function firstOf(view: FieldView, owner: SideName): FieldValue {
  const side = view.rule.first ?? owner;
  return view[side] ?? view[side === 'left' ? 'right' : 'left'];
}

/** What a side would show if we had not written over its own edit. */
export function shownBy(view: FieldView, side: SideName): FieldValue {
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
