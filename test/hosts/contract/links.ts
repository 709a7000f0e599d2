import { expect, test } from 'vitest';
import type { Settlement } from '../../../shared/engine/ports.ts';
import type { Host } from './host.ts';
import { body, claim, claimed, key, plain, readOne, store, T0 } from './host.ts';

export function linksContract(host: Host): void {
  const ports = () => host.open().ports;
  const settle = async (id: string, token: string, lease: Settlement['lease'] = 'release', parts = {}) => {
    const settlement = { key: key(id), token, body: undefined, lease, rung: [], ...parts };
    return (await ports().links.settle([settlement]))[0];
  };

  test('an unknown record reads as undefined, in the order of the keys', async () => {
    await store(ports(), key('b'), body({ targetId: '7' }));
    const read = await ports().links.read([key('a'), key('b'), key('c')]);
    expect(read.map((link) => link?.body?.targetId)).toEqual([undefined, '7', undefined]);
    expect(read[1]).toMatchObject({ key: key('b'), takeovers: 0, waiters: [] });
  });

  test('ids keep their case, their scripts and their punctuation apart', async () => {
    const ids = ['A', 'a', 'ä', 'a\u0308', 'Ω/1', 'a#b', "o'hara", '東京', '😀', ' '];
    for (const id of ids) await store(ports(), key(id), body({ targetId: `to ${id}` }));
    const read = await ports().links.read(ids.map((id) => key(id)));
    expect(read.map((link) => link?.body?.targetId)).toEqual(ids.map((id) => `to ${id}`));
  });

  test('keys of other flows and collections are other links', async () => {
    await store(ports(), key('1', 'flow-a', 'x'), body({ targetId: 'ax' }));
    await store(ports(), key('1', 'flow-a', 'y'), body({ targetId: 'ay' }));
    expect((await readOne(ports(), key('1', 'flow-a', 'x')))?.body?.targetId).toBe('ax');
    expect(await readOne(ports(), key('1', 'flow-b', 'x'))).toBeUndefined();
  });

  test('a body comes back whole, and is replaced whole', async () => {
    const outcome = {
      at: T0,
      outcome: 'updated' as const,
      cause: 'scan',
      trace: 't',
      attempt: 2,
      fields: ['é'],
    };
    const whole = body({
      readAt: T0,
      hash: 'h',
      state: 'present',
      affects: ['people/2'],
      outcomes: [outcome],
    });
    await store(ports(), key('1'), whole);
    expect((await readOne(ports(), key('1')))?.body).toEqual(whole);
    await store(ports(), key('1'), body({ readAt: T0 + 1 }));
    expect((await readOne(ports(), key('1')))?.body).toEqual(body({ readAt: T0 + 1 }));
  });

  test('of 50 claims at once, one wins and the others learn until when it holds', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, worker) => claim(ports(), key('1'), `worker-${worker}`)),
    );
    expect(results.filter((result) => result.claimed)).toHaveLength(1);
    const until = results.flatMap((result) => (result.claimed ? [] : [result.heldUntil]));
    expect(new Set(until)).toEqual(new Set([T0 + 60_000]));
    const held = await readOne(ports(), key('1'));
    expect(results[Number(held?.lease?.token.replace('worker-', ''))]?.claimed).toBe(true);
  });

  test('a batch of claims answers each record on its own, in order', async () => {
    await claimed(ports(), key('2'), 'other');
    const requests = ['1', '2', '3'].map((id) => ({ key: key(id), token: 'mine', until: T0 + 5_000 }));
    const results = await ports().links.claim(requests, T0);
    expect(results.map((result) => result.claimed)).toEqual([true, false, true]);
  });

  test('100 records in one claim and one settle', async () => {
    const requests = Array.from({ length: 100 }, (_, at) => ({
      key: key(`r${at}`),
      token: `t${at}`,
      until: T0,
    }));
    const results = await ports().links.claim(requests, T0);
    expect(results.every((result) => result.claimed)).toBe(true);
    const settled = await ports().links.settle(
      requests.map(({ key: of, token }) => ({
        key: of,
        token,
        body: body({ targetId: of.id }),
        lease: 'release' as const,
        rung: [],
      })),
    );
    expect(settled).toEqual(requests.map(() => 'settled'));
    const read = await ports().links.read(requests.map((request) => request.key));
    expect(read.map((link) => link?.body?.targetId)).toEqual(requests.map((request) => request.key.id));
  });

  test('a lease ends for others only when its end is before the given moment', async () => {
    await claimed(ports(), key('1'), 'first');
    expect(await claim(ports(), key('1'), 'second', T0 + 60_000)).toEqual({
      claimed: false,
      heldUntil: T0 + 60_000,
    });
    expect((await claim(ports(), key('1'), 'third', T0 + 60_001)).claimed).toBe(true);
  });

  test('a takeover tells what it took over, and is counted', async () => {
    await store(ports(), key('1'), body({ hash: 'h' }));
    await claimed(ports(), key('1'), 'dead-1');
    const second = await claimed(ports(), key('1'), 'dead-2', T0 + 100_000);
    expect(second).toMatchObject({
      lease: { token: 'dead-1', until: T0 + 60_000 },
      takeovers: 0,
      body: { hash: 'h' },
    });
    const third = await claimed(ports(), key('1'), 'third', T0 + 200_000);
    expect(third).toMatchObject({ lease: { token: 'dead-2' }, takeovers: 1 });
    expect(await readOne(ports(), key('1'))).toMatchObject({ takeovers: 2, lease: { token: 'third' } });
  });

  test('a repeated claim is granted, counts nothing and tells the same as the first', async () => {
    await store(ports(), key('1'), body({ hash: 'h' }));
    await claimed(ports(), key('1'), 'dead');
    const first = await claimed(ports(), key('1'), 'mine', T0 + 100_000);
    const again = await claimed(ports(), key('1'), 'mine', T0 + 100_000);
    expect(plain(again)).toEqual(plain(first));
    expect((await readOne(ports(), key('1')))?.takeovers).toBe(1);
  });

  test('a repeated claim of a free record shows no lease: its own is left out', async () => {
    await store(ports(), key('1'), body({ hash: 'h' }));
    await claimed(ports(), key('1'), 'mine');
    expect(await claimed(ports(), key('1'), 'mine')).toMatchObject({ lease: undefined, takeovers: 0 });
  });

  test('a release ends the lease and clears the takeovers', async () => {
    await claimed(ports(), key('1'), 'dead');
    await claimed(ports(), key('1'), 'mine', T0 + 100_000);
    expect(await settle('1', 'mine', 'release', { body: body({ hash: 'new' }) })).toBe('settled');
    const link = await readOne(ports(), key('1'));
    expect(link).toMatchObject({ lease: undefined, takeovers: 0, body: { hash: 'new' } });
    expect((await claim(ports(), key('1'), 'next')).claimed).toBe(true);
  });

  test('a report keeps the lease, marks it and clears the takeovers; its takeover is not counted', async () => {
    await claimed(ports(), key('1'), 'dead');
    await claimed(ports(), key('1'), 'mine', T0 + 100_000);
    expect(await settle('1', 'mine', 'report')).toBe('settled');
    const lease = { token: 'mine', until: T0 + 160_000, reported: true };
    expect(await readOne(ports(), key('1'))).toMatchObject({ lease, takeovers: 0 });
    expect((await claim(ports(), key('1'), 'early', T0 + 160_000)).claimed).toBe(false);
    expect(await claimed(ports(), key('1'), 'next', T0 + 160_001)).toMatchObject({ lease, takeovers: 0 });
    const taken = await readOne(ports(), key('1'));
    expect(taken?.takeovers).toBe(0);
    expect(taken?.lease?.reported ?? false).toBe(false);
  });

  test('a settle under a lease that is no longer ours writes nothing', async () => {
    await store(ports(), key('1'), body({ hash: 'old' }));
    await claimed(ports(), key('1'), 'slow');
    await claimed(ports(), key('1'), 'quick', T0 + 100_000);
    expect(await settle('1', 'slow', 'release', { body: body({ hash: 'late' }) })).toBe('lost');
    expect(await readOne(ports(), key('1'))).toMatchObject({
      body: { hash: 'old' },
      lease: { token: 'quick' },
      takeovers: 1,
    });
    expect(await settle('never-claimed', 'slow')).toBe('lost');
    expect(await readOne(ports(), key('never-claimed'))).toBeUndefined();
  });

  test('a note made under way writes the body and leaves lease and takeovers as they are', async () => {
    await ports().links.wait(key('1'), 'people/9');
    await claimed(ports(), key('1'), 'dead');
    await claimed(ports(), key('1'), 'mine', T0 + 100_000);
    const lease = { token: 'mine', until: T0 + 160_000 };
    for (const hash of ['plan 1', 'plan 2']) {
      expect(await settle('1', 'mine', 'keep', { body: body({ hash }) })).toBe('settled');
      expect(plain(await readOne(ports(), key('1')))).toMatchObject({
        body: { hash },
        lease,
        takeovers: 1,
        waiters: ['people/9'],
      });
    }
    expect(await claim(ports(), key('1'), 'other', T0 + 160_000)).toEqual({
      claimed: false,
      heldUntil: T0 + 160_000,
    });
    expect(await settle('1', 'mine', 'release', { rung: ['people/9'] })).toBe('settled');
    expect(await readOne(ports(), key('1'))).toMatchObject({
      body: { hash: 'plan 2' },
      lease: undefined,
      takeovers: 0,
      waiters: [],
    });
  });

  test('a worker that died after its note is taken over, counted, and its note is found', async () => {
    await store(ports(), key('1'), body({ hash: 'old' }));
    await claimed(ports(), key('1'), 'dead');
    await settle('1', 'dead', 'keep', { body: body({ hash: 'note' }) });
    expect(await claimed(ports(), key('1'), 'next', T0 + 100_000)).toMatchObject({
      body: { hash: 'note' },
      lease: { token: 'dead', until: T0 + 60_000 },
      takeovers: 0,
    });
    expect((await readOne(ports(), key('1')))?.takeovers).toBe(1);
    expect(await settle('1', 'dead', 'keep', { body: body({ hash: 'late' }) })).toBe('lost');
    expect(await readOne(ports(), key('1'))).toMatchObject({
      body: { hash: 'note' },
      lease: { token: 'next' },
      takeovers: 1,
    });
  });

  test('a repeated claim after a note tells the lease that the first one took over, and the note', async () => {
    await claimed(ports(), key('1'), 'dead');
    const first = await claimed(ports(), key('1'), 'mine', T0 + 100_000);
    await settle('1', 'mine', 'keep', { body: body({ hash: 'note' }) });
    const again = await claimed(ports(), key('1'), 'mine', T0 + 100_000);
    expect(plain(again)).toEqual({ ...plain(first), body: body({ hash: 'note' }) });
  });

  test('a note without a lease, or for a record that nobody claimed, writes nothing', async () => {
    await store(ports(), key('1'), body({ hash: 'old' }));
    expect(await settle('1', 'store-1', 'keep', { body: body({ hash: 'late' }) })).toBe('lost');
    expect((await readOne(ports(), key('1')))?.body?.hash).toBe('old');
    expect(await settle('never-claimed', 'mine', 'keep', { body: body({ hash: 'x' }) })).toBe('lost');
    expect(await readOne(ports(), key('never-claimed'))).toBeUndefined();
  });

  test('a repeated release is no error and changes nothing', async () => {
    await claimed(ports(), key('1'), 'mine');
    await settle('1', 'mine', 'release', { body: body({ hash: 'h' }) });
    expect(['settled', 'lost']).toContain(
      await settle('1', 'mine', 'release', { body: body({ hash: 'h' }) }),
    );
    expect(await readOne(ports(), key('1'))).toMatchObject({ body: { hash: 'h' }, lease: undefined });
  });

  test('a settle without a body leaves the stored one', async () => {
    await store(ports(), key('1'), body({ hash: 'kept' }));
    await claimed(ports(), key('1'), 'mine');
    expect(await settle('1', 'mine')).toBe('settled');
    expect((await readOne(ports(), key('1')))?.body?.hash).toBe('kept');
  });

  test('waiters: kept once, before the link exists and under a lease; only those that were rung are removed', async () => {
    await ports().links.wait(key('1'), 'people/9');
    await ports().links.wait(key('1'), 'people/9');
    expect(await readOne(ports(), key('1'))).toMatchObject({
      waiters: ['people/9'],
      body: undefined,
      lease: undefined,
    });
    const before = await claimed(ports(), key('1'), 'mine');
    await ports().links.wait(key('1'), 'people/10');
    await settle('1', 'mine', 'release', { rung: before?.waiters ?? [] });
    expect((await readOne(ports(), key('1')))?.waiters).toEqual(['people/10']);
  });

  test('a waiter does not disturb the lease, the body or the takeovers', async () => {
    await store(ports(), key('1'), body({ hash: 'h' }));
    await claimed(ports(), key('1'), 'mine');
    await Promise.all(Array.from({ length: 20 }, (_, at) => ports().links.wait(key('1'), `people/${at}`)));
    const link = await readOne(ports(), key('1'));
    expect(link).toMatchObject({ lease: { token: 'mine' }, body: { hash: 'h' }, takeovers: 0 });
    expect(new Set(link?.waiters)).toEqual(new Set(Array.from({ length: 20 }, (_, at) => `people/${at}`)));
  });
}
