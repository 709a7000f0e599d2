import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { COUNTED } from './batch.ts';
import { loadCode, REAL_ENGINE } from './code.ts';
import { explore } from './exhaustive.ts';
import { hunt } from './hunt.ts';
import { mutants } from './mutants.ts';
import { loadPayCode, REAL_HUB } from './payments/pay-code.ts';
import { huntPayments } from './payments/pay-hunt.ts';
import { defaultPayWeights, POLICIES, type Policy } from './payments/pay-weights.ts';
import { runPaySeed } from './payments/run-pay-seed.ts';
import { Pool } from './pool.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import { table } from './table.ts';
import { defaultTwoWay, pairWeights, type TwoWay } from './two-way/mode.ts';
import { pairMutants } from './two-way/pair-mutants.ts';
import { runPairSeed } from './two-way/run-pair-seed.ts';
import { defaultWeights } from './weights.ts';

interface Options {
  seeds: number;
  from: number;
  seconds: number;
  atLeast: number;
  jobs: number;
  seed?: number;
  trace?: boolean;
  mutants?: boolean;
  only?: string;
  ranges: number;
  exhaustive?: boolean;
  twoWay?: boolean;
  values?: boolean;
  domain: TwoWay['domain'];
  payments?: boolean;
  policy: Policy;
}

const command = new Command('sim')
  .description(
    'Runs the real engine in a simulated world: seeded, in virtual time, with every fault switched on.',
  )
  .option('--seeds <n>', 'how many seeds', whole, 1_000)
  .option('--from <n>', 'the first seed', whole, 1)
  .option('--seconds <n>', 'begin no more seeds after this time', whole, Number.MAX_SAFE_INTEGER)
  .option('--at-least <n>', 'fail if fewer seeds than this were run', whole, 0)
  .option('--jobs <n>', 'threads', whole, availableParallelism())
  .option('--seed <n>', 'one seed only', whole)
  .option('--trace', 'print what happens, one line per event (with --seed)')
  .option('--mutants', 'run the broken variants: each must be caught')
  .option('--only <text>', 'with --mutants: those whose name contains this')
  .option('--ranges <n>', 'with --mutants: in how many ranges of seeds each must be caught', whole, 3)
  .option('--exhaustive', 'all interleavings of a small scenario')
  .option('--two-way', 'both sides may change, and tell who wrote what')
  .option('--values', 'with --two-way: neither side tells who wrote what')
  .addOption(
    new Option('--domain <which>', 'with --two-way: values that never repeat, or only two of them')
      .choices(['unique', 'two'])
      .default('unique'),
  )
  .option('--payments', 'the payments hub: three providers, outages, crashes, answers lost')
  .addOption(
    new Option('--policy <which>', 'with --payments: when another provider may be tried')
      .choices([...POLICIES])
      .default('proof'),
  )
  .allowExcessArguments(false);

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('it must be a whole number, e.g. 1000.');
  return Number(text);
}

function twoWayOf({ twoWay, values, domain }: Options): TwoWay | undefined {
  return twoWay ? { ...defaultTwoWay, mode: values ? 'values' : 'provenance', domain } : undefined;
}

async function one(seed: number, options: Options): Promise<boolean> {
  if (options.payments) return onePayment(seed, options);
  const code = await loadCode(REAL_ENGINE);
  const twoWay = twoWayOf(options);
  const print = options.trace ? { print: (line: string) => console.log(line) } : {};
  const weights = { ...defaultWeights, ...(twoWay ? pairWeights : {}) };
  const request = { code, seed, weights, ...print };
  const result = await (twoWay ? runPairSeed({ ...request, twoWay }) : runSeed(request));
  return judged(result);
}

async function onePayment(seed: number, { policy, trace }: Options): Promise<boolean> {
  const code = await loadPayCode(REAL_HUB);
  const print = trace ? { print: (line: string) => console.log(line) } : {};
  return judged(await runPaySeed({ code, seed, weights: { ...defaultPayWeights, policy }, ...print }));
}

