import type { Code } from './code.ts';
import type { PayWeights } from './payments/pay-weights.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import { pairWeights, type TwoWay } from './two-way/mode.ts';
import { runPairSeed } from './two-way/run-pair-seed.ts';
import { defaultWeights, type Weights } from './weights.ts';
import { type Counts, noCounts } from './world.ts';

export interface BatchRequest {
  from: number;
  seeds: number;
  weights: Partial<Weights>;
  /** Ends with the first seed that shows a violation. */
  stopAtFirst: boolean;
  /** Both sides may change; absent = the target only follows. */
  twoWay?: TwoWay | undefined;
  /** Not the engine but the payments hub is under test. */
  payments?: Partial<PayWeights> | undefined;
}

export interface BatchReport {
  seeds: number;
  events: number;
  counts: Counts;
  /** What only some runs count, by its printed name. */
  tallies: Record<string, number>;
  /** Seeds with their violations, in order. */
  failures: Pick<SeedResult, 'seed' | 'violations'>[];
}

export async function runBatch(code: Code, request: BatchRequest): Promise<BatchReport> {
  const report = emptyReport();
  const weights = { ...defaultWeights, ...(request.twoWay ? pairWeights : {}), ...request.weights };
  for (let seed = request.from; seed < request.from + request.seeds; seed += 1) {
    const result = request.twoWay
      ? await runPairSeed({ code, seed, weights, twoWay: request.twoWay })
      : await runSeed({ code, seed, weights });
    addTo(report, {
      seeds: 1,
      events: result.events,
      counts: result.counts,
      tallies: Object.fromEntries(result.tallies),
      failures: result.violations.length > 0 ? [result] : [],
    });
    if (request.stopAtFirst && result.violations.length > 0) break;
    // A seed never waits for the event loop; whoever watches this process may have a turn now.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return report;
}

export function emptyReport(): BatchReport {
  return { seeds: 0, events: 0, counts: noCounts(), tallies: {}, failures: [] };
}

export function addTo(total: BatchReport, part: BatchReport): void {
  total.seeds += part.seeds;
  total.events += part.events;
  for (const name of COUNTED) total.counts[name] += part.counts[name];
  for (const [name, count] of Object.entries(part.tallies))
    total.tallies[name] = (total.tallies[name] ?? 0) + count;
  total.failures.push(...part.failures.map(({ seed, violations }) => ({ seed, violations })));
}

export const COUNTED = [
  'edits',
  'writes',
  'creates',
  'crashes',
  'timeouts',
  'frozen',
  'takeovers',
  'duplicates',
  'throttled',
  'lateWrites',
  'lostReplies',
  'outsideEdits',
  'parked',
  'refusedForRate',
  'nearLimit',
] as const satisfies readonly (keyof Counts)[];
