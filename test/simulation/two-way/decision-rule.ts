import type { FieldValue } from '../../../shared/engine/fields.ts';
import type { Word } from './operator.ts';
import { type Entry, FIELDS } from './pair-fields.ts';
import type { Snapshot } from './pair-vendor.ts';

/** Between the worker's clock and true time. */
const SKEW = 10_000;

interface Decided {
  pair: { left: Snapshot; right: Snapshot };
  initial: (field: string) => FieldValue;
  open: ReadonlySet<string>;
}

/** The last word on each field of one record is carried out, unless somebody has changed the field since. */
export function decisionProblems(words: readonly Word[], at: Decided): string[] {
  const last = new Map(words.map((word) => [word.item.field, word]));
  return [...last.values()].flatMap((word) => {
    if (word.decision !== 'decided' || isMoot(word, at)) return [];
    const { field } = word.item;
    const said = word.item[word.keep];
    if (at.open.has(field)) return [`${field}: ${said} was decided, and it is asked about again`];
    const name = FIELDS.find((each) => each === field);
    const shown = name && [at.pair.left.fields[name], at.pair.right.fields[name]];
    return !shown || shown.every((value) => value === said)
      ? []
      : [`${field}: ${said} was decided, ${shown.join(' and ')} is shown`];
  });
}

function isMoot({ item, keep }: Word, { pair, initial }: Decided): boolean {
  const name = FIELDS.find((each) => each === item.field);
  if (!name) return true;
  const logs = [pair.left.logs[name], pair.right.logs[name]].map(byPeople);
  const since = (slack: number, log: readonly Entry[]) =>
    log.some((each) => each.happened > item.since + slack);
  if (name === 'consent') {
    const refused = logs.map((log) => log.filter(({ value }) => value !== 'granted'));
    if (item[keep] === 'granted') return refused.some((log) => since(-60_000, log));
    return logs.some((log) =>
      since(
        -60_000,
        log.filter(({ value }) => value !== 'denied'),
      ),
    );
  }
  const [left, right] = logs.map((log) => log.at(-1));
  const shown = { left: left ? left.value : initial(name), right: right ? right.value : item.right };
  return shown.left !== item.left || shown.right !== item.right;
}

function byPeople(log: readonly Entry[]): Entry[] {
  return log.filter(({ by }) => by !== 'us');
}

/** The word on a consent counts like the person's own, over what they were shown. */
export function wordsOnConsent(words: readonly Word[]): Entry[] {
  return words.flatMap(({ item, keep, decision }): Entry[] => {
    const value = item[keep];
    const isCounted = decision === undefined || decision === 'decided';
    if (item.field !== 'consent' || value !== 'granted' || !isCounted) return [];
    const happened = item.since + SKEW;
    return [{ value, at: happened, by: 'person', happened, paired: true }];
  });
}
