import type { Finding, FindingKind } from '../engine/match.ts';
import { kindsOf, type MatchReport } from '../engine/match-report.ts';
import { count, plural } from './format.ts';

const SAYS: Readonly<Record<FindingKind, string>> = {
  linked: 'are linked already',
  matched: 'will be paired with the one record that was found for them',
  ambiguous: 'are ambiguous: a person has to say which record is theirs',
  new: 'are new: a record will be made for each',
  skipped: 'are kept away by the mapping',
  stuck: 'cannot be moved as they are now',
};

/** The report of a first pairing, as lines for a terminal: counts first, then examples of each kind. */
export function matchLines(flow: string, report: MatchReport): string[] {
  if (report.looked === 0) return ['the source lists no record'];
  const width = Math.max(...kindsOf(report).map((kind) => count(report.counts[kind]).length));
  return [
    `${plural(report.looked, 'record')} of the source looked at, nothing written`,
    ...kindsOf(report).flatMap((kind) => [
      `  ${count(report.counts[kind]).padStart(width)} ${SAYS[kind]}${kind === 'matched' ? byRule(report) : ''}`,
    ]),
    ...kindsOf(report).flatMap((kind) => examples(kind, report.examples[kind])),
    `when this is right: npm run intertie -- backfill ${flow} --yes`,
  ];
}

function byRule({ by }: MatchReport): string {
  const rules = [
    ...(by.reference > 0 ? [`${count(by.reference)} by our reference`] : []),
    ...(by.match > 0 ? [`${count(by.match)} by the match rule`] : []),
  ];
  return rules.length === 0 ? '' : ` (${rules.join(', ')})`;
}

function examples(kind: FindingKind, findings: readonly Finding[]): string[] {
  return [`${kind}, e.g.`, ...findings.map((each) => `  ${exampleOf(each)}`)];
}

function exampleOf({ id, label, targetIds, because }: Finding): string {
  const target = targetIds.length === 0 ? '' : ` → ${targetIds.slice(0, 5).join(', ')}`;
  return `${id}${label === undefined ? '' : `  ${label}`}${target}${because === undefined ? '' : `  (${because})`}`;
}
