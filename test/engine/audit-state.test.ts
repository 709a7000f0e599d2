import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AuditSchema,
  type AuditState,
  counted,
  newAudit,
  reportOf,
  stillDiffers,
  type Verdict,
} from '../../shared/engine/audit-state.ts';

const NOW = 1_700_000_000_000;
const start = newAudit(NOW);

function judged(...verdicts: Verdict[]): { id: string; verdict: Verdict }[] {
  return verdicts.map((verdict, at) => ({ id: String(at), verdict }));
}

const sum = (causes: AuditState['causes']): number =>
  Object.values(causes).reduce((all, each) => all + each, 0);

describe('counted', () => {
  test('agreement and explanation count at once; a difference waits for its second look', () => {
    const state = counted(
      start,
      judged(
        { kind: 'agree' },
        { kind: 'explained', cause: 'parked: rejected' },
        { kind: 'differs', cause: 'name' },
        { kind: 'unsure' },
      ),
      NOW + 5,
    );
    expect(state).toMatchObject({ agree: 1, explained: 1, differ: 0, causes: { 'parked: rejected': 1 } });
    expect(state.pending).toEqual([
      { id: '2', cause: 'name', rungAt: NOW + 5 },
      { id: '3', cause: 'in work', rungAt: NOW + 5 },
    ]);
  });

  test('a record waits once, however often it is seen', () => {
    const once = counted(start, [{ id: '1', verdict: { kind: 'differs', cause: 'name' } }], NOW);
    expect(counted(once, [{ id: '1', verdict: { kind: 'unsure' } }], NOW + 1)).toEqual(once);
  });

  test('more than a thousand differences count without a second look', () => {
    const many = judged(...Array<Verdict>(1_003).fill({ kind: 'differs', cause: 'name' }));
    const state = counted(start, many, NOW);
    expect(state.pending).toHaveLength(1_000);
    expect(state).toMatchObject({ differ: 3, causes: { name: 3 } });
  });

  test('no record is lost or counted twice, memory is bounded, and the state can be stored', () => {
    const cause = fc.constantFrom('name', 'email', 'phone');
    const verdict: fc.Arbitrary<Verdict> = fc.oneof(
      fc.constant<Verdict>({ kind: 'agree' }),
      fc.constant<Verdict>({ kind: 'unsure' }),
      cause.map((each): Verdict => ({ kind: 'explained', cause: each })),
      cause.map((each): Verdict => ({ kind: 'differs', cause: each })),
    );
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 300 }), (verdicts) => {
        const state = counted(start, judged(...verdicts), NOW);
        expect(state.agree + state.explained + state.differ + state.pending.length).toBe(verdicts.length);
        expect(sum(state.causes)).toBe(state.explained + state.differ);
        expect(state.differences.length).toBe(Math.min(100, state.explained + state.differ));
        expect(AuditSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
      }),
    );
  });
});

describe('stillDiffers', () => {
  test('is the final word, with its cause', () => {
    const state = stillDiffers(start, { id: '1', cause: 'name' });
    expect(state).toMatchObject({
      differ: 1,
      causes: { name: 1 },
      differences: [{ id: '1', cause: 'name' }],
    });
    expect(start.differ).toBe(0);
  });
});

describe('reportOf', () => {
  test('tells people the counts, not the inner state', () => {
    const report = reportOf({ ...start, page: 'p', patience: 9, finishedAt: NOW + 9 });
    expect(report).toEqual({
      phase: 'links',
      agree: 0,
      differ: 0,
      explained: 0,
      repaired: 0,
      causes: {},
      differences: [],
      startedAt: NOW,
      finishedAt: NOW + 9,
    });
    expect(reportOf(start)).not.toHaveProperty('finishedAt');
  });
});
