import { Command, InvalidArgumentError, Option } from 'commander';

/** The options of `npm start`. */
export interface HostOptions {
  /** 0 = any free port. */
  port: number;
  /** Directory of the data file; made if it is not there. */
  data: string;
  /** Records in the sandbox of each source. */
  patrons: number;
  /** A trickle of ordinary changes at the sandboxes. */
  activity: boolean;
  /** The sandboxes derive their records from it. */
  seed: number;
}

/** The host serves people on this machine without a login, so it listens nowhere else. */
export const HOST = '127.0.0.1';

/** Told instead of ending the process, so that the caller decides. `code` 0 = help was asked for. */
export interface OptionsProblem {
  code: number;
}

export interface OptionsOutput {
  out(text: string): void;
  err(text: string): void;
}

/** Strict: an unknown option or a value out of range is one line that names it. */
export function parseOptions(argv: readonly string[], output: OptionsOutput): HostOptions | OptionsProblem {
  const command = buildCommand(output);
  let options: HostOptions | undefined;
  command.action((given: { port: number; data: string; patrons: number; activity: string; seed: number }) => {
    options = { ...given, activity: given.activity === 'on' };
  });
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    const code = error instanceof Error && 'exitCode' in error ? error.exitCode : 2;
    return { code: code === 0 ? 0 : 2 };
  }
  return options ?? { code: 2 };
}

function buildCommand(output: OptionsOutput): Command {
  return new Command('npm start --')
    .description(
      'Runs every flow on this machine against the sandboxes of its vendors. Stop it with Ctrl-C; nothing is lost.',
    )
    .option(
      '--port <port>',
      'where the console and the API are, 0 for any free port',
      integer(0, 65_535),
      4000,
    )
    .option('--data <dir>', 'directory of the data file', nonEmpty, '.intertie')
    .option('--patrons <n>', 'how many records the source sandbox begins with', integer(1, 5_000_000), 2_000)
    .addOption(
      new Option('--activity <switch>', 'a trickle of box-office changes')
        .choices(['off', 'on'])
        .default('off'),
    )
    .option('--seed <n>', 'the sandboxes derive their records from it', integer(0, 2_147_483_647), 1)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.err });
}

function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function nonEmpty(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must name a directory.');
}
