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

/** Each side adds and takes away members of its own accord, one edit after the other. */
function union(view: FieldView): FieldValue {
  const kept = new Set(members(view.base ?? null));
  const acts = [...actsOf(view, 'left'), ...actsOf(view, 'right')];
  for (const { before, value } of acts.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))) {
    for (const each of value) if (!before.has(each)) kept.add(each);
    for (const each of before) if (!value.has(each)) kept.delete(each);
  }
  return kept.size === 0 ? null : [...kept].sort().join(';');
}

interface Act {
  before: ReadonlySet<string>;
  value: ReadonlySet<string>;
  at: Millis | undefined;
}

/**
 * What a side did to its members: an edit that our write has covered knew nothing of what we wrote. A side that does
 * not tell, or that is met for the first time, is compared with what both agreed on.
 */
function actsOf(view: FieldView, side: SideName): Act[] {
  const base = members(view.base ?? null);
  if (view.base === undefined || !view.tells[side])
    return [{ before: base, value: members(shownBy(view, side)), at: undefined }];
  return view.written[side].map(({ before, value, at }) => ({
    before: before === undefined ? base : members(before),
    value: members(value),
    at,
  }));
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
