import { AllItemsSchema, DecidedSchema, ItemsSchema } from './answers-pair.ts';
import { itemsLines } from './items-lines.ts';
import { flowCommand, flowPath, print, type Register } from './register.ts';

interface Json {
  json?: boolean;
}

/** The commands for what the rules leave to a person. */
export function decideCommands(register: Register): void {
  register.program
    .command('items')
    .description('what only a person can decide: both values, why, and since when')
    .argument('[flow]', 'name of the flow, as `status` shows it; without one, all flows')
    .option('--json', "print the host's answer as JSON")
    .action(async (flow: string | undefined, { json }: Json) => {
      const { raw, flows } = await openItems(register, flow);
      print(register, json, { raw, lines: itemsLines(flows, Date.now()) });
    });
  flowCommand(register, 'decide', 'whose value holds where both sides say something else')
    .argument('<record>', '<collection>/<id>, or <id>')
    .argument('<field>', 'as `items` shows it')
    .requiredOption('--keep <side>', "left or right, or the system's name")
    .action(async (flow: string, record: string, field: string, { json, keep }: Json & { keep: string }) => {
      const path = `${flowPath(flow)}/items/${encodeURIComponent(record)}/decide`;
      const { raw, value } = await register.client().post(path, DecidedSchema, { field, keep });
      print(register, json, {
        raw,
        lines: [`${field} of ${record}: the value of ${value.keep} holds; it is carried out now`],
      });
    });
}

async function openItems(register: Register, flow: string | undefined) {
  const client = register.client();
  if (flow === undefined) {
    const { raw, value } = await client.get('/api/items', AllItemsSchema);
    return { raw, flows: value.flows };
  }
  const { raw, value } = await client.get(`${flowPath(flow)}/items`, ItemsSchema);
  return { raw, flows: [value] };
}
