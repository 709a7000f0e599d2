import { type Fields, type FieldValue, valueIn } from './fields.ts';
import { after, type Position, positionOf, type Version } from './history.ts';
import type { FieldRule, PairState, SideName, SideRead } from './pair.ts';
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
  /** All of them, oldest first: consent and unions look at every one. */
  written: Record<SideName, readonly Edit[]>;
  /** Does the side tell who wrote what? Else its edits are seen by their values only. */
  tells: Record<SideName, boolean>;
  /** The newest of what both agreed on and what we have set out to write since that a side shows. */
  settled: FieldValue | undefined;
  deniedAt: Millis | undefined;
  now: Millis;
}

/** A value that somebody else than us has given a field. */
export interface Edit extends Omit<Version, 'at'> {
  at: Millis | undefined;
  /** What it replaced there, where the vendor tells. */
  before?: FieldValue;
}

/** What one field of a pair looks like, before any policy. Pure. */
export function viewOf(
  { name, rule }: Pick<FieldView, 'name' | 'rule'>,
  sides: Record<SideName, SideRead>,
  state: PairState & { now: Millis },
): FieldView {
  const [left, right] = [valueIn(sides.left.values, name), valueIn(sides.right.values, name)];
  const start = startOf({ name, rule }, sides, state);
  const written = {
    left: editsOf(sides.left, name, { seen: start.left, ours: start.ours, value: left }),
    right: editsOf(sides.right, name, { seen: start.right, ours: start.ours, value: right }),
  };
  const tells = {
    left: hasTold(sides.left, name, start.left),
    right: hasTold(sides.right, name, start.right),
  };
  const edits: FieldView['edits'] = {};
  for (const side of ['left', 'right'] as const) {
    const newest = written[side].at(-1);
    if (newest) edits[side] = newest;
  }
  const shown = start.ours.findLast((value) => value === left || value === right);
  const settled = shown === undefined ? start.base : shown;
  return {
    name,
    rule,
    left,
    right,
    base: start.base,
    edits,
    written,
    tells,
    settled,
    deniedAt: state.deniedAt?.[name],
    now: state.now,
  };
}

/** From where on a side's values count as edits. */
interface Start {
  base: FieldValue | undefined;
  /** What both agreed on, and after it what we have set out to write; empty when the two have never met. */
  ours: readonly FieldValue[];
  left: From;
  right: From;
}

/** After a position, from the beginning, or by the value alone. */
type From = Position | 'by-value' | undefined;

/** Of two that have never met, or that are to meet once more. */
const UNMET: Start = { base: undefined, ours: [], left: undefined, right: undefined };

/**
 * A pair that we have no memory of may still show our own last write: a worker made the record and died, or the
 * state was lost. Then that write is what both sides agreed on; but consent weighs every act that either side tells.
 */
function startOf(
  { name, rule }: Pick<FieldView, 'name' | 'rule'>,
  sides: Record<SideName, SideRead>,
  state: PairState,
): Start {
  const seen = { left: state.seen.left[name], right: state.seen.right[name] };
  const plans = (state.plans ?? []).flatMap((plan) => planned(plan, name));
  if (state.base && Object.hasOwn(state.base, name)) {
    const base = valueIn(state.base, name);
    return { base, ours: [base, ...plans], ...seen };
  }
  if (plans.length > 0 && countsEdits(rule)) return { base: undefined, ours: plans, ...seen };
  if (rule.policy === 'deny-wins') return UNMET;
  const right = lastOfOurs(sides.right, name);
  if (right) {
    const isOwner = rule.policy === 'right' && rule.first !== 'left';
    const from = isOwner && hasOwnWord(sides.right, name) ? undefined : right.from;
    return { base: right.value, ours: [right.value], left: 'by-value', right: from };
  }
  const left = countsEdits(rule) ? lastOfOurs(sides.left, name) : undefined;
  if (left) return { base: left.value, ours: [left.value], left: left.from, right: 'by-value' };
  return UNMET;
}

/** Our write may have come over a value of the right side's own that was given after we had read it. */
function hasOwnWord(side: SideRead, name: string): boolean {
  const own = side.history?.[name]?.findLast(({ by }) => by !== 'us');
  return own !== undefined && own.value !== null;
}

function lastOfOurs(
  side: SideRead,
  name: string,
): { value: FieldValue; from: Position | undefined } | undefined {
  const versions = side.history?.[name] ?? [];
  const at = versions.findLastIndex((version) => version.by === 'us');
  const own = versions[at];
  return own && { value: own.value, from: positionOf(versions.slice(0, at + 1)) };
}

/**
 * Does an unfinished first meeting go on from its plans? Under the other policies it is held anew, which comes to
 * the same; a plan taken for an agreement would there turn what one side never had into something it took away.
 */
export function countsEdits({ policy }: FieldRule): boolean {
  return policy === 'latest' || policy === 'left-wins';
}

function planned(plan: Fields, name: string): FieldValue[] {
  return Object.hasOwn(plan, name) ? [valueIn(plan, name)] : [];
}

function hasTold(side: SideRead, name: string, from: From): boolean {
  return (side.history?.[name] ?? []).length > 0 && from !== 'by-value';
}

/** By provenance where the vendor tells, else by the value: one that we have never agreed on or planned is an edit. */
function editsOf(
  side: SideRead,
  name: string,
  { seen, ours, value }: { seen: From; ours: readonly FieldValue[]; value: FieldValue },
): readonly Edit[] {
  const versions = side.history?.[name] ?? [];
  if (versions.length > 0 && seen !== 'by-value') {
    const told = since(versions, seen);
    return told.length > 0 ? told : untold(versions, { ours, value });
  }
  if (ours.length === 0 || ours.includes(value)) return [];
  const newest = versions.at(-1);
  if (newest?.by === 'us' && newest.value === value) return [];
  return [newest ? { ...newest, value } : { value, at: undefined, by: 'other' }];
}

/**
 * A value that nobody has given since, and that is not ours either: the mapping reads it in another way than it did, or
 * the vendor's history leaves acts out. It stands where it is, instead of being put back.
 */
function untold(
  versions: readonly Version[],
  { ours, value }: { ours: readonly FieldValue[]; value: FieldValue },
): readonly Edit[] {
  const newest = versions.at(-1);
  if (ours.length === 0 || ours.includes(value) || newest?.by === 'us') return [];
  return [{ value, at: newest?.at, by: 'other' }];
}

function since(versions: readonly Version[], seen: Position | undefined): readonly Edit[] {
  const fresh = after(versions, seen);
  const first = versions.length - fresh.length;
  return fresh.flatMap((version, at): Edit[] => {
    if (version.by === 'us') return [];
    const before = versions[first + at - 1];
    return [before ? { ...version, before: before.value } : version];
  });
}