function judged(result: Pick<SeedResult, 'seed' | 'events' | 'virtualMs' | 'violations'>): boolean {
  const minutes = Math.round(result.virtualMs / 60_000);
  const { seed, events, violations } = result;
  console.log(`seed ${seed}: ${events} events, ${minutes} virtual minutes, ${violations.length} violations`);
  for (const { rule, text } of violations) console.log(`  ${rule}: ${text}`);
  return violations.length === 0;
}

async function many(options: Options): Promise<boolean> {
  const pool = new Pool(options.jobs);
  const begun = performance.now();
  const task = {
    folder: options.payments ? REAL_HUB : REAL_ENGINE,
    payments: options.payments ? { policy: options.policy } : undefined,
    from: options.from,
    seeds: options.seeds,
    weights: {},
    stopAtFirst: false,
    twoWay: twoWayOf(options),
    enough: () => performance.now() - begun > options.seconds * 1000,
  };
  const report = await pool.run(task, (done) => progress(`${done} of ${options.seeds} seeds`));
  await pool.close();
  const rate = Math.round((report.seeds / (performance.now() - begun)) * 1000);
  const counted = (name: string, count: number) => [name, count, (count / report.seeds).toFixed(2)];
  const rows = [
    ['', '', 'per seed'],
    ['seeds', report.seeds, ''],
    ['seeds per second', rate, ''],
    counted('events', report.events),
    ...(options.payments ? [] : COUNTED).map((name) => counted(name, report.counts[name])),
    ...Object.entries(report.tallies).map(([name, count]) => counted(name, count)),
    ['divergences', report.failures.length, ''],
  ];
  progress('');
  console.log(table(rows));
  for (const { seed, violations } of report.failures.slice(0, 20)) {
    console.log(`\nseed ${seed}   npm run sim -- ${flags(options)}--seed ${seed} --trace`);
    for (const { rule, text } of violations.slice(0, 3)) console.log(`  ${rule}: ${text.slice(0, 300)}`);
  }
  const missing = options.atLeast - report.seeds;
  if (missing > 0)
    console.log(`\n${missing} seeds too few: ${options.atLeast} were to run, in ${options.seconds} s`);
  return report.failures.length === 0 && missing <= 0;
}

function flags({ twoWay, values, domain, payments, policy }: Options): string {
  if (payments) return `--payments --policy ${policy} `;
  if (!twoWay) return '';
  return `--two-way ${values ? '--values ' : ''}${domain === 'two' ? '--domain two ' : ''}`;
}

async function everything(): Promise<boolean> {
  const code = await loadCode(REAL_ENGINE);
  const trouble = { workers: 2, crashes: 1, duplicates: 1 };
  const found = await explore(code, trouble, ({ runs, states }) =>
    progress(`${states} states, ${runs} runs`),
  );
  progress('');
  console.log(
    table([
      ['states', found.states],
      ['runs', found.runs],
      ['endings', found.endings],
    ]),
  );
  if (found.problem) console.log(`\n${found.problem.text}\n  ${found.problem.steps.join('\n  ')}`);
  return found.problem === undefined;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function main(): Promise<boolean> {
  const options = command.parse().opts<Options>();
  if (options.trace && options.seed === undefined)
    command.error('error: --trace needs --seed, e.g. --seed 7 --trace');
  if (options.seed !== undefined) return one(options.seed, options);
  if (options.mutants && options.payments)
    return huntPayments({ jobs: options.jobs, only: options.only ?? '' });
  if (options.mutants)
    return hunt({
      jobs: options.jobs,
      only: options.only ?? '',
      ranges: options.ranges,
      all: options.twoWay ? pairMutants : mutants,
    });
  if (options.exhaustive) return everything();
  return many(options);
}

process.exitCode = (await main()) ? 0 : 1;
