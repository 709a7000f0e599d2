import { describe, expect, test } from 'vitest';
import { runBatch } from '../batch.ts';
import { loadCode, REAL_ENGINE } from '../code.ts';
import { mutate } from '../mutate.ts';
import { defaultTwoWay, type TwoWay } from './mode.ts';
import { pairMutants } from './pair-mutants.ts';

const MINUTES = 60_000;

describe('two systems whose both sides change', () => {
  test.each([
    ['both tell who wrote what', { ...defaultTwoWay }],
    ['both tell, and there are only two values', { ...defaultTwoWay, domain: 'two' }],
    ['neither tells', { ...defaultTwoWay, mode: 'values' }],
  ] satisfies [string, TwoWay][])(
    'agree in the end, and no edit is reverted: %s',
    async (_, twoWay) => {
      const request = { from: 1, seeds: 60, weights: {}, stopAtFirst: false, twoWay };
      const report = await runBatch(await loadCode(REAL_ENGINE), request);
      expect(report.failures.slice(0, 3)).toEqual([]);
      expect(report.counts.edits).toBeGreaterThan(300);
      expect(report.tallies['writes back']).toBeGreaterThan(50);
      expect(report.tallies.merges).toBeGreaterThan(5);
    },
    2 * MINUTES,
  );

  test('every mutant still finds the text it changes', () => {
    for (const mutant of pairMutants) mutate(mutant).remove();
    expect(pairMutants.length).toBeGreaterThanOrEqual(10);
  });

  test.each(['the older edit wins', 'what people deleted is made again', 'plans replaced'])(
    '%s is caught',
    async (name) => {
      const mutant = pairMutants.find((each) => each.name.startsWith(name));
      if (!mutant) throw new Error(`no mutant "${name}"`);
      const { folder, remove } = mutate(mutant);
      try {
        const { weights = {}, twoWay } = mutant;
        const request = { from: 1, seeds: 100, weights, stopAtFirst: true, twoWay };
        expect((await runBatch(await loadCode(folder), request)).failures).toHaveLength(1);
      } finally {
        remove();
      }
    },
    2 * MINUTES,
  );
});
