import { FINDING_KINDS, type Finding, type FindingKind } from './match.ts';

/** Of each kind. */
const EXAMPLES = 5;
/** Pairs remembered to find two records that match the same one; beyond that only their references tell. */
const MOST_PAIRS = 200_000;

/** What a first backfill would find: the counts, and a few examples of each kind. */
export interface MatchReport {
  looked: number;
  counts: Record<FindingKind, number>;
  /** Of those matched. */
  by: Record<'reference' | 'match', number>;
  examples: Record<FindingKind, Finding[]>;
  /** Which record was the first to match one of the target's. */
  taken: Map<string, string>;
}

/** Of no record yet. */
export function newMatchReport(): MatchReport {
  return {
    looked: 0,
    counts: { linked: 0, matched: 0, ambiguous: 0, new: 0, skipped: 0, stuck: 0 },
    by: { reference: 0, match: 0 },
    examples: { linked: [], matched: [], ambiguous: [], new: [], skipped: [], stuck: [] },
    taken: new Map(),
  };
}

/** Adds the findings of one more page to the report, whose size does not grow with the number of records. */
export function addFindings(report: MatchReport, collection: string, findings: readonly Finding[]): void {
  for (const each of findings) {
    const finding = unlessTaken(report, collection, each);
    report.looked += 1;
    report.counts[finding.kind] += 1;
    if (finding.kind === 'matched' && finding.by) report.by[finding.by] += 1;
    const examples = report.examples[finding.kind];
    if (examples.length < EXAMPLES) examples.push(finding);
  }
}

/** Two records that match the same one: the first takes it, the second has to wait for a person. */
function unlessTaken({ taken }: MatchReport, collection: string, finding: Finding): Finding {
  const [targetId] = finding.targetIds;
  if ((finding.kind !== 'matched' && finding.kind !== 'linked') || targetId === undefined) return finding;
  const owner = taken.get(targetId);
  if (owner === undefined) {
    if (taken.size < MOST_PAIRS) taken.set(targetId, finding.id);
    return finding;
  }
  if (owner === finding.id || finding.kind === 'linked') return finding;
  const { by: _, ...rest } = finding;
  return { ...rest, kind: 'ambiguous', because: `${collection}/${owner} matches the same record` };
}

/** The kinds that there are any of, in the order in which they are reported. */
export function kindsOf(report: MatchReport): FindingKind[] {
  return FINDING_KINDS.filter((kind) => report.counts[kind] > 0);
}
