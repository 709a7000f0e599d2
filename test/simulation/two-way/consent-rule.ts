import type { FieldValue } from '../../../shared/engine/fields.ts';
import type { Entry } from './pair-fields.ts';

/** A write of ours may land so long after what it is based on was read. */
export const OVERTAKEN = 180_000;

interface Word extends Entry {
  side: 'left' | 'right' | 'operator';
}

/** What people said at both sides, and what both show now. */
export interface Consent {
  left: readonly Entry[];
  right: readonly Entry[];
  shown: FieldValue;
  /** What an operator said of it. */
  said: readonly Entry[];
}

/** What is wrong with a consent, from the vendors' own logs, where they tell who wrote what. */
export function consentProblem({ left, right, shown, said }: Consent): string | undefined {
  const words = [
    ...left.map((entry): Word => ({ ...entry, side: 'left' })),
    ...right.map((entry): Word => ({ ...entry, side: 'right' })),
    ...said.map((entry): Word => ({ ...entry, side: 'operator' })),
  ].filter((word) => word.by !== 'us');
  const denials = words.filter(({ value }) => value === 'denied');
  if (shown === 'granted') {
    const standing = denials.find((denial) => !isLifted(denial, words));
    return (
      standing &&
      `granted, although ${standing.by} denied it at the ${standing.side} side at ${standing.happened}`
    );
  }
  // An operator's word may have lapsed; whether it was carried out is judged elsewhere.
  if (said.length > 0) return undefined;
  const last = words.toSorted((a, b) => a.happened - b.happened).at(-1);
  if (!last?.paired) return undefined;
  const alone = words.every((word) => word === last || word.happened < last.happened - OVERTAKEN);
  if (last.value === 'denied' && shown !== 'denied') return `${shown}, although it was denied last`;
  if (alone && last.value === 'granted' && last.by === 'person')
    return `${shown}, although the person granted it last`;
  return undefined;
}

/** By a later yes of the person; before the two sides met, by whatever its own side said later. */
function isLifted(denial: Word, words: readonly Word[]): boolean {
  return words.some((word) => {
    const same = word.side === denial.side;
    const later = word.happened > denial.happened;
    if (later && word.value === 'granted' && word.by === 'person') return true;
    return same && later && !denial.paired && word.value !== 'denied' && !word.paired;
  });
}

/** The same where nobody tells: a no that was a side's last word, and that we did not write over unseen. */
export function consentProblemByValue({ left, right, shown, said }: Consent): string | undefined {
  if (shown !== 'granted') return undefined;
  const standing = [left, right].some((log) => {
    const last = log.findLast(({ by }) => by !== 'us');
    if (last?.value !== 'denied') return false;
    if (said.some(({ value, happened }) => value === 'granted' && happened > last.happened)) return false;
    return !log.some(
      ({ by, happened }) => by === 'us' && happened >= last.happened && happened <= last.happened + OVERTAKEN,
    );
  });
  return standing ? 'granted, although a side denied it last' : undefined;
}
