import { describe, expect, test } from 'vitest';
import { runPayBatch } from './pay-batch.ts';
import { loadPayCode, REAL_HUB } from './pay-code.ts';
import { mutateHub } from './pay-hunt.ts';
import { payMutants } from './pay-mutants.ts';
import { POLICIES } from './pay-weights.ts';

const MINUTES = 60_000;

describe('the payments hub in a simulated world', () => {
  test.each(POLICIES)(
    'charges once or not at all, and ends everything: 60 seeds with failover %s',
    async (policy) => {
      const code = await loadPayCode(REAL_HUB);
      const report = await runPayBatch(code, {
        from: 1,
        seeds: 60,
        payments: { policy },
        stopAtFirst: false,
      });
      expect(report.failures.slice(0, 3)).toEqual([]);
      expect(report.tallies.charges).toBeGreaterThan(40);
      expect(report.tallies.crashes).toBeGreaterThan(50);
      expect(report.tallies['answers lost']).toBeGreaterThan(10);
    },
    2 * MINUTES,
  );

  test('the same seed gives the same run', async () => {
    const code = await loadPayCode(REAL_HUB);
    const request = { from: 7, seeds: 2, payments: {}, stopAtFirst: false };
    expect(await runPayBatch(code, request)).toEqual(await runPayBatch(code, request));
  });
});

describe('broken hubs', () => {
  test('every mutant still finds the text it changes', () => {
    for (const mutant of payMutants) mutateHub(mutant).remove();
    expect(payMutants.length).toBeGreaterThanOrEqual(20);
  });

  test.each(['timeout = failure', 'a refund without a check of the sum'])(
    '%s is caught',
    async (name) => {
      const mutant = payMutants.find((each) => each.name === name);
      if (!mutant) throw new Error(`no mutant "${name}"`);
      const { folder, remove } = mutateHub(mutant);
      try {
        const request = { from: 1, seeds: 60, payments: mutant.weights, stopAtFirst: true };
        const report = await runPayBatch(await loadPayCode(folder), request);
        expect(report.failures).toHaveLength(1);
      } finally {
        remove();
      }
    },
    MINUTES,
  );
});
