import type { Command } from 'commander';
import type { Client } from './client.ts';
import type { Place } from './place.ts';

/** What a command may touch; `terminal` = progress bars make sense. */
export interface Surroundings {
  out(text: string): void;
  err(text: string): void;
  terminal: boolean;
  sleep(ms: number): Promise<void>;
}

/** 0 = done, 1 = done and something is wrong (an audit found differences), 2 = could not be done. */
export type ExitCode = 0 | 1 | 2;

/** What each group of commands is registered with. */
export interface Register {
  program: Command;
  surroundings: Surroundings;
  /** Names of what is no flow but a service. */
  services: readonly string[];
  /** Where the commands go, as the options say. */
  place(): Place;
  client(): Client;
  /** Done, but it says more than yes. */
  exitWith(code: ExitCode): void;
  /** The exit code when it cannot be done; 2 unless said. */
  failsWith(code: ExitCode): void;
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
