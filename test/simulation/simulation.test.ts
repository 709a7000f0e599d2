import { describe, expect, test } from 'vitest';
import { runBatch } from './batch.ts';
import { loadCode, REAL_ENGINE } from './code.ts';
import { explore } from './exhaustive.ts';
import { mutants } from './mutants.ts';
import { mutate } from './mutate.ts';

const MINUTES = 60_000;

describe('the engine in a simulated world', () => {
  test(
    'keeps its promises in 500 seeds with every fault switched on',
    async () => {
      const code = await loadCode(REAL_ENGINE);
      const report = await runBatch(code, {
        from: 1,
        seeds: 500,
        weights: {},
        stopAtFirst: false,
      });
      expect(report.failures.slice(0, 3)).toEqual([]);
      expect(report.seeds).toBe(500);
      expect(report.counts.writes).toBeGreaterThan(1_000);
      expect(report.counts.crashes).toBeGreaterThan(1_000);
      expect(report.counts.takeovers).toBeGreaterThan(1_000);
      expect(report.counts.nearLimit).toBeGreaterThan(100);
    },
    2 * MINUTES,
  );

  test(
    'in every order of one crash and one duplicate over two events',
    async () => {
      const code = await loadCode(REAL_ENGINE);
      const found = await explore(code, { workers: 2, crashes: 1, duplicates: 0 });
      expect(found.problem).toBeUndefined();
      expect(found.states).toBeGreaterThan(500);
    },
    MINUTES,
  );

  test('the same seed gives the same run', async () => {
    const code = await loadCode(REAL_ENGINE);
    const request = { from: 7, seeds: 3, weights: {}, stopAtFirst: false };
    expect(await runBatch(code, request)).toEqual(await runBatch(code, request));
  });
});

describe('broken engines', () => {
  test('every mutant still finds the text it changes', () => {
    for (const mutant of mutants) mutate(mutant).remove();
    expect(mutants.length).toBeGreaterThanOrEqual(15);
  });

  test.each(['no lease', 'acknowledge before settle'])(
    '%s is caught',
    async (name) => {
      const mutant = mutants.find((each) => each.name === name);
      if (!mutant) throw new Error(`no mutant "${name}"`);
      const { folder, remove } = mutate(mutant);
      try {
        const report = await runBatch(await loadCode(folder), {
          from: 1,
          seeds: 200,
          weights: mutant.weights ?? {},
          stopAtFirst: true,
        });
        expect(report.failures).toHaveLength(1);
      } finally {
        remove();
      }
    },
    MINUTES,
  );
});
