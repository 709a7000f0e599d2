import { killAgainAndAgain } from '../scenarios/kills.ts';
import type { Table } from './table.ts';

const KILLS = 25;
const PATRONS = 5_000;
const SEED = 25;

/** Not a figure but a proof: 25 kills during a backfill with live changes end in full agreement. */
export async function kills(): Promise<Table[]> {
  const started = performance.now();
  const told = (line: string) => process.stderr.write(`${line}\n`);
  const end = await killAgainAndAgain({ kills: KILLS, patrons: PATRONS, seed: SEED, told });
  const seconds = Math.round((performance.now() - started) / 1_000);
  return [
    {
      title: `kill -9 of the host and its vendors, ${PATRONS.toLocaleString('en-US')} patrons, ${seconds} s in all`,
      columns: Object.keys(end),
      rows: [Object.values(end)],
      notes: [
        `proven: ${end.differ === 0 && end.duplicates === 0 && end.contacts === end.expected && end.creates === end.contacts ? 'yes' : 'NO'}`,
      ],
    },
  ];
}
