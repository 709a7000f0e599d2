import { type FieldView, viewOf } from './field-view.ts';
import type { Fields, FieldValue } from './fields.ts';
import type { FieldRule, OpenItem, Overruled, PairState, SideName, SideRead } from './pair.ts';
import { decided, shownBy, type Verdict } from './policies.ts';
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

function byPerson(view: FieldView, item: OpenItem | undefined): Verdict | undefined {
  if (!item?.keep) return undefined;
  const same = view.left === item.left && view.right === item.right;
  if (item.stays) return same || view.left === view.right ? { value: item[item.keep] } : undefined;
  return same ? { value: item[item.keep] } : undefined;
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
