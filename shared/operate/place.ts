import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import type { Ports } from '../engine/ports.ts';
import type { AwsOperator } from '../hosts/aws/operator.ts';
import type { Invoke } from './api/record-answer.ts';
import { type Client, CommandProblem, openClient } from './client.ts';

/** A host by its address, or a stage on AWS. */
export interface Place {
  url: string;
  stage?: string;
  profile?: string;
}

export function clientAt(place: Place): Client {
  if (place.stage === undefined) {
    if (place.profile !== undefined)
      throw new CommandProblem('--profile belongs to --stage', { hint: 'e.g. --stage prod --profile admin' });
    return openClient(place.url);
  }
  const operator = operatorAt(place);
  return {
    get: async (path, schema) => (await operator).client.get(path, schema),
    post: async (path, schema, body) => (await operator).client.post(path, schema, body),
  };
}

/** Where credentials go: the secrets of a stage, or of a data directory of this machine. */
export interface CredentialStore {
  ports: Ports;
  invoke: Invoke;
  /** For people. */
  name: string;
  close(): Promise<void>;
}

/** Loads the AWS SDK, or the local host, only when it is asked for. */
export async function credentialStoreAt(place: Place, dir: string): Promise<CredentialStore> {
  if (place.stage === undefined) {
    const { openLocalSecrets } = await import('../hosts/embedded/local-secrets.ts');
    return openLocalSecrets(dir);
  }
  const { ports, invoke } = await operatorAt(place);
  return {
    ports,
    invoke,
    name: `stage ${place.stage}; functions use it within a minute`,
    close: async () => undefined,
  };
}

/** Loads the AWS SDK only when somebody asks for it. */
async function operatorAt({ stage, profile }: Place): Promise<AwsOperator> {
  if (stage === undefined)
    throw new CommandProblem('which stage?', { hint: 'say --stage <stage>, as it was deployed' });
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new CommandProblem(`"${stage}" is no name of a stage`, { hint: 'e.g. --stage prod' });
  const { openAwsOperator } = await import('../hosts/aws/operator.ts');
  return openAwsOperator({ stage, profile, flows, services });
}
