import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadLetters } from '../../../shared/hosts/embedded/dead-letters.ts';
import { documents } from '../../../shared/hosts/embedded/documents.ts';
import { links } from '../../../shared/hosts/embedded/links.ts';
import { queue } from '../../../shared/hosts/embedded/queue.ts';
import { secrets } from '../../../shared/hosts/embedded/secrets.ts';
import { openStore, type Store } from '../../../shared/hosts/embedded/store.ts';
import { T0 } from '../contract/host.ts';
import { describePorts } from '../contract.ts';

function portsOf(store: Store) {
  return {
    links: links(store),
    queue: queue(store),
    deadLetters: deadLetters(store),
    documents: documents(store),
    secrets: secrets(store),
  };
}

describePorts('the embedded host', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'intertie-ports-'));
  let at = T0;
  const open = () => openStore({ dir, now: () => at });
  let store = open();
  return {
    ports: portsOf(store),
    advance: async (ms) => {
      at += ms;
    },
    restart: async () => {
      store.close();
      store = open();
      return portsOf(store);
    },
    close: async () => {
      store.close();
      rmSync(dir, { recursive: true });
    },
  };
});
