import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { freshHint, pack } from '../../../shared/engine/change-event.ts';
import { holdCursor } from '../../../shared/engine/cursor.ts';
import { type EmbeddedPorts, openEmbeddedPorts } from '../../../shared/hosts/embedded/ports.ts';

let dir: string;
let opened: EmbeddedPorts | undefined;
const open = () => {
  opened = openEmbeddedPorts({ dir, http: async () => Promise.reject(new Error('no network')) });
  return opened;
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'intertie-orphans-'));
});
afterEach(async () => {
  await opened?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('a restart finds at once what the dead process had received and where its walk stood', async () => {
  const from = { flow: 'orders', lane: 'live' } as const;
  const schema = z.object({ page: z.string() });
  const before = open();
  const [event] = pack({ flow: 'orders', collection: 'order', cause: 'scan', trace: 't' }, [
    freshHint('1', before.clock.now()),
  ]);
  await before.queue.send(event ? [{ lane: 'live', event, delay: 0 }] : []);
  expect(await before.queue.receive(from, 10, 400_000)).toHaveLength(1);
  await (await holdCursor(before, 'backfill/orders/order', schema))?.save({ page: '7' });
  expect(await holdCursor(before, 'backfill/orders/order', schema)).toBeUndefined();
  await before.close();
  const after = open();
  expect(await after.queue.receive(from, 10, 400_000)).toMatchObject([{ receiveCount: 1 }]);
  expect((await holdCursor(after, 'backfill/orders/order', schema))?.state).toEqual({ page: '7' });
});

test('a restart long after the death does not count as a receive either', async () => {
  const from = { flow: 'orders', lane: 'live' } as const;
  const now = open().clock.now();
  const [event] = pack({ flow: 'orders', collection: 'order', cause: 'scan', trace: 't' }, [
    freshHint('1', now),
  ]);
  await opened?.queue.send(event ? [{ lane: 'live', event, delay: 0 }] : []);
  for (let restarts = 0; restarts < 12; restarts += 1) {
    expect(await opened?.queue.receive(from, 10, 0)).toMatchObject([{ receiveCount: 1 }]);
    await opened?.close();
    open();
  }
});

test('the dead process makes no calls any more', async () => {
  const budget = { tokens: 0, filledAt: 0, slots: [{ token: 'a', until: Date.now() + 60_000 }] };
  const before = open();
  await before.documents.put('account/shop/main', { version: 1, budget }, undefined);
  await before.close();
  const stored = await open().documents.get('account/shop/main');
  expect(stored?.value).toEqual({ version: 1, budget: { ...budget, slots: [] } });
});

test('a claimed record stays in quarantine', async () => {
  const key = { flow: 'orders', collection: 'order', id: '1' };
  const before = open();
  const until = before.clock.now() + 100_000;
  await before.links.claim([{ key, token: 'a', until }], before.clock.now());
  await before.close();
  const after = open();
  const [claim] = await after.links.claim([{ key, token: 'b', until: until + 1 }], after.clock.now());
  expect(claim).toEqual({ claimed: false, heldUntil: until });
});
