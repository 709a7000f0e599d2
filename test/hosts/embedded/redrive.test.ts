import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAX_RECEIVES } from '../../../shared/engine/ports.ts';
import { deadLetters } from '../../../shared/hosts/embedded/dead-letters.ts';
import { queue } from '../../../shared/hosts/embedded/queue.ts';
import { openStore } from '../../../shared/hosts/embedded/store.ts';

test('a message that comes back too often becomes a dead letter, whole', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'redrive-'));
  let now = 1_000_000;
  const store = openStore({ dir, now: () => now });
  try {
    const [messages, letters] = [queue(store), deadLetters(store)];
    const records = [{ id: '1', observedAt: now, firstObservedAt: now, attempt: 0 }];
    const event = { version: 1, flow: 'f', collection: 'c', cause: 'scan', trace: 't', records } as const;
    await messages.send([{ lane: 'live', event, delay: 0 }]);
    const from = { flow: 'f', lane: 'live' } as const;
    for (let time = 1; time <= MAX_RECEIVES; time += 1) {
      expect(await messages.receive(from, 10, 60_000)).toMatchObject([{ receiveCount: time }]);
      now += 60_001;
    }
    expect(await messages.receive(from, 10, 60_000)).toEqual([]);
    expect(await messages.depth(from)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    const [letter] = await letters.look('f', 10);
    expect(letter).toMatchObject({ letter: undefined, body: JSON.stringify(event) });
  } finally {
    store.close();
    rmSync(dir, { recursive: true });
  }
});
