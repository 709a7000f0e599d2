import { type Command, InvalidArgumentError } from 'commander';
import { addFindings, type MatchReport, newMatchReport } from '../engine/match-report.ts';
import { FindingsSchema, type PlanAnswer, PlanSchema } from './answers-plan.ts';
import { minutes } from './commands-act.ts';
import { matchLines } from './match-lines.ts';
import { addItem, changes, isNews, itemLines, newSums, type PlanSums, sumLines } from './plan-lines.ts';
import { progress } from './progress.ts';
import { flowCommand, flowPath, type Register } from './register.ts';
import { type Walk, walk } from './walk.ts';

interface PlanOptions extends Walk {
  json?: boolean;
  mappingFrom?: string;
}

/** The commands that look at what would happen, and write nothing. */
export function planCommands(register: Register): void {
  const command = flowCommand(
    register,
    'plan',
    'what would be written on either side, field by field; writes nothing',
  )
    .option('--records <list>', 'only these, e.g. patron/1,patron/2', records)
    .option('--since <time>', 'those that changed since, e.g. 2h or 2026-01-31T08:00Z', since)
    .option('--mapping-from <ref>', 'by the flow definition of another git ref')
    .addHelpText('after', '\nExit codes: 0 nothing would change, 2 something would, 1 it could not be told.');
  bounded(command).action(async (flow: string, options: PlanOptions) => {
    const sums = await planned(register, flow, options);
    if (sums.create + sums.update + sums.remove + sums.back > 0) register.exitWith(2);
  });
  // Whoever scripts it must be able to tell "something would change" from "it failed".
  command.exitOverride((error) => {
    register.failsWith(1);
    throw error;
  });
  command.hook('preAction', () => register.failsWith(1));
  const match = flowCommand(
    register,
    'match',
    'what a first backfill would pair, make or leave; writes nothing',
  );
  bounded(match).action(async (flow: string, { json, ...of }: Walk & { json?: boolean }) => {
    const report = await matched(register, flow, of);
    const { taken: _, ...shown } = report;
    register.surroundings.out(
      json ? `${JSON.stringify(shown, null, 2)}\n` : `${matchLines(flow, report).join('\n')}\n`,
    );
    if (report.counts.ambiguous > 0) register.exitWith(1);
  });
}

function bounded(command: Command): Command {
  return command
    .option('--collection <name>', 'only records of this collection')
    .option('--limit <n>', 'look at no more than so many records', wholeNumber);
}

async function planned(register: Register, flow: string, options: PlanOptions): Promise<PlanSums> {
  const { mappingFrom, json, ...of } = options;
  const client = register.client();
  const sums = newSums();
  const bar = progress(register, 'plan');
  let strangers = 0;
  try {
    for await (const step of walk(client, flow, of)) {
      const body = { records: step.records, ...(mappingFrom !== undefined && { mappingFrom }) };
      const { value } = await client.post(`${flowPath(flow)}/plan`, PlanSchema, body);
      strangers = step.strangers;
      for (const item of value.items) addItem(sums, item);
      tell(register, value, options);
      bar.at(sums.looked, of.limit ?? step.total ?? 0);
    }
  } finally {
    bar.end();
  }
  if (!json) register.surroundings.out(`${sumLines(sums, strangers).join('\n')}\n`);
  return sums;
}

/** As it comes: a plan of everything is not kept in mind. What was asked for by name is shown even if it stays. */
function tell(register: Register, { items, sides }: PlanAnswer, { json, records: named }: PlanOptions): void {
  const shown = items.filter((item) => named !== undefined || isNews(item));
  const lines = json
    ? shown.map((item) => JSON.stringify({ ...item, changes: changes(item) }))
    : shown.flatMap((item) => itemLines(item, sides));
  if (lines.length > 0) register.surroundings.out(`${lines.join('\n')}\n`);
}

async function matched(register: Register, flow: string, of: Walk): Promise<MatchReport> {
  const client = register.client();
  const report = newMatchReport();
  const bar = progress(register, 'match');
  try {
    for await (const { records: some, total } of walk(client, flow, of)) {
      const { value } = await client.post(`${flowPath(flow)}/match`, FindingsSchema, { records: some });
      for (const { collection, findings } of value.collections) addFindings(report, collection, findings);
      bar.at(report.looked, of.limit ?? total ?? 0);
    }
  } finally {
    bar.end();
  }
  return report;
}

function records(text: string): string[] {
  const list = text.split(',').map((each) => each.trim());
  if (list.every((each) => each !== '')) return list;
  throw new InvalidArgumentError('It must be a list like patron/1,patron/2.');
}

/** A moment, or how long ago. */
function since(text: string): number {
  if (/^\d{1,4}(m|h|d)$/.test(text)) return Date.now() - minutes(text) * 60_000;
  const at = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && Number.isFinite(at)) return at;
  throw new InvalidArgumentError('It must be a time like 2h, or a moment like 2026-01-31T08:00Z.');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
