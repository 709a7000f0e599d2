import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CredentialStore } from '../../operate/place.ts';
import { httpClient } from '../http-client.ts';
import { openEmbeddedPorts } from './ports.ts';
import { secrets } from './secrets.ts';
import { invoke } from './work.ts';

/**
 * The secrets of a data directory, while a host may be running on it: the host sees a new secret at its next
 * look. Everything else that trying credentials needs is kept in a directory of its own that goes with it.
 */
export async function openLocalSecrets(dir: string): Promise<CredentialStore> {
  const scratch = await mkdtemp(join(tmpdir(), 'intertie-connect-'));
  const ports = openEmbeddedPorts({ dir: scratch, http: httpClient({ maxSockets: 1 }) });
  const never = new AbortController().signal;
  return {
    ports: { ...ports, secrets: secrets({ dir }) },
    invoke: (run) => invoke(ports.clock, { kill: never }, run),
    name: `${join(dir, 'secrets.json')}; a running host uses it at once`,
    close: async () => {
      await ports.close();
      await rm(scratch, { recursive: true });
    },
  };
}
