import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HttpFailure } from '../../../shared/engine/ports.ts';
import { deadLetters } from '../../../shared/hosts/embedded/dead-letters.ts';
import { documents } from '../../../shared/hosts/embedded/documents.ts';
import { links } from '../../../shared/hosts/embedded/links.ts';
import { openEmbeddedPorts } from '../../../shared/hosts/embedded/ports.ts';
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

test('all ports of a directory open together, and closing writes everything down', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'intertie-ports-'));
  const http = async () => Promise.reject(new HttpFailure('no network', false));
  const first = openEmbeddedPorts({ dir, http });
  const at = first.clock.now();
  first.meter.count('f', 'delivered', 3);
  const facts = { flow: 'f', collection: 'c', id: '1', trace: 't', cause: 'scan', attempt: 0 } as const;
  first.trail.write([{ at, outcome: 'created', ...facts }]);
  const put = first.documents.put('k', 'kept', undefined);
  await first.close();
  expect(await put).toBe(true);

  expect(readFileSync(join(dir, 'trail.jsonl'), 'utf8')).toContain('"outcome":"created"');
  const second = openEmbeddedPorts({ dir, http });
  expect(second.meter.snapshot().counters).toEqual([{ flow: 'f', metric: 'delivered', value: 3 }]);
  expect((await second.documents.get('k'))?.value).toBe('kept');
  await second.close();
  rmSync(dir, { recursive: true });
});
