import { expect, test } from 'vitest';
import type { Link, Page } from '../../../shared/engine/ports.ts';
import type { Host } from './host.ts';
import { body, claimed, key, parkedBody, store, T0 } from './host.ts';

async function walk(
  page: (after?: string) => Promise<Page<Link>>,
  between?: () => Promise<void>,
): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const { items, next } = await page(after);
    ids.push(...items.map((link) => link.key.id));
    after = next;
    await between?.();
  } while (after !== undefined && ids.length < 1_000);
  return ids;
}

export function linkIndexContract(host: Host): void {
  const ports = () => host.open().ports;
  const people = { flow: 'contract-links', collection: 'people' };

  test('a walk in pages sees every link of the collection once, and no other', async () => {
    const ids = Array.from({ length: 23 }, (_, at) => `id-${at}`);
    for (const id of ids) await store(ports(), key(id), body());
    await store(ports(), key('elsewhere', 'contract-links', 'places'), body());
    await store(ports(), key('elsewhere', 'contract-links-2'), body());
    for (const limit of [1, 7, 23, 100]) {
      const seen = await walk((after) => ports().links.page(people, limit, after));
      expect(seen.toSorted()).toEqual(ids.toSorted());
    }
  });

  test('links that stay are seen once although others are added and settled during the walk', async () => {
    const ids = Array.from({ length: 20 }, (_, at) => `stays-${at}`);
    for (const id of ids) await store(ports(), key(id), body({ hash: 'h' }));
    let added = 0;
    const seen = await walk(
      (after) => ports().links.page(people, 3, after),
      async () => {
        added += 1;
        if (added < 8) await store(ports(), key(`${added % 2 ? 'a' : 'z'}-added-${added}`), body());
        await store(ports(), key('stays-7'), body({ hash: `h${added}` }));
      },
    );
    expect(seen.filter((id) => id.startsWith('stays-')).toSorted()).toEqual(ids.toSorted());
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('a page of nothing has no next', async () => {
    expect(await ports().links.page(people, 10)).toEqual({ items: [] });
    expect(await ports().links.parked('contract-links', 10)).toEqual({ items: [] });
  });

  test('parked links come oldest first, in pages, with ties, and leave when they heal', async () => {
    const since = { c: T0 + 3, a: T0 + 1, b: T0 + 2, tie: T0 + 2, d: T0 + 4 };
    for (const [id, at] of Object.entries(since)) await store(ports(), key(id), parkedBody(at));
    await store(ports(), key('sound'), body());
    await store(ports(), key('other', 'contract-links-2'), parkedBody(T0));
    const seen = await walk((after) => ports().links.parked('contract-links', 2, after));
    expect([seen[0], seen.slice(1, 3).toSorted(), seen.slice(3)]).toEqual(['a', ['b', 'tie'], ['c', 'd']]);
    expect(await ports().links.parkedCount('contract-links')).toEqual({ count: 5, oldestSince: T0 + 1 });
    await store(ports(), key('a'), body());
    expect(await ports().links.parkedCount('contract-links')).toEqual({ count: 4, oldestSince: T0 + 2 });
    expect(await ports().links.parkedCount('nothing-here')).toEqual({ count: 0 });
  });

  test('a parked link under a lease is still listed', async () => {
    await store(ports(), key('1'), parkedBody(T0));
    await claimed(ports(), key('1'), 'mine');
    const { items } = await ports().links.parked('contract-links', 10);
    expect(items).toMatchObject([
      { key: key('1'), lease: { token: 'mine' }, body: { parked: { since: T0 } } },
    ]);
  });

  test('links are due at their moment, oldest first, up to the limit', async () => {
    for (const at of [5, 1, 9, 3]) await store(ports(), key(`due-${at}`), body({ recheckAt: T0 + at }));
    await store(ports(), key('never'), body());
    const due = async (now: number, limit = 100) =>
      (await ports().links.due('contract-links', now, limit)).map((link) => link.key.id);
    expect(await due(T0)).toEqual([]);
    expect(await due(T0 + 5)).toEqual(['due-1', 'due-3', 'due-5']);
    expect(await due(T0 + 4)).toEqual(['due-1', 'due-3']);
    expect(await due(T0 + 100, 2)).toEqual(['due-1', 'due-3']);
    await store(ports(), key('due-1'), body({ recheckAt: T0 + 50 }));
    expect(await due(T0 + 5)).toEqual(['due-3', 'due-5']);
    expect(await ports().links.due('contract-links-2', T0 + 100, 10)).toEqual([]);
  });
}
