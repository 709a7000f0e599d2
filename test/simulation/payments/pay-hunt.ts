import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyEdit, type EngineCopy } from '../mutate.ts';
import { Pool } from '../pool.ts';
import { table } from '../table.ts';
import { REAL_HUB } from './pay-code.ts';
import { type PayMutant, payMutants } from './pay-mutants.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** First seeds of the two ranges in which every mutant must be found. */
const RANGES = [1, 1_000_001];
const MOST_SEEDS = 1_500;

/** A copy of the hub with the mutant's edits; each must find its text exactly once, or the mutant has rotted. */
export function mutateHub(mutant: PayMutant): EngineCopy {
  const root = mkdtempSync(join(tmpdir(), 'intertie-pay-mutant-'));
  const folder = join(root, 'functions/payments');
  mkdirSync(join(root, 'functions'));
  cpSync(REAL_HUB, folder, { recursive: true });
  for (const name of ['node_modules', 'shared']) symlinkSync(join(ROOT, name), join(root, name));
  const remove = () => rmSync(root, { recursive: true, force: true });
  try {
    for (const edit of mutant.edits) applyEdit(mutant.name, folder, edit);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, remove };
}

/** Runs every broken hub until it is caught, and the correct one on the same schedules. */
export async function huntPayments(options: { jobs: number; only: string }): Promise<boolean> {
  const pool = new Pool(options.jobs);
  const rows: (string | number)[][] = [];
  let good = true;
  for (const mutant of payMutants.filter(({ name }) => name.includes(options.only))) {
    const { folder, remove } = mutateHub(mutant);
    const seeds: (number | undefined)[] = [];
    let rule = '';
    const survivors: number[] = [];
    for (const from of RANGES) {
      const task = { from, seeds: MOST_SEEDS, weights: {}, stopAtFirst: true };
      const found = await pool.run({ ...task, folder, payments: { ...mutant.weights, ...mutant.broken } });
      const [first] = found.failures;
      seeds.push(first && first.seed - from + 1);
      rule ||= first?.violations[0]?.rule ?? '';
      if (!first) break;
      const same = { ...task, seeds: first.seed - from + 1, stopAtFirst: false };
      const right = await pool.run({ ...same, folder: REAL_HUB, payments: mutant.weights });
      survivors.push(...right.failures.map(({ seed }) => seed));
    }
    remove();
    const caught = seeds.every((each) => each !== undefined) && survivors.length === 0;
    good &&= caught;
    const also = survivors.length > 0 ? `; the correct hub fails too: ${survivors.join(', ')}` : '';
    console.log(`${caught ? 'caught' : 'MISSED'}  ${mutant.name}: ${seeds.join(', ')} (${rule})${also}`);
    rows.push([mutant.name, ...seeds.map((each) => each ?? 'missed'), rule]);
  }
  await pool.close();
  console.log(`\n${table([['mutant', ...RANGES.map((from) => `from ${from}`), 'caught by'], ...rows])}`);
  return good;
}
