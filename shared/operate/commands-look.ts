import { ParkedSchema, RecordSchema, StatusSchema } from './answers.ts';
import { parkedLines, recordLines, statusLines } from './lines.ts';
import { flowCommand, flowPath, print, type Register } from './register.ts';

/** The commands that only look. */
export function lookCommands(register: Register): void {
  register.program
    .command('status')
    .description('every flow: its five answers, queue depth, oldest age, parked records, alerts')
    .option('--json', "print the host's answer as JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const { raw, value } = await register.client().get('/api/status', StatusSchema);
      print(register, json, { raw, lines: statusLines(value) });
    });
  flowCommand(register, 'trace', 'one record: both sides now, what differs, the link and its history')
    .argument('<record>', '<collection>/<id>, or <id>')
    .action(async (flow: string, record: string, { json }: { json?: boolean }) => {
      const path = `${flowPath(flow)}/records/${encodeURIComponent(record)}`;
      const { raw, value } = await register.client().get(path, RecordSchema);
      print(register, json, { raw, lines: recordLines(value) });
    });
  flowCommand(register, 'parked', 'records that wait for a person, oldest first')
    .option('--after <page>', 'the next page, as the last one told')
    .action(async (flow: string, { json, after }: { json?: boolean; after?: string }) => {
      const query = after === undefined ? '' : `?${new URLSearchParams({ after })}`;
      const { raw, value } = await register.client().get(`${flowPath(flow)}/parked${query}`, ParkedSchema);
      print(register, json, { raw, lines: parkedLines(value, Date.now()) });
    });
}
