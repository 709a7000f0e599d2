import { type FieldView, viewOf } from './field-view.ts';
import type { Fields, FieldValue } from './fields.ts';
import { isCarriedOut, isDeniedSince, stillRefused } from './merge-consent.ts';
import {
  type FieldRule,
  type OpenItem,
  type Overruled,
  type PairState,
  SIDES,
  type SideName,
  type SideRead,
} from './pair.ts';
import { decided, type OpenedItem, shownBy, type Verdict } from './policies.ts';
import type { Millis } from './ports.ts';

/** What all fields with a rule come to. */
export interface Merged {
  /** The values that both sides should have. */
  fields: Fields;
  /** Fields that are left as they are on both sides until a person decides. */
  held: readonly string[];
  items: readonly OpenItem[];
  overruled: readonly Overruled[];
  deniedAt: Readonly<Record<string, Millis>>;
  /** Fields that a side shows otherwise than both agreed on although nobody has edited them. */
  unsettled: readonly string[];
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
  const unsettled: string[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    const view = viewOf({ name, rule }, sides, { ...state, now });
    const known = state.items?.find((item) => item.field === name);
    const verdict = byPerson(view, known) ?? decided(view);
    if (verdict.deniedAt !== undefined) deniedAt[name] = verdict.deniedAt;
    const item = verdict.item ?? (known && staysOpen(view, known) ? known : undefined);
    if (item) items.push(openItem(view, item, known));
    if (verdict.item && !verdict.item.stays) held.push(name);
    else {
      fields[name] = verdict.value;
      if (comesBack(view, verdict.value)) unsettled.push(name);
      overruled.push(...lost(view, verdict.value));
    }
  }
  return { fields, held, items, overruled, deniedAt, unsettled };
}

/** What both agreed on is to be written once more, and nobody has touched it: the vendor keeps it in another form. */
function comesBack({ base, edits, left, right }: FieldView, value: FieldValue): boolean {
  if (base === undefined || value !== base || edits.left || edits.right) return false;
  return left !== value || right !== value;
}

/** What was put back waits for a look at it, until a newer no leaves nothing to decide. */
function staysOpen(view: FieldView, { stays, keep }: OpenItem): boolean {
  return stays === true && keep === undefined && !isDeniedSince(view);
}

/** A person's word holds as long as both values are the ones that they were shown. */
function byPerson(view: FieldView, item: OpenItem | undefined): Verdict | undefined {
  const said = item?.keep ?? item?.chosen;
  if (!item || !said) return undefined;
  const value = item[said];
  const same = SIDES.every((side) => isShown(view, item, side) || isCarriedOut(view, side, value));
  if (item.stays ? !stillRefused(view, same, value) : !same) return undefined;
  const { deniedAt } = view;
  return value === 'denied' && deniedAt !== undefined ? { value, deniedAt } : { value };
}

/** An item shows a side's own edit, also where our write has covered it; one about a write shows what is covered. */
function isShown(view: FieldView, item: OpenItem, side: SideName): boolean {
  return item[side] === view[side] || item[side] === shownBy(view, side);
}

function openItem(view: FieldView, item: OpenedItem, known: OpenItem | undefined): OpenItem {
  // One that was decided and has lapsed is asked about anew.
  if (known?.stays && known.keep === undefined) return known;
  const left = item.left === undefined ? shownBy(view, 'left') : item.left;
  const right = item.right === undefined ? shownBy(view, 'right') : item.right;
  const since = known?.since ?? view.now;
  const opened = { field: view.name, because: item.because, left, right, since };
  return item.stays ? { ...opened, stays: true } : opened;
}

/** Edits that did not become the value. */
function lost(view: FieldView, value: FieldValue): Overruled[] {
  return (['left', 'right'] as const).flatMap((side) => {
    const edit = view.edits[side];
    if (!edit || edit.value === value || edit.value === null || view.rule.policy === 'union') return [];
    return [{ at: view.now, field: view.name, side, value: edit.value }];
  });
}
