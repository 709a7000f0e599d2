import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Account } from '../../shared/engine/account.ts';
import { type Engine, openEngine, type Work } from '../../shared/engine/engine.ts';
import { type Http, HttpFailure, type HttpRequest, type Millis } from '../../shared/engine/ports.ts';
import type { AccountRef, SendRequest } from '../../shared/engine/session.ts';
import { openSession } from '../../shared/engine/session-open.ts';
import { seededRandom, type VirtualClock, virtualClock } from '../support/memory/clock.ts';
import { getSecretIn, putSecretIn } from '../support/memory/documents.ts';
import { memoryPorts } from '../support/memory/ports.ts';
import { emptyState, type MemoryState } from '../support/memory/state.ts';

const KEY = 'there/main';
const ref: AccountRef = { vendor: 'there', name: 'main', limits: () => ({}) };
const Token = z.object({ token: z.string() });
const get: SendRequest = {
  method: 'GET',
  url: 'https://x.example/',
  headers: {},
  operation: 'rows.read',
  effect: 'read',
};
const post: SendRequest = { ...get, method: 'POST', operation: 'rows.write', effect: 'write' };

interface Desk {
  clock: VirtualClock;
  state: MemoryState;
}

function desk(secret: unknown = { token: 'old' }): Desk {
  const state = emptyState();
  if (secret !== undefined) putSecretIn(state, KEY, secret);
  return { clock: virtualClock(), state };
}

/** One worker process with one piece of work of a minute. */
function working(
  { clock, state }: Desk,
  more: { http?: Http; seed?: number; broken?: 'secrets' | 'documents' } = {},
) {
  const ports = memoryPorts({
    state,
    clock,
    random: seededRandom(more.seed ?? 1),
    ...(more.http ? { http: more.http } : {}),
  });
  const down = () => Promise.reject(new Error('no disk'));
  if (more.broken === 'secrets') ports.secrets = { get: down, put: down };
  if (more.broken === 'documents') ports.documents = { get: down, put: down, listed: down };
  const engine: Engine = openEngine({ ports, flows: [], deployment: 'd1' });
  const stop = new AbortController();
  const tasks: Promise<unknown>[] = [];
  const work: Work = {
    deadline: clock.now() + 60_000,
    signal: stop.signal,
    background: (task) => void tasks.push(task.catch(() => undefined)),
  };
  const permit = { lane: 'live', probe: false, slot: undefined, deadline: work.deadline } as const;
  const session = openSession(engine, new Account(ref, ports), permit, work);
  return { session, stop, work, background: () => Promise.all(tasks) };
}

/** Keeps what was asked of it. */
function vendor(
  answer: (request: HttpRequest) => Promise<{ status: number }> = async () => ({ status: 200 }),
) {
  const requests: HttpRequest[] = [];
  const http: Http = async (request) => {
    requests.push(request);
    return { headers: {}, body: '', ...(await answer(request)) };
  };
  return { requests, http };
}

async function finish<T>(clock: VirtualClock, task: Promise<T>, within: Millis = 120_000): Promise<T> {
  task.catch(() => undefined);
  await clock.advance(within);
  return task;
}

describe('send', () => {
  test('returns every status as it is', async () => {
    const { http } = vendor(async () => ({ status: 503 }));
    expect((await working(desk(), { http }).session.send(get)).status).toBe(503);
  });

  test('carries what it was given, twenty seconds, and the signal that ends the work', async () => {
    const { http, requests } = vendor();
    const { session, stop } = working(desk(), { http });
    await session.send({ ...post, headers: { a: 'b' }, body: 'c' });
    expect(requests).toEqual([
      {
        method: 'POST',
        url: 'https://x.example/',
        headers: { a: 'b' },
        body: 'c',
        timeout: 20_000,
        signal: stop.signal,
      },
    ]);
  });

  test.each([
    [0, undefined, 20_000],
    [0, 5_000, 5_000],
    [0, 600_000, 57_000],
    [50_000, undefined, 7_000],
    [56_999, undefined, 1],
  ])('after %i ms of the work, asked for %s: %i ms', async (passed, timeout, expected) => {
    const { http, requests } = vendor();
    const d = desk();
    const { session } = working(d, { http });
    await d.clock.advance(passed);
    await session.send(timeout === undefined ? get : { ...get, timeout });
    expect(requests[0]?.timeout).toBe(expected);
  });

  test('three seconds before the end nothing is sent any more, and it is nobody’s fault', async () => {
    const { http, requests } = vendor();
    const d = desk();
    const { session } = working(d, { http });
    await d.clock.advance(57_000);
    await expect(session.send(post)).rejects.toMatchObject({
      kind: 'rate-limited',
      operation: 'budget',
      retryAfter: 0,
    });
    expect(requests).toEqual([]);
  });

  test.each([
    [post, true, 'unknown-outcome'],
    [post, false, 'unavailable'],
    [get, true, 'unavailable'],
    [get, false, 'unavailable'],
  ] as const)('%j without an answer, a byte sent: %s is %s', async (request, sent, kind) => {
    const { http } = vendor(() => Promise.reject(new HttpFailure('socket hang up', sent)));
    await expect(working(desk(), { http }).session.send(request)).rejects.toMatchObject({
      kind,
      vendor: 'there',
      operation: request.operation,
    });
  });

  test('another error of the client is a defect and stays what it is', async () => {
    const thrown = new TypeError('bad header');
    const { http } = vendor(() => Promise.reject(thrown));
    await expect(working(desk(), { http }).session.send(post)).rejects.toBe(thrown);
  });

  test('trouble with our own storage is ours, and nothing was sent', async () => {
    const { http, requests } = vendor();
    const { session } = working(desk(), { http, broken: 'documents' });
    await expect(session.send(post)).rejects.toMatchObject({ kind: 'unavailable', vendor: 'intertie' });
    expect(requests).toEqual([]);
  });
});

