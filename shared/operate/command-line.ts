import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { desks } from '../../functions/desks.ts';
import { services } from '../../functions/services.ts';
import { CommandProblem } from './client.ts';
import { actCommands } from './commands-act.ts';
import { connectCommand } from './commands-connect.ts';
import { decideCommands } from './commands-decide.ts';
import { drillCommand } from './commands-drill.ts';
import { lookCommands } from './commands-look.ts';
import { planCommands } from './commands-plan.ts';
import { proveCommands } from './commands-prove.ts';
import { serviceCommands } from './commands-service.ts';
import { clientAt, type Place } from './place.ts';
import type { ExitCode, Register, Surroundings } from './register.ts';

const DEFAULT_URL = 'http://127.0.0.1:4000';

export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const program = buildProgram(surroundings);
  let exit: ExitCode = 0;
  let failure: ExitCode = 2;
  const register: Register = {
    program,
    surroundings,
    services: services.map(({ name }) => name),
    exitWith: (code) => {
      exit = code;
    },
    failsWith: (code) => {
      failure = code;
    },
    place: () => program.opts<Place>(),
    client: () => clientAt(program.opts<Place>()),
  };
  lookCommands(register);
  decideCommands(register);
  actCommands(register);
  planCommands(register);
  proveCommands(register);
  connectCommand(register);
  drillCommand(register);
  for (const desk of desks) serviceCommands(register, desk);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : failure;
    if (!(error instanceof CommandProblem)) throw error;
    surroundings.err(`error: ${error.message}\n${error.hint}\n`);
    return failure;
  }
}

function buildProgram(surroundings: Surroundings): Command {
  return new Command('npm run intertie --')
    .description('Watch and steer the flows of a running host, or of a stage on AWS.')
    .option('--url <url>', 'address of the host', httpUrl, DEFAULT_URL)
    .option('--stage <stage>', 'a deployed stage on AWS, with your own AWS credentials, instead of a host')
    .option('--profile <profile>', 'profile of your AWS configuration (with --stage)')
    .exitOverride()
    .showHelpAfterError('(add --help for what it takes)')
    .configureOutput({ writeOut: surroundings.out, writeErr: surroundings.err })
    .addHelpText(
      'after',
      '\nRecords are named <collection>/<id>, or just <id> where a flow has one collection.\nExit codes: 0 done, 1 it found differences, 2 could not be done; of plan, see its help.',
    );
}

function httpUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError(`It must be an address like ${DEFAULT_URL}.`);
}
