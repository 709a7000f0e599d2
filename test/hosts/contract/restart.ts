import { expect, test } from 'vitest';
import type { Host } from './host.ts';
import { body, CONTRACT_FLOWS, claimed, event, key, LIVE, readOne, receiveAll, store, T0 } from './host.ts';

export function restartContract(host: Host): void {
  test('everything that was promised is there after a restart', async ({ skip }) => {
    const { ports, restart } = host.open();
    if (!restart) return skip('this host does not restart');
    await store(ports, key('1'), body({ hash: 'h', recheckAt: T0 }));
    await claimed(ports, key('2'), 'mine');
    await ports.links.wait(key('2'), 'people/3');
    await ports.queue.send([{ lane: 'live', event: event(LIVE, { trace: 'kept' }), delay: 0 }]);
    await ports.documents.put('cursor', { at: T0 }, undefined);
    await ports.secrets.put('intertie/test/vendor/main', { token: 't' });
    const dead = {
      flow: CONTRACT_FLOWS[0],
      collection: 'c',
      id: '1',
      reason: 'r',
      fingerprint: 'f',
      at: T0,
      trace: 't',
    };
    await ports.deadLetters.add([dead]);

    const again = await restart();
    expect(await readOne(again, key('1'))).toMatchObject({ body: { hash: 'h' }, lease: undefined });
    expect(await again.links.due('contract-links', T0, 10)).toHaveLength(1);
    expect(await readOne(again, key('2'))).toMatchObject({
      lease: { token: 'mine', until: T0 + 60_000 },
      waiters: ['people/3'],
    });
    expect(await receiveAll(again, LIVE, { count: 1, visibility: 30_000 })).toMatchObject([
      { receiveCount: 1 },
    ]);
    const document = await again.documents.get('cursor');
    expect(document?.value).toEqual({ at: T0 });
    expect(await again.documents.put('cursor', { at: T0 + 1 }, document?.revision)).toBe(true);
    expect((await again.secrets.get('intertie/test/vendor/main'))?.value).toEqual({ token: 't' });
    expect((await again.deadLetters.look(CONTRACT_FLOWS[0], 1))[0]?.letter).toEqual(dead);
  });
}