describe('secret', () => {
  test('is parsed', async () => {
    expect(await working(desk()).session.secret(Token)).toEqual({ token: 'old' });
  });

  test.each<[string, unknown, string]>([
    ['there is none', undefined, 'there is no secret for it'],
    ['a field is missing', {}, 'field "token"'],
    ['a field has another type', { token: 7 }, 'field "token"'],
  ])('%s: the field, how to mend it, and never a value', async (_what, secret, words) => {
    const d = desk();
    d.state.secrets.clear();
    if (secret !== undefined) putSecretIn(d.state, KEY, secret);
    const refused = working(d).session.secret(Token);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toMatchObject({
      kind: 'auth-expired',
      mend: 'npm run intertie -- connect there',
    });
  });

  test('that cannot be fetched now is trouble of ours, not an expired one', async () => {
    await expect(working(desk(), { broken: 'secrets' }).session.secret(Token)).rejects.toMatchObject({
      kind: 'unavailable',
      vendor: 'intertie',
    });
  });
});

describe('observe', () => {
  test('is no part of the call, and storage that fails then is nobody’s trouble', async () => {
    const { session, background } = working(desk(), { broken: 'documents' });
    session.observe({ remaining: 1 });
    await background();
  });
});

describe('renewSecret', () => {
  const isOld = ({ token }: { token: string }): boolean => token === 'old';

  test('of ten workers one renews, and all get the new secret', async () => {
    const d = desk();
    let renewals = 0;
    const renew = async () => {
      renewals += 1;
      await d.clock.sleep(4_000);
      return { token: `new${renewals}` };
    };
    const workers = Array.from({ length: 10 }, (_, seed) => working(d, { seed }).session);
    const all = Promise.all(workers.map((session) => session.renewSecret(Token, isOld, renew)));
    expect(await finish(d.clock, all)).toEqual(Array(10).fill({ token: 'new1' }));
    expect(renewals).toBe(1);
    expect(getSecretIn(d.state, KEY)).toEqual({ value: { token: 'new1' }, version: '2' });
  });

  test('a secret that is not stale is returned at once', async () => {
    const d = desk({ token: 'fresh' });
    const never = () => Promise.reject(new Error('not asked for'));
    expect(await working(d).session.renewSecret(Token, isOld, never)).toEqual({ token: 'fresh' });
    expect(d.state.documents.size).toBe(0);
  });

  test('one that finds the work done by another, just before its turn, does not renew again', async () => {
    const d = desk();
    let looks = 0;
    const stale = (secret: { token: string }): boolean => {
      looks += 1;
      // Another worker finishes after this one's first look.
      if (looks === 1) putSecretIn(d.state, KEY, { token: 'new' });
      return isOld(secret);
    };
    const never = () => Promise.reject(new Error('not asked for'));
    expect(await working(d).session.renewSecret(Token, stale, never)).toEqual({ token: 'new' });
  });

  test('a renewal that fails lets the next one try at once', async () => {
    const d = desk();
    const refused = working(d).session.renewSecret(Token, isOld, () => Promise.reject(new Error('refused')));
    await expect(refused).rejects.toThrow('refused');
    const second = working(d, { seed: 2 }).session.renewSecret(Token, isOld, async () => ({ token: 'new' }));
    expect(await second).toEqual({ token: 'new' });
  });

  test('a worker that dies in it is followed when it is surely dead', async () => {
    const d = desk();
    const dead = working(d).session.renewSecret(Token, isOld, () => new Promise(() => undefined));
    dead.catch(() => undefined);
    await d.clock.advance(20_000);
    const started = d.clock.now();
    let renewedAt = 0;
    const next = working(d, { seed: 2 }).session.renewSecret(Token, isOld, async () => {
      renewedAt = d.clock.now();
      return { token: 'new' };
    });
    expect(await finish(d.clock, next)).toEqual({ token: 'new' });
    expect(renewedAt - started).toBeGreaterThanOrEqual(50_000);
    expect(renewedAt - started).toBeLessThan(51_000);
  });

  test('one that waits for another gives up before its own end, and blames nobody', async () => {
    const d = desk();
    const slow = working(d).session.renewSecret(Token, isOld, () => new Promise(() => undefined));
    slow.catch(() => undefined);
    await d.clock.advance(1);
    const waiting = working(d, { seed: 2 });
    // Somebody else takes the lease again and again.
    const until = d.clock.now() + 600_000;
    const stored = await memoryPorts({ state: d.state }).documents.get(`refresh/${KEY}`);
    await memoryPorts({ state: d.state }).documents.put(
      `refresh/${KEY}`,
      { token: 'x', until },
      stored?.revision,
    );
    const gaveUp = finish(
      d.clock,
      waiting.session.renewSecret(Token, isOld, async () => ({ token: 'new' })),
    );
    await expect(gaveUp).rejects.toMatchObject({
      kind: 'unavailable',
      vendor: 'intertie',
      operation: 'renew',
    });
  });

  test('the end of the work ends the wait', async () => {
    const d = desk();
    const slow = working(d).session.renewSecret(Token, isOld, () => new Promise(() => undefined));
    slow.catch(() => undefined);
    await d.clock.advance(1);
    const { session, stop } = working(d, { seed: 2 });
    const waiting = session.renewSecret(Token, isOld, async () => ({ token: 'new' }));
    waiting.catch(() => undefined);
    await d.clock.advance(5_000);
    stop.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
  });
});
