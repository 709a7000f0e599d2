import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Clock, Millis, Secrets } from '../../engine/ports.ts';

/** A copy is good for this long: new credentials reach every warm function within it. */
const COPY_VALID: Millis = 60_000;

interface Copy {
  secret: { value: unknown; version: string } | undefined;
  at: Millis;
}

export interface AwsSecrets extends Secrets {
  /** The next `get` asks the service: whoever renews credentials must not decide on a copy. */
  forget(name: string): void;
}

export interface SecretsOptions {
  client: SecretsManagerClient;
  clock: Clock;
  /** Stands before every name: `intertie/<stage>/`. */
  prefix: string;
}

/** One call a minute and account at most in each warm function: uncached reads would cost as much as the rest. */
export function secrets({ client, clock, prefix }: SecretsOptions): AwsSecrets {
  const copies = new Map<string, Copy>();
  return {
    forget: (name) => void copies.delete(name),
    get: async (name) => {
      const known = copies.get(name);
      const now = clock.now();
      if (known && now >= known.at && now - known.at < COPY_VALID) return known.secret;
      const secret = await fetchSecret(client, `${prefix}${name}`);
      copies.set(name, { secret, at: now });
      return secret;
    },
    put: async (name, value) => {
      copies.delete(name);
      const version = await storeSecret(client, `${prefix}${name}`, JSON.stringify(value));
      copies.set(name, { secret: { value, version }, at: clock.now() });
    },
  };
}

async function fetchSecret(client: SecretsManagerClient, SecretId: string): Promise<Copy['secret']> {
  try {
    const { SecretString: text, VersionId: version } = await client.send(
      new GetSecretValueCommand({ SecretId }),
    );
    return { value: jsonOr(text), version: version ?? '' };
  } catch (error) {
    // Also when the secret exists and nobody has put a value into it yet.
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Infra makes the secret of every account; one that it did not make yet is made here. */
async function storeSecret(client: SecretsManagerClient, id: string, text: string): Promise<string> {
  try {
    const put = await client.send(new PutSecretValueCommand({ SecretId: id, SecretString: text }));
    return put.VersionId ?? '';
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    const made = await client.send(new CreateSecretCommand({ Name: id, SecretString: text }));
    return made.VersionId ?? '';
  }
}

/** What is not JSON is handed on as text: the connector's schema then says what is wrong with it. */
function jsonOr(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
