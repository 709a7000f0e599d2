import type { Edit, FieldView } from './field-view.ts';
import { TOLERANCE } from './flow.ts';
import type { SideName } from './pair.ts';
import type { Verdict } from './policies.ts';
import type { Millis } from './ports.ts';

interface Denial {
  at: Millis;
  side: SideName | undefined;
}

/**
 * Consent. A denial holds against everything but a later yes of the person; a yes that anybody else enters over a
 * denial is put back, and shown to a person. Every edit counts, not only the newest: a denial that somebody
 * covered a moment later was still given. Pure.
 */
export function mergeConsent(view: FieldView): Verdict {
  const first = view.base === undefined;
  if (first && stateOf(view.left) === stateOf(view.right)) return { value: view.left };
  const edits = [...named(view, 'left'), ...named(view, 'right')].sort((a, b) => a.at - b.at);
  let state = startOf(view);
  let denial: Denial | undefined =
    state === 'denied' ? { at: view.deniedAt ?? Number.NEGATIVE_INFINITY, side: undefined } : undefined;
  let refused = false;
  for (const { edit, side, at } of edits) {
    const value = stateOf(edit.value);
    if (value === 'denied') {
      state = 'denied';
      refused = false;
      denial = { at, side };
    } else if (state !== 'denied') state = value;
    else if (value === 'granted' && edit.by === 'person' && lifts({ at, side }, denial)) {
      state = 'granted';
      refused = false;
    } else if (value === 'granted' && edit.by !== 'person') refused = true;
  }
  const verdict: Verdict = { value: state === 'unknown' ? null : state };
  if (state === 'denied' && denial && Number.isFinite(denial.at)) verdict.deniedAt = denial.at;
  if (refused && !first) verdict.item = { because: REFUSED, stays: true };
  return verdict;
}

const REFUSED =
  'somebody else than the person gave a consent that had been denied; it was put back to denied';

type State = 'granted' | 'denied' | 'unknown';

function stateOf(value: unknown): State {
  return value === 'granted' || value === 'denied' ? value : 'unknown';
}

/** Before the first agreement, whatever either side shows; where they differ, the no. */
function startOf({ base, left, right, settled }: FieldView): State {
  if (base !== undefined) return stateOf(settled);
  const shown = [stateOf(left), stateOf(right)];
  if (shown.includes('denied')) return 'denied';
  return shown.includes('granted') ? 'granted' : 'unknown';
}

function named(view: FieldView, side: SideName): { edit: Edit; side: SideName; at: Millis }[] {
  return view.written[side].map((edit) => ({ edit, side, at: edit.at ?? view.now }));
}

/** Two systems' clocks differ: across them a yes counts as later only when it is later by more than that. */
function lifts(grant: { at: Millis; side: SideName }, denial: Denial | undefined): boolean {
  if (!denial) return true;
  const slack = denial.side === undefined || denial.side === grant.side ? 0 : TOLERANCE;
  return grant.at > denial.at + slack;
}
