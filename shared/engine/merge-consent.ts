import type { Edit, FieldView } from './field-view.ts';
import type { FieldValue } from './fields.ts';
import { TOLERANCE } from './flow.ts';
import { SIDES, type SideName } from './pair.ts';
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
  if (first && stateOf(view.left) === stateOf(view.right)) return alike(view);
  if (first && (isUndatedNo(view, 'left') || isUndatedNo(view, 'right'))) return { value: 'denied' };
  const edits = [...named(view, 'left'), ...named(view, 'right')].sort((a, b) => a.at - b.at);
  let state = startOf(view);
  let denial: Denial | undefined =
    state === 'denied' ? { at: view.deniedAt ?? Number.NEGATIVE_INFINITY, side: undefined } : undefined;
  let refused: SideName | undefined;
  for (const { edit, side, at } of edits) {
    const value = stateOf(edit.value);
    if (value === 'denied') {
      state = 'denied';
      refused = undefined;
      // One that arrives late does not make a younger one that is remembered any older.
      if (!denial || at >= denial.at) denial = { at, side };
    } else if (state !== 'denied') state = value;
    else if (value === 'granted' && edit.by === 'person' && lifts({ at, side }, denial)) {
      state = 'granted';
      refused = undefined;
    } else if (value === 'granted' && edit.by !== 'person') refused = side;
  }
  const verdict: Verdict = { value: answer(state) };
  if (state === 'denied' && denial && Number.isFinite(denial.at)) verdict.deniedAt = denial.at;
  if (refused && !first) {
    const values = { left: 'denied', right: 'denied', [refused]: 'granted' };
    verdict.item = { because: REFUSED, stays: true, ...values };
  }
  return verdict;
}

/** Two that meet and say the same: nobody's earlier act counts any more, but a no keeps its moment. */
function alike(view: FieldView): Verdict {
  const state = stateOf(view.left);
  if (state !== 'denied') return { value: answer(state) };
  const denials = [...named(view, 'left'), ...named(view, 'right')].filter(
    ({ edit }) => stateOf(edit.value) === 'denied',
  );
  const deniedAt = Math.max(...denials.map(({ at }) => at));
  return Number.isFinite(deniedAt) ? { value: state, deniedAt } : { value: state };
}

/** A side shows a no and nobody tells when it was given: then no yes can be known to be later. */
function isUndatedNo(view: FieldView, side: SideName): boolean {
  if (stateOf(view[side]) !== 'denied') return false;
  return !named(view, side).some(({ edit }) => stateOf(edit.value) === 'denied');
}

const REFUSED =
  'somebody else than the person gave a consent that had been denied; it was put back to denied';

/**
 * May a person's word on a consent that was put back be carried out? Not over a no that was given since, and only
 * while both sides show what it was put back to, or `same`: what they were shown.
 */
export function stillRefused(view: FieldView, same: boolean, said: FieldValue): boolean {
  if (isDeniedSince(view)) return false;
  return same || SIDES.every((side) => stateOf(view[side]) === 'denied' || isCarriedOut(view, side, said));
}

/** Has anybody said no since both sides last agreed? */
export function isDeniedSince({ written }: FieldView): boolean {
  return SIDES.some((side) => written[side].some(({ value }) => stateOf(value) === 'denied'));
}

/** A worker that died had carried out there what a person said, and nobody has touched it since. */
export function isCarriedOut(view: FieldView, side: SideName, said: FieldValue): boolean {
  return view[side] === said && !view.edits[side];
}

type State = 'granted' | 'denied' | 'unknown';

function stateOf(value: unknown): State {
  return value === 'granted' || value === 'denied' ? value : 'unknown';
}

/** Neither yes nor no has one spelling, or two systems would correct each other's for ever. */
function answer(state: State): 'granted' | 'denied' | null {
  return state === 'unknown' ? null : state;
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
