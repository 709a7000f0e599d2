import type { FieldValue } from '../../../shared/engine/fields.ts';
import { OVERTAKEN } from './consent-rule.ts';
import type { Entry, FieldName } from './pair-fields.ts';

/** One field of one pair after everything has come to rest. */
export interface Rested {
  field: FieldName;
  shown: FieldValue;
  left: readonly Entry[];
  right: readonly Entry[];
  /** The left's value at the beginning. */
  initial: FieldValue;
  /** Neither side tells who wrote what, so a right edit that our write overtook is lost. */
  blind: boolean;
  /** Two records of the right side became one, so that its history is that of two. */
  merged: boolean;
}

/** What is wrong with the value of a field, by its policy and the vendors' own logs. */
export function valueProblem(field: Rested): string | undefined {
  switch (field.field) {
    case 'title':
    case 'email':
      return ownedByLeft(field);
    case 'score':
      return ownedByRight(field);
    case 'name':
    case 'nick':
    case 'memo':
    case 'badge':
      return latest(field);
    case 'city':
      return leftWins(field);
    case 'phone':
      return filled(field);
    case 'tags':
      return union(field);
    case 'consent':
      return undefined;
  }
}

function ownedByLeft({ shown, left, initial }: Rested): string | undefined {
  if (left.some(({ by }) => by === 'us')) return 'we wrote over the left side, whose field it is';
  const wanted = left.length > 0 ? left.at(-1)?.value : initial;
  return shown === wanted ? undefined : `${shown}, and the left side said ${wanted}`;
}

function ownedByRight({ shown, right, blind }: Rested): string | undefined {
  const last = lastOf(right);
  if (!last || shown === last.value || (last.value === null && !last.paired)) return undefined;
  if (blind && isOvertaken(last, right)) return undefined;
  return `${shown}, and the right side said ${last.value}`;
}

function latest({ shown, left, right, initial, blind }: Rested): string | undefined {
  const [one, two] = [lastOf(left), lastOf(right)];
  const candidates = [one ? one.value : initial, ...(two ? [two.value] : [])];
  // A record that we made and never came to know of is met like a stranger's, whose value fills an empty one.
  if (blind && one?.value === null && !one.paired && !two) return undefined;
  if (!candidates.includes(shown))
    return `reverted: ${shown} is nobody's last edit (${candidates.join(', ')})`;
  const [first, last] = [one, two].flatMap((each) => each ?? []).sort((a, b) => a.happened - b.happened);
  const newest = last ?? first;
  if (!newest?.paired || (last && first && last.happened - first.happened <= OVERTAKEN)) return undefined;
  if (blind && isOvertaken(newest, newest === two ? right : left)) return undefined;
  return newest.value === shown ? undefined : `reverted: ${shown}, and ${newest.value} was said last`;
}

/** The left side's last edit beats any that the right side made before both had agreed on it. */
function leftWins(field: Rested): string | undefined {
  const { shown, left, right, initial, blind } = field;
  const [one, two] = [lastOf(left), lastOf(right)];
  if (!one || !two) return latest(field);
  // Where nobody tells, a left edit that was on its way to the right side already counts as agreed on.
  if (!blind && one.paired && one.happened > two.happened)
    return shown === one.value ? undefined : `${shown}, and the left side said ${one.value} last`;
  const candidates = [one.value, two.value, initial];
  return candidates.includes(shown) ? undefined : `reverted: ${shown} is nobody's last edit`;
}

function filled({ shown, left, right, initial }: Rested): string | undefined {
  const last = lastOf(left);
  const own = last ? last.value : initial;
  if (own !== null) return shown === own ? undefined : `${shown}, and the left side said ${own}`;
  const given = shown === null || right.some(({ value }) => value === shown);
  return given ? undefined : `${shown}, which the right side never said`;
}

/** Nobody's member, or a member that is gone although nobody took it away. */
function union({ shown, left, right, initial, merged, blind }: Rested): string | undefined {
  const now = members(shown);
  const said = [...left, ...right].filter(({ by }) => by !== 'us');
  const ever = new Set([initial, ...said.map(({ value }) => value)].flatMap((value) => [...members(value)]));
  const stray = [...now].find((each) => !ever.has(each));
  if (stray !== undefined) return `${shown}: nobody ever said ${stray}`;
  const taken = new Set([...takenFrom(left, initial), ...takenFrom(right, null)]);
  if (merged || (blind && right.some((each) => each.by !== 'us' && isOvertaken(each, right))))
    return undefined;
  const missing = [...ever].find((each) => !now.has(each) && !taken.has(each));
  return missing === undefined ? undefined : `${shown}: nobody took away ${missing}`;
}

/** Members that a person's entry no longer has and the one before it had. */
function takenFrom(log: readonly Entry[], initial: FieldValue): string[] {
  return log.flatMap((entry, at) => {
    if (entry.by === 'us') return [];
    const after = members(entry.value);
    return [...members(at === 0 ? initial : (log[at - 1]?.value ?? null))].filter((each) => !after.has(each));
  });
}

function members(value: FieldValue): ReadonlySet<string> {
  return new Set(value === null ? [] : String(value).split(';'));
}

function lastOf(log: readonly Entry[]): Entry | undefined {
  return log.findLast(({ by }) => by !== 'us');
}

function isOvertaken(edit: Entry, log: readonly Entry[]): boolean {
  return log.some(
    ({ by, happened }) => by === 'us' && happened >= edit.happened && happened <= edit.happened + OVERTAKEN,
  );
}
