import { InvalidArgumentError } from 'commander';
import { drills } from '../../functions/drills.ts';
import type { DrillReport } from '../engine/drill.ts';
import type { ServiceDefinition } from '../engine/service.ts';
import type { OpenStage } from '../hosts/embedded/drill/stage.ts';
import { CommandProblem } from './client.ts';
import { print, type Register } from './register.ts';

interface Options {
  provider: string;
  minutes: number;
  withSecondToken?: boolean;
  without?: boolean;
  json?: boolean;
}

/** `drill <service>`: needs no running host. Exit code 1 when a promise was not kept. */
export function drillCommand(register: Register): void {
  register.program
    .command('drill')
    .description('rehearse an outage of a provider in virtual time, against its sandbox on this machine')
    .argument('<service>', drills.map(({ service }) => service).join(', '))
    .requiredOption('--provider <provider>', 'whose outage it is')
    .option('--minutes <n>', 'how long it lasts', minutes, 30)
    .option('--with-second-token', 'only the load of payers who have a token of a second provider')
    .option('--without', 'only the load of payers who have none; both loads unless said')
    .option('--json', 'print the reports as JSON')
    .action(async (service: string, options: Options) => {
      const reports = await rehearse(service, options);
      if (reports.some(({ wrong }) => wrong.length > 0)) register.exitWith(1);
      print(register, options.json, { raw: reports, lines: reports.flatMap(linesOf) });
    });
}

async function rehearse(service: string, options: Options): Promise<DrillReport[]> {
  const drill = drills.find((each) => each.service === service);
  if (!drill) {
    const known = drills.map((each) => each.service).join(', ');
    throw new CommandProblem(`there is no drill of "${service}"`, { hint: `there are drills of: ${known}` });
  }
  const { openStage } = await import('../hosts/embedded/drill/stage.ts');
  const reports: DrillReport[] = [];
  for (const second of loads(options)) {
    const stages: OpenStage[] = [];
    const open = async (definition: ServiceDefinition) => {
      const stage = await openStage(definition, START);
      stages.push(stage);
      return stage;
    };
    try {
      reports.push(await drill.run({ provider: options.provider, minutes: options.minutes, second }, open));
    } finally {
      for (const stage of stages) await stage.close();
    }
  }
  return reports;
}

/** The same moment for every drill: the same options give the same day. */
const START = Date.parse('2026-11-24T09:00:00Z');

function loads({ withSecondToken, without }: Options): boolean[] {
  if (withSecondToken === without) return [true, false];
  return [withSecondToken === true];
}

function linesOf({ title, rows, wrong }: DrillReport): string[] {
  const widest = Math.max(...rows.map(([what]) => what.length));
  return [
    title,
    ...rows.map(([what, figure]) => `  ${what.padEnd(widest)}  ${figure}`),
    ...wrong.map((each) => `  WRONG: ${each}`),
    '',
  ];
}

function minutes(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 600) return value;
  throw new InvalidArgumentError('It must be a whole number from 1 to 600.');
}
