import type { Mutant } from './mutants.ts';
import { copyEngine, mutate } from './mutate.ts';
import { Pool } from './pool.ts';
import { table } from './table.ts';
import type { TwoWay } from './two-way/mode.ts';

/** First seeds of the three ranges in which every mutant must be found. */
const RANGES = [1, 1_000_001, 2_000_001];
const MOST_SEEDS = 2_000;

/** A mutant, and what kind of run shows it. */
export type Hunt = Mutant & { twoWay?: TwoWay };

export interface Hunted {
  name: string;
  /** Seeds until it was caught, per range; undefined = not caught. */
  seeds: (number | undefined)[];
  /** What gave it away first. */
  rule: string;
  /** Seeds of the same schedules on which the correct engine fails too. */
  survivors: number[];
}

interface HuntOptions {
  jobs: number;
  only: string;
  /** How many of the ranges. */
  ranges: number;
  all: readonly Hunt[];
}

/** Runs every broken variant until it is caught, and the correct engine on the same schedules. */
export async function hunt(options: HuntOptions): Promise<boolean> {
  const { all } = options;
  const ranges = RANGES.slice(0, options.ranges);
  const chosen = all.filter((mutant) => mutant.name.includes(options.only));
  if (chosen.length === 0) {
    console.error(
      `no mutant's name contains "${options.only}"; there are: ${all.map((each) => each.name).join(', ')}`,
    );
    return false;
  }
  const pool = new Pool(options.jobs);
  const right = copyEngine();
  const results: Hunted[] = [];
  for (const mutant of chosen) {
    const found = await huntOne(pool, mutant, { engine: right.folder, ranges });
    results.push(found);
    console.log(
      `${isCaught(found) ? 'caught' : 'MISSED'}  ${found.name}: ${found.seeds.join(', ')} (${found.rule})${found.survivors.length > 0 ? `; the correct engine fails too: ${found.survivors.join(', ')}` : ''}`,
    );
  }
  await pool.close();
  right.remove();
  const rows = results.map((each) => [
    each.name,
    median(each.seeds),
    ...each.seeds.map((seeds) => seeds ?? 'missed'),
    each.rule,
  ]);
  console.log(
    `\n${table([['mutant', 'median seeds', ...ranges.map((from) => `from ${from}`), 'caught by'], ...rows])}`,
  );
  return results.every(isCaught);
}

async function huntOne(
  pool: Pool,
  mutant: Hunt,
  { engine, ranges }: { engine: string; ranges: readonly number[] },
): Promise<Hunted> {
  const { folder, remove } = mutate(mutant, engine);
  const result: Hunted = { name: mutant.name, seeds: [], rule: '', survivors: [] };
  try {
    for (const from of ranges) {
      const weights = { ...mutant.weights };
      const task = {
        folder,
        from,
        seeds: MOST_SEEDS,
        weights: { ...weights, broken: mutant.broken },
        stopAtFirst: true,
        twoWay: mutant.twoWay,
      };
      const report = await pool.run(task);
      const [first] = report.failures;
      result.seeds.push(first && first.seed - from + 1);
      result.rule ||= first?.violations[0]?.rule ?? '';
      if (!first) break;
      const right = await pool.run({
        folder: engine,
        from,
        seeds: first.seed - from + 1,
        weights,
        stopAtFirst: false,
        twoWay: mutant.twoWay,
      });
      result.survivors.push(...right.failures.map((failure) => failure.seed));
    }
  } finally {
    remove();
  }
  return result;
}

function isCaught(found: Hunted): boolean {
  return found.seeds.every((seeds) => seeds !== undefined) && found.survivors.length === 0;
}

function median(seeds: readonly (number | undefined)[]): number | string {
  const sorted = seeds.map((each) => each ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(middle) ? middle : 'missed';
}
