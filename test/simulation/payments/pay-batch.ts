import { addTo, type BatchReport, emptyReport } from '../batch.ts';
import type { PayCode } from './pay-code.ts';
import { defaultPayWeights, type PayWeights } from './pay-weights.ts';
import { runPaySeed } from './run-pay-seed.ts';

/** Seeds of the payments world, in order. */
export async function runPayBatch(
  code: PayCode,
  request: { from: number; seeds: number; payments: Partial<PayWeights>; stopAtFirst: boolean },
): Promise<BatchReport> {
  const report = emptyReport();
  const weights = { ...defaultPayWeights, ...request.payments };
  for (let seed = request.from; seed < request.from + request.seeds; seed += 1) {
    const result = await runPaySeed({ code, seed, weights });
    addTo(report, {
      ...emptyReport(),
      seeds: 1,
      events: result.events,
      tallies: Object.fromEntries(result.tallies),
      failures: result.violations.length > 0 ? [result] : [],
    });
    if (request.stopAtFirst && result.violations.length > 0) break;
    // A seed never waits for the event loop; whoever watches this process may have a turn now.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return report;
}
