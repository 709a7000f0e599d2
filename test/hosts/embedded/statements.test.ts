import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { deadLetters } from '../../../shared/hosts/embedded/dead-letters.ts';
import { documents } from '../../../shared/hosts/embedded/documents.ts';
import { links } from '../../../shared/hosts/embedded/links.ts';
import { queue } from '../../../shared/hosts/embedded/queue.ts';
import { openStore, type Store } from '../../../shared/hosts/embedded/store.ts';
import { body, CONTRACT_FLOWS, event, key, LIVE, OTHER, T0 } from '../contract/host.ts';

const Plan = z.object({ detail: z.string() });

let dir: string;
let store: Store;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'intertie-statements-'));
  store = openStore({ dir, now: () => T0 });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

test('no statement walks a whole table or sorts, and no index is idle: the thread that runs it also serves webhooks', async () => {
  const texts = new Set<string>();
  const noting: Store = {
    ...store,
    one: (sql, row, values) => {
      texts.add(sql);
      return store.one(sql, row, values);
    },
    all: (sql, row, values) => {
      texts.add(sql);
      return store.all(sql, row, values);
    },
    run: (sql, values) => {
      texts.add(sql);
      return store.run(sql, values);
    },
  };
  await useEverything(noting);
  const steps = [...texts].flatMap((sql) =>
    store.all(`EXPLAIN QUERY PLAN ${sql}`, Plan).map(({ detail }) => `${detail}: ${sql}`),
  );
  expect(texts.size).toBeGreaterThan(20);
  expect(steps.filter((step) => /^SCAN (?!\(subquery|CONSTANT)|TEMP B-TREE/.test(step))).toEqual([]);
  const indexes = store.all(
    "SELECT name AS detail FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
    Plan,
  );
  const idle = indexes.filter(({ detail }) => !steps.some((step) => step.includes(`INDEX ${detail} `)));
  expect(idle).toEqual([]);
});

async function useEverything(noting: Store): Promise<void> {
  const linked = links(noting);
  const claim = (token: string, at = T0) => linked.claim([{ key: key('1'), token, until: T0 }], at);
  const settlement = { key: key('1'), token: 'b', lease: 'release' as const, rung: [] };
  await linked.wait(key('2'), 'people/1');
  await linked.wait(key('2'), 'people/3');
  for (const token of ['a', 'a']) await claim(token);
  await claim('b', T0 + 1);
  await linked.settle([{ ...settlement, body: undefined, lease: 'report' }]);
  await linked.settle([{ ...settlement, body: body(), lease: 'report' }]);
  await linked.settle([{ ...settlement, body: undefined }]);
  await claim('b');
  await linked.settle([{ ...settlement, body: body() }]);
  await linked.page({ flow: 'f', collection: 'c' }, 10);
  await linked.parked('f', 10);
  await linked.due('f', T0, 10);
  await linked.parkedCount('f');
  const queued = queue(noting);
  await queued.send([{ lane: 'live', event: event(LIVE), delay: 0 }]);
  const [delivery] = await queued.receive(LIVE, 1, 1_000);
  await queued.acknowledge(LIVE, [delivery?.receipt ?? '']);
  await queued.depth(LIVE);
  queued.oldestUnfinished(LIVE.flow);
  queued.pending(LIVE.flow);
  queued.pending(LIVE.flow, 'people');
  const letters = deadLetters(noting);
  const [flow] = CONTRACT_FLOWS;
  await letters.add([{ flow, collection: 'c', id: '1', reason: 'r', fingerprint: 'f', at: T0, trace: 't' }]);
  const [letter] = await letters.look(flow, 1);
  await letters.remove(flow, [letter?.receipt ?? '']);
  await letters.depth(flow);
  await documents(noting).put('k', 1, undefined);
  await documents(noting).put('k', 2, '1');
  await documents(noting).get('k');
  await documents(noting).put('filed', 1, undefined, { list: 'l', at: T0 });
  await documents(noting).listed('l', 10);
}

describe('the backlog', () => {
  const record = (id: string, firstObservedAt: number) => ({
    id,
    observedAt: T0,
    firstObservedAt,
    attempt: 0,
  });
  const send = (records: ReturnType<typeof record>[], collection = 'people', ref = LIVE) =>
    queue(store).send([{ lane: ref.lane, event: event(ref, { collection, records }), delay: 900_000 }]);

  test('the oldest unfinished record is found inside any message, in work or delayed', async () => {
    const { oldestUnfinished, receive, acknowledge } = queue(store);
    expect(oldestUnfinished(LIVE.flow)).toBeUndefined();
    await send([record('a', T0 - 5), record('b', T0 - 50), record('c', T0)]);
    await queue(store).send([
      { lane: 'live', event: event(LIVE, { records: [record('d', T0 - 70)] }), delay: 0 },
    ]);
    await send([record('z', T0 - 99)], 'people', OTHER);
    expect(oldestUnfinished(LIVE.flow)).toBe(T0 - 70);
    const [delivery] = await receive(LIVE, 1, 30_000);
    expect(oldestUnfinished(LIVE.flow)).toBe(T0 - 70);
    await acknowledge(LIVE, [delivery?.receipt ?? '']);
    expect(oldestUnfinished(LIVE.flow)).toBe(T0 - 50);
  });

  test('pending counts records by flow and collection', async () => {
    await send([record('a', T0), record('b', T0)]);
    await send([record('c', T0)], 'places');
    await send([record('d', T0)], 'people', OTHER);
    const { pending } = queue(store);
    expect([pending(LIVE.flow), pending(LIVE.flow, 'people'), pending(LIVE.flow, 'nothing')]).toEqual([
      3, 2, 0,
    ]);
  });
});
