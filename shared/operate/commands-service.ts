import type { Command } from 'commander';
import * as z from 'zod';
import { CommandProblem } from './client.ts';
import { print, type Register } from './register.ts';
import type { DeskCommand, ServiceDesk } from './service-desk.ts';

/** The commands of a service's own: `<service> <command>`. */
export function serviceCommands(register: Register, { service, title, commands }: ServiceDesk): void {
  const group = register.program
    .command(service)
    .description(`${title}: commands of its own (--help lists them)`);
  const groups = new Map<string, Command>();
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ');
    if (second === undefined) add(register, group.command(first), { service, command });
    else {
      const known = groups.get(first) ?? group.command(first).description(`commands about: ${first}`);
      groups.set(first, known);
      add(register, known.command(second), { service, command });
    }
  }
}

function add(
  register: Register,
  program: Command,
  { service, command }: { service: string; command: DeskCommand },
): void {
  program.description(command.says);
  for (const [name, says] of command.args ?? []) program.argument(name, says);
  for (const [flags, says] of command.options ?? []) program.option(flags, says);
  program.option('--json', "print the service's answer as JSON");
  program.action(async () => {
    const { json, ...options } = program.opts<{ json?: boolean }>();
    const asked = command.ask({ args: program.args, options });
    const path = `/api/services/${encodeURIComponent(service)}/${encodeURIComponent(asked.command)}`;
    const input = Object.fromEntries(Object.entries(asked.input).filter(([, value]) => value !== undefined));
    const { raw, value } = await register.client().post(path, z.unknown(), input);
    print(register, json, { raw, lines: linesOf(command, value) });
  });
}

function linesOf(command: DeskCommand, answer: unknown): readonly string[] {
  try {
    return command.lines(answer, Date.now());
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new CommandProblem(`the answer's field "${error.issues[0]?.path.join('.')}" is not understood`, {
      hint: 'CLI and host are of different versions: restart npm start',
      cause: error,
    });
  }
}
