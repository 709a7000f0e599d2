import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { CommandProblem, openClient } from './client.ts';
import { actCommands } from './commands-act.ts';
import { lookCommands } from './commands-look.ts';
import { proveCommands } from './commands-prove.ts';

/** What a command may touch; `terminal` = progress bars make sense. */
export interface Surroundings {
  out(text: string): void;
  err(text: string): void;
  terminal: boolean;
  sleep(ms: number): Promise<void>;
}

/** 0 = done, 1 = done and something is wrong (an audit found differences), 2 = could not be done. */
export type ExitCode = 0 | 1 | 2;

const DEFAULT_URL = 'http://127.0.0.1:4000';

export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const program = buildProgram(surroundings);
  let exit: ExitCode = 0;
  const register = {
    program,
    surroundings,
    found: () => (exit = 1),
    client: () => openClient(program.opts<{ url: string }>().url),
  };
  lookCommands(register);
  actCommands(register);
  proveCommands(register);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CommandProblem)) throw error;
    surroundings.err(`error: ${error.message}\n${error.hint}\n`);
    return 2;
  }
}

/** What each group of commands is registered with. */
export interface Register {
  program: Command;
  surroundings: Surroundings;
  client(): ReturnType<typeof openClient>;
  /** Makes the exit code 1. */
  found(): void;
}

/** Adds one command that takes a flow, with `--json`. */
export function flowCommand(register: Register, name: string, description: string): Command {
  return register.program
    .command(name)
    .description(description)
    .argument('<flow>', 'name of the flow, as `status` shows it')
    .option('--json', "print the host's answer as JSON");
}

/** Prints the answer: as JSON if asked, else as the lines for people. */
export function print(
  register: Register,
  json: boolean | undefined,
  answer: { raw: unknown; lines: readonly string[] },
): void {
  register.surroundings.out(
    json ? `${JSON.stringify(answer.raw, null, 2)}\n` : `${answer.lines.join('\n')}\n`,
  );
}

/** Path of one flow's part of the API. */
export function flowPath(flow: string): string {
  return `/api/flows/${encodeURIComponent(flow)}`;
}

function buildProgram(surroundings: Surroundings): Command {
  return new Command('npm run intertie --')
    .description('Watch and steer the flows of a running host.')
    .option('--url <url>', 'address of the host', httpUrl, DEFAULT_URL)
    .exitOverride()
    .showHelpAfterError('(add --help for what it takes)')
    .configureOutput({ writeOut: surroundings.out, writeErr: surroundings.err })
    .addHelpText(
      'after',
      '\nRecords are named <collection>/<id>, or just <id> where a flow has one collection.\nExit codes: 0 done, 1 the audit found differences, 2 could not be done.',
    );
}

function httpUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError(`It must be an address like ${DEFAULT_URL}.`);
}
