import { readFile } from 'node:fs/promises';
import { connectors } from '../../functions/connectors.ts';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import type { Connector } from '../connectors/connector.ts';
import { type AccountRef, accountKey } from '../engine/session.ts';
import { CommandProblem } from './client.ts';
import { checkCredentials } from './credentials.ts';
import { credentialStoreAt } from './place.ts';
import { askFields } from './prompt.ts';
import type { Register } from './register.ts';

interface Options {
  account: string;
  data: string;
  file?: string;
  check: boolean;
}

/** Puts an account's credentials into its secret, once they are known to be good. */
export function connectCommand(register: Register): void {
  register.program
    .command('connect')
    .description(
      "put an account's credentials into its secret, on this machine or on a stage, after checking them",
    )
    .argument('<vendor>', connectors.map(({ vendor }) => vendor).join(' or '))
    .option('--account <name>', 'which account of the vendor', 'main')
    .option('--file <path>', 'the secret as JSON, instead of being asked')
    .option('--data <dir>', 'data directory of the host on this machine (without --stage)', '.intertie')
    .option('--no-check', 'store it even though the vendor was not asked')
    .action(async (vendor: string, options: Options) => connect(register, vendor, options));
}

async function connect(register: Register, vendor: string, options: Options): Promise<void> {
  const connector = connectorOf(vendor);
  const ref = accountOf(vendor, options.account);
  const store = await credentialStoreAt(register.place(), options.data);
  try {
    const given =
      options.file === undefined ? await askFields(connector.secret) : await fromFile(options.file);
    const secret = validated(connector, given);
    const checked = options.check
      ? await checkCredentials({ connector, ref, secret, flows }, store)
      : { told: 'not checked', secret };
    await store.ports.secrets.put(accountKey(ref), checked.secret);
    register.surroundings.out(`${checked.told}\nstored as ${accountKey(ref)} in ${store.name}\n`);
  } finally {
    await store.close();
  }
}

function connectorOf(vendor: string): Connector {
  const connector = connectors.find((each) => each.vendor === vendor);
  if (connector) return connector;
  throw new CommandProblem(`there is no connector "${vendor}"`, {
    hint: `there are: ${connectors.map((each) => each.vendor).join(', ')}`,
  });
}

function accountOf(vendor: string, name: string): AccountRef {
  const users = [...flows, ...services];
  const accounts = users.flatMap((user) => user.accounts).filter((each) => each.vendor === vendor);
  const ref = accounts.find((each) => each.name === name);
  if (ref) return ref;
  throw new CommandProblem(`nothing uses an account "${name}" of ${vendor}`, {
    hint: `in use are: ${[...new Set(accounts.map((each) => each.name))].join(', ') || 'none of this vendor'}`,
  });
}

async function fromFile(path: string): Promise<unknown> {
  const hint = "it must exist and hold one JSON object, as the connector's README shows";
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandProblem(`${path} cannot be read`, { hint, cause });
  });
  try {
    return JSON.parse(text);
  } catch {
    // Without its cause: the parser quotes what it read, which is a secret.
    throw new CommandProblem(`${path} is not JSON`, { hint });
  }
}

/** As it will be stored: what was given, once the schema has accepted it. */
function validated({ secret, title }: Connector, given: unknown): unknown {
  const parsed = secret.safeParse(given);
  if (parsed.success) return given;
  const issue = parsed.error.issues[0];
  const field = issue && issue.path.length > 0 ? `field "${issue.path.join('.')}"` : 'it';
  throw new CommandProblem(
    `these are no credentials for ${title}: ${field}: ${issue?.message ?? 'does not fit'}`,
    {
      hint: "the connector's README says where each value is found; nothing was stored",
    },
  );
}
