import { InvalidArgumentError } from 'commander';
import { DoneSchema, ReplaySchema, ScanSchema } from './answers.ts';
import { RedriveSchema } from './answers-health.ts';
import { CommandProblem } from './client.ts';
import { plural } from './format.ts';
import { flowCommand, flowPath, print, type Register } from './register.ts';

interface Json {
  json?: boolean;
}

/** The commands that change something. */
export function actCommands(register: Register): void {
  replayCommand(register);
  flowCommand(register, 'scan', 'ask the source now what has changed').action(
    async (flow: string, { json }: Json) => {
      const { raw, value } = await register.client().post(`${flowPath(flow)}/scan`, ScanSchema);
      const line =
        value.skipped === undefined
          ? `${plural(value.sent, 'changed record')} sent`
          : `skipped: ${value.skipped}`;
      print(register, json, {
        raw,
        lines: [value.finished || value.skipped !== undefined ? line : `${line}; the scan goes on`],
      });
    },
  );
  flowCommand(register, 'pause', 'hold a flow: records stay queued and spend no attempt')
    .requiredOption('--reason <text>', 'shown on the console and in alerts')
    .option('--for <time>', 'end by itself, e.g. 30m, 2h or 1d', minutes)
    .action(async (flow: string, { json, reason, for: length }: Json & { reason: string; for?: number }) => {
      const body = { reason, ...(length !== undefined && { minutes: length }) };
      const { raw } = await register.client().post(`${flowPath(flow)}/pause`, DoneSchema, body);
      print(register, json, {
        raw,
        lines: [`${flow} is paused${length === undefined ? '' : ` for ${length} minutes`}`],
      });
    });
  simple(register, 'resume', { does: 'end a pause', done: 'goes on' });
  releaseCommand(register);
  simple(register, 'approve', {
    does: 'let a held mass change through once',
    done: 'may make its mass change',
  });
  flowCommand(register, 'discard', 'forget a parked record; its next change is delivered again')
    .argument('<record>', '<collection>/<id>, or <id>')
    .requiredOption('--reason <text>', 'kept in the audit trail')
    .action(async (flow: string, record: string, { json, reason }: Json & { reason: string }) => {
      const path = `${flowPath(flow)}/parked/${encodeURIComponent(record)}/discard`;
      const { raw } = await register.client().post(path, DoneSchema, { reason });
      print(register, json, { raw, lines: [`${record} is discarded`] });
    });
}

function replayCommand(register: Register): void {
  flowCommand(register, 'replay', 'reconcile a record, or every parked one, again')
    .argument('[record]', '<collection>/<id>, or <id>')
    .option('--all', 'every parked record of the flow; of a service, every dead letter')
    .action(async (flow: string, record: string | undefined, { json, all }: Json & { all?: boolean }) => {
      if ((record === undefined) === (all !== true)) {
        throw new CommandProblem('replay takes a record or --all', {
          hint: `e.g. npm run intertie -- replay ${flow} --all`,
        });
      }
      if (register.services.includes(flow)) return redriveService(register, flow, { json, record });
      const path = record === undefined ? 'replay' : `parked/${encodeURIComponent(record)}/replay`;
      const { raw, value } = await register.client().post(`${flowPath(flow)}/${path}`, ReplaySchema);
      const items = value.items.map(
        (each) => `  ${each.collection}/${each.id}  ${each.verdict.kind}: ${each.verdict.why}`,
      );
      print(register, json, { raw, lines: [`${plural(value.sent, 'record')} on the way`, ...items] });
    });
}

async function redriveService(
  register: Register,
  service: string,
  { json, record }: { json: boolean | undefined; record: string | undefined },
): Promise<void> {
  if (record !== undefined)
    throw new CommandProblem(`${service} is a service: its dead letters are replayed together`, {
      hint: `npm run intertie -- replay ${service} --all`,
    });
  const path = `/api/services/${encodeURIComponent(service)}/replay`;
  const { raw, value } = await register.client().post(path, RedriveSchema);
  print(register, json, { raw, lines: [`${plural(value.sent, 'dead letter')} on the way`] });
}

function releaseCommand(register: Register): void {
  register.program
    .command('release')
    .description('end a hold of a flow or of a vendor account; it comes back if its cause is still there')
    .argument('<flow|account>', 'name of a flow, or <vendor>/<name> of an account, as `status` shows them')
    .option('--json', "print the host's answer as JSON")
    .action(async (what: string, { json }: Json) => {
      const [vendor = '', name] = what.split('/');
      const path =
        name === undefined
          ? flowPath(what)
          : `/api/accounts/${encodeURIComponent(vendor)}/${encodeURIComponent(name)}`;
      const { raw } = await register.client().post(`${path}/release`, DoneSchema);
      print(register, json, { raw, lines: [`${what} is released`] });
    });
}

function simple(register: Register, name: string, says: { does: string; done: string }): void {
  flowCommand(register, name, says.does).action(async (flow: string, { json }: Json) => {
    const { raw } = await register.client().post(`${flowPath(flow)}/${name}`, DoneSchema);
    print(register, json, { raw, lines: [`${flow} ${says.done}`] });
  });
}

/** Minutes of `30m`, `2h` or `1d`. */
export function minutes(text: string): number {
  const [, number, unit] = /^(\d{1,4})(m|h|d)$/.exec(text) ?? [];
  const factor = unit === 'm' ? 1 : unit === 'h' ? 60 : 1_440;
  const value = Number(number) * factor;
  if (number !== undefined && value > 0) return value;
  throw new InvalidArgumentError('It must be a time like 30m, 2h or 1d.');
}
