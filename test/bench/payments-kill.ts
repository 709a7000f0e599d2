import { killPaymentsAgainAndAgain } from '../scenarios/payment-kills.ts';
import type { Table } from './table.ts';

const KILLS = 25;
const PAYMENTS = 1_000;
const SEED = 25;
const LONGEST_LIFE = 5_000;

/** Not a figure but a proof: a thousand payments through 25 kills, with providers in trouble, each charged once or not at all. */
export async function paymentsKill(): Promise<Table[]> {
  const started = performance.now();
  const told = (line: string) => process.stderr.write(`${line}\n`);
  const end = await killPaymentsAgainAndAgain({
    kills: KILLS,
    payments: PAYMENTS,
    seed: SEED,
    longestLife: LONGEST_LIFE,
    told,
  });
  const seconds = Math.round((performance.now() - started) / 1_000);
  const { because, ...figures } = end;
  const wrong = end.lost + end.doubled + end.heldStill + end.strangers + end.deadLetters;
  const isProven = wrong === 0 && end.charges === end.captured && end.payments === PAYMENTS;
  return [
    {
      title: `kill -9 of the payments hub and its providers, ${seconds} s in all`,
      columns: Object.keys(figures),
      rows: [Object.values(figures)],
      notes: [`proven: ${isProven ? 'yes' : `NO: ${because}`}`],
    },
  ];
}
