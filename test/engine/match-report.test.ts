import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FINDING_KINDS, type Finding, judge } from '../../shared/engine/match.ts';
import { addFindings, kindsOf, newMatchReport } from '../../shared/engine/match-report.ts';
import type { Found } from '../../shared/engine/resource.ts';

const aFinding = fc.record({
  id: fc.string({ minLength: 1, maxLength: 3 }),
  kind: fc.constantFrom(...FINDING_KINDS),
  targetIds: fc.array(fc.constantFrom('t1', 't2', 't3'), { maxLength: 2 }),
});
const kindFits = ({ kind, targetIds }: Finding): boolean =>
  (kind !== 'matched' && kind !== 'linked') || targetIds.length === 1;
const someFindings = fc.array(aFinding.filter(kindFits), { maxLength: 40 });

describe('a report', () => {
  test('counts every finding once, however they are paged, and keeps at most five examples of a kind', () => {
    fc.assert(
      fc.property(someFindings, fc.nat(40), (findings, cut) => {
        const whole = newMatchReport();
        addFindings(whole, 'people', findings);
        const paged = newMatchReport();
        addFindings(paged, 'people', findings.slice(0, cut));
        addFindings(paged, 'people', findings.slice(cut));
        expect(paged).toEqual(whole);
        expect(whole.looked).toBe(findings.length);
        expect(kindsOf(whole).reduce((sum, kind) => sum + whole.counts[kind], 0)).toBe(findings.length);
        for (const kind of FINDING_KINDS)
          expect(whole.examples[kind]).toHaveLength(Math.min(5, whole.counts[kind]));
      }),
    );
  });

  test('never says of two records that each will be paired with the same one', () => {
    fc.assert(
      fc.property(someFindings, (findings) => {
        const report = newMatchReport();
        addFindings(report, 'people', findings);
        const owners = new Map<string, string>();
        for (const { id, targetIds } of report.examples.matched) {
          const [targetId = ''] = targetIds;
          expect(owners.get(targetId) ?? id).toBe(id);
          owners.set(targetId, id);
        }
      }),
    );
  });
});

describe('the candidates of a record', () => {
  const found = (targetId: string, ref?: string): Found => ({
    targetId,
    by: ref === 'me' ? 'reference' : 'match',
    ...(ref !== undefined && { ref }),
  });
  test.each([
    { candidates: [], kind: 'new', by: undefined },
    { candidates: [found('1')], kind: 'matched', by: 'match' },
    { candidates: [found('1', 'me')], kind: 'matched', by: 'reference' },
    { candidates: [found('1'), found('1')], kind: 'matched', by: 'match' },
    { candidates: [found('1', 'other')], kind: 'ambiguous', by: undefined },
    { candidates: [found('1'), found('2')], kind: 'ambiguous', by: undefined },
  ])('$candidates are $kind', ({ candidates, kind, by }) => {
    const judged = judge('people', 'me', candidates);
    expect([judged.kind, judged.by]).toEqual([kind, by]);
    expect(judged.targetIds).toEqual([...new Set(candidates.map(({ targetId }) => targetId))]);
  });
});
