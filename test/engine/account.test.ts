import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Account, type Permit } from '../../shared/engine/account.ts';
import { readAccount } from '../../shared/engine/account-state.ts';
import type { Lane } from '../../shared/engine/change-event.ts';
import { Fault } from '../../shared/engine/fault.ts';
import type { Documents } from '../../shared/engine/filing.ts';
import type { Millis, Ports } from '../../shared/engine/ports.ts';
import type { AccountLimits, AccountRef } from '../../shared/engine/session.ts';
import { seededRandom, type VirtualClock, virtualClock } from '../support/memory/clock.ts';
import { memoryDocuments, putSecretIn } from '../support/memory/documents.ts';
import { memoryPorts } from '../support/memory/ports.ts';
import { emptyState } from '../support/memory/state.ts';
import { fault } from './town.ts';

const KEY = 'there/main';

/** One vendor account, its shared state, and as many worker processes as a test wants. */
function office(limits: AccountLimits) {
  const clock = virtualClock();
  const state = emptyState();
  putSecretIn(state, KEY, { key: 1 });
  const ref: AccountRef = { vendor: 'there', name: 'main', limits: () => limits };
  let seed = 0;
  const worker = (how: { skew?: Millis; latency?: Millis } = {}): Account => {
    seed += 1;
    const { skew = 0, latency = 0 } = how;
    const ports: Ports = memoryPorts({
      state,
      clock: { now: () => clock.now() + skew, sleep: clock.sleep },
      random: seededRandom(seed),
    });
    return new Account(ref, { ...ports, documents: slow(memoryDocuments(state), clock, latency) });
  };
  return { clock, state, worker, replaceSecret: () => putSecretIn(state, KEY, { key: 2 }) };
}

/** Storage whose answers take time, so that workers overtake each other between a look and a write. */
function slow(documents: Documents, clock: VirtualClock, latency: Millis): Documents {
  if (latency === 0) return documents;
  return {
    get: async (key) => {
      const found = await documents.get(key);
      await clock.sleep(latency);
      return found;
    },
    put: async (key, value, revision) => {
      await clock.sleep(latency);
      return documents.put(key, value, revision);
    },
  };
}

function entered(answer: Awaited<ReturnType<Account['enter']>>): Permit {
  if ('why' in answer) throw new Error(`refused: ${answer.why}`);
  return answer;
}

async function finish<T>(clock: VirtualClock, task: Promise<T>): Promise<T> {
  const watched = task.finally(() => undefined);
  watched.catch(() => undefined);
  await clock.advance(60_000);
  return watched;
}

const permit = (lane: Lane, deadline: Millis): Permit => ({ lane, probe: false, slot: undefined, deadline });

interface Habit {
  lane: Lane;
  skew: Millis;
  latency: Millis;
  /** Between two calls. */
  rest: Millis;
  startsAt: Millis;
}

/** Workers that call as they like for a while; resolves with the true moments of their calls, by lane. */
async function bustle(limits: AccountLimits, habits: readonly Habit[], span: Millis) {
  const { clock, worker } = office(limits);
  const end = clock.now() + span;
  const calls: { at: Millis; lane: Lane }[] = [];
  const live = async ({ lane, rest, startsAt, ...how }: Habit): Promise<void> => {
    await clock.sleep(startsAt);
    const account = worker(how);
    while (clock.now() < end) {
      try {
        await account.spend(permit(lane, end + 60_000));
        calls.push({ at: clock.now(), lane });
        if (rest > 0) await clock.sleep(rest);
      } catch (thrown) {
        // A document that is too busy is a plain error: the work is put off, as a session does it.
        await clock.sleep((thrown instanceof Fault ? (thrown.retryAfter ?? 0) : 0) + 1);
      }
    }
  };
  const all = Promise.all(habits.map(live));
  await clock.advance(span + 90_000);
  await all;
  return calls.filter(({ at }) => at < end);
}

function mostWithin(moments: readonly Millis[], windowMs: Millis): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [at, moment] of sorted.entries()) {
    while ((sorted[from] ?? moment) <= moment - windowMs) from += 1;
    most = Math.max(most, at - from + 1);
  }
  return most;
}

const LIMITS = [
  { calls: 190, windowMs: 10_000 },
  { calls: 5, windowMs: 1_000 },
  { calls: 40, windowMs: 10_000 },
  { calls: 1, windowMs: 1_000 },
];

const habit = (skew: fc.Arbitrary<Millis>, latency: fc.Arbitrary<Millis>): fc.Arbitrary<Habit> =>
  fc.record({
    lane: fc.constantFrom<Lane>('live', 'bulk'),
    skew,
    latency,
    rest: fc.integer({ min: 0, max: 300 }),
    startsAt: fc.integer({ min: 0, max: 15_000 }),
  });
const none = fc.constant(0);

describe('the rate that all workers share', () => {
  const crowd = (skew: fc.Arbitrary<Millis>, latency: fc.Arbitrary<Millis>, most: number) =>
    fc.array(habit(skew, latency), { minLength: 1, maxLength: most });
  const kept = (rate: { calls: number; windowMs: Millis }, crowds: fc.Arbitrary<Habit[]>) =>
    fc.assert(
      fc.asyncProperty(crowds, async (habits) => {
        const calls = await bustle({ rate }, habits, 30_000);
        expect(calls.length).toBeGreaterThan(0);
        const most = mostWithin(
          calls.map(({ at }) => at),
          rate.windowMs,
        );
        expect(most).toBeLessThanOrEqual(rate.calls);
      }),
      { numRuns: 8 },
    );

  test.each(LIMITS)('is kept in every window of $calls calls in $windowMs ms', async (rate) => {
    await kept(rate, crowd(none, none, 4));
  });

  test.each(LIMITS)('also while they overtake each other: $calls calls in $windowMs ms', async (rate) => {
    await kept(rate, crowd(none, fc.integer({ min: 0, max: 60 }), 4));
  });

  // A single call in a window leaves no room for a bucket that is filled early.
  test.each(LIMITS.filter(({ calls }) => calls >= 5))(
    'also between two whose clocks differ: $calls calls in $windowMs ms',
    async (rate) => {
      await kept(rate, crowd(fc.integer({ min: -5_000, max: 5_000 }), none, 2));
    },
  );

  test('a busy worker uses 95 % of 190 calls in 10 s, alone or with others', async () => {
    const busy = { lane: 'live', skew: 0, latency: 5, rest: 0, startsAt: 0 } as const;
    const rate = { calls: 190, windowMs: 10_000 };
    for (const many of [1, 3]) {
      const calls = await bustle({ rate }, Array(many).fill(busy), 60_000);
      expect(calls.length).toBeGreaterThanOrEqual(0.95 * 6 * 190);
    }
  });

  test('bulk work yields to live work and takes the rest', async () => {
    const busy = { skew: 0, latency: 5, rest: 0, startsAt: 0 };
    const bulk = Array<Habit>(4).fill({ ...busy, lane: 'bulk' });
    const calls = await bustle(
      { rate: { calls: 100, windowMs: 10_000 } },
      [...bulk, { ...busy, lane: 'live', rest: 500 }],
      60_000,
    );
    const live = calls.filter(({ lane }) => lane === 'live').map(({ at }) => at);
    // Every 500 ms and its own wait of about a tenth of a second; a fair share of five would be 115.
    expect(live.length).toBeGreaterThanOrEqual(80);
    expect(calls.length - live.length).toBeGreaterThan(300);
  });

  test('an account without a limit waits for nothing and writes nothing', async () => {
    const { clock, state, worker } = office({});
    const account = worker();
    for (let call = 0; call < 500; call += 1) await account.spend(permit('live', clock.now()));
    expect(state.documents.size).toBe(0);
  });

  test('patience ends: a call that is too far away is a fault of ours, and nothing was sent', async () => {
    const { clock, worker } = office({ rate: { calls: 4, windowMs: 60_000 } });
    const account = worker();
    const deadline = clock.now() + 60_000;
    await account.spend(permit('live', deadline));
    const second = finish(clock, account.spend(permit('live', deadline)));
    await expect(second).rejects.toMatchObject({ kind: 'rate-limited', operation: 'budget' });
  });
});

describe('concurrent calls', () => {
  test('are never more than the account allows, whatever the clocks of its workers say', async () => {
    const visit = fc.record({
      skew: fc.integer({ min: -5_000, max: 5_000 }),
      latency: fc.integer({ min: 0, max: 20 }),
      startsAt: fc.nat(5_000),
      stays: fc.nat(3_000),
      dies: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 6 }), async (visits) => {
        const { clock, worker } = office({ concurrency: 2 });
        let inside = 0;
        let most = 0;
        const all = visits.map(async ({ skew, latency, startsAt, stays, dies }) => {
          await clock.sleep(startsAt);
          const account = worker({ skew, latency });
          const work = 8_000;
          const answer = await account.enter('live', clock.now() + skew + work);
          if ('why' in answer) return;
          inside += 1;
          most = Math.max(most, inside);
          // A worker that dies never gives its slot back; it is dead for certain at its deadline.
          await clock.sleep(dies ? Math.max(0, answer.deadline - skew - clock.now()) : stays);
          inside -= 1;
          if (!dies) await account.leave(answer);
        });
        await finish(clock, Promise.all(all));
        expect(most).toBeGreaterThan(0);
        expect(most).toBeLessThanOrEqual(2);
      }),
      { numRuns: 20 },
    );
  });

  test('a slot that was given back is free at once; one that was not is free after the deadline', async () => {
    const { clock, worker } = office({ concurrency: 1 });
    const account = worker();
    const first = entered(await account.enter('live', clock.now() + 20_000));
    await account.leave(first);
    const second = entered(await account.enter('live', clock.now() + 5_000));
    expect(second.slot).toBeDefined();
    const refused = await finish(clock, account.enter('live', clock.now() + 1_000));
    expect(refused).toMatchObject({ why: 'concurrency' });
    expect(entered(await account.enter('live', clock.now() + 5_000)).slot).toBeDefined();
  });
});

describe('what a fault says of the account', () => {
  const enter = (account: Account, clock: VirtualClock) => account.enter('live', clock.now() + 60_000);

  test('a rate limit stops every worker for as long as the vendor asks, also those under way', async () => {
    const { clock, worker } = office({ rate: { calls: 100, windowMs: 1_000 } });
    const [one, other] = [worker(), worker()];
    const until = clock.now() + 30_000;
    await one.learnFault(fault('rate-limited', { retryAfter: 30_000 }));
    expect(await enter(other, clock)).toEqual({ why: 'paused', until });
    const underWay = finish(clock, other.spend(permit('live', clock.now() + 60_000)));
    await expect(underWay).rejects.toMatchObject({ kind: 'rate-limited', operation: 'budget' });
    expect(entered(await enter(other, clock)).probe).toBe(false);
  });

  test('a rate limit without a time rests ten seconds', async () => {
    const { clock, worker } = office({});
    const account = worker();
    await account.learnFault(fault('rate-limited'));
    expect(await enter(account, clock)).toEqual({ why: 'paused', until: clock.now() + 10_000 });
  });

  test.each([
    ['of ours', fault('unavailable', { vendor: 'intertie' })],
    ['rejected', fault('rejected')],
    ['conflict', fault('conflict')],
    ['waiting', fault('waiting')],
    ['contract-changed', fault('contract-changed')],
    ['bug', fault('bug')],
  ])('nothing: %s', async (_what, said) => {
    const { clock, state, worker } = office({});
    const account = worker();
    for (let time = 0; time < 20; time += 1) await account.learnFault(said);
    expect(state.documents.size).toBe(0);
    expect(entered(await enter(account, clock)).probe).toBe(false);
  });

  test.each(['unavailable', 'unknown-outcome'] as const)(
    'five times %s opens the breaker for all; one probe passes; its success closes it with a ramp',
    async (kind) => {
      const { clock, worker } = office({});
      const [one, other, third] = [worker(), worker(), worker()];
      for (let time = 0; time < 5; time += 1) await one.learnFault(fault(kind));
      expect(await enter(other, clock)).toMatchObject({ why: 'breaker' });
      expect(await one.breakerClosed()).toBe(false);
      await clock.advance(7_000);
      const answers = await finish(clock, Promise.all([one, other, third].map((each) => enter(each, clock))));
      expect(answers.filter((answer) => 'lane' in answer)).toEqual([
        expect.objectContaining({ probe: true }),
      ]);
    },
  );

  test('a probe that fails keeps it open for longer; one that succeeds closes it, and the rate ramps up', async () => {
    const { clock, worker } = office({});
    const [one, other] = [worker(), worker()];
    for (let time = 0; time < 5; time += 1) await one.learnFault(fault('unavailable'));
    await clock.advance(7_000);
    entered(await enter(one, clock));
    await one.learnFault(fault('unavailable'));
    await clock.advance(7_000);
    expect(await enter(other, clock)).toMatchObject({ why: 'breaker' });
    await clock.advance(7_000);
    expect(entered(await enter(other, clock)).probe).toBe(true);
    await other.succeeded();
    await clock.advance(1_001);
    expect(entered(await enter(one, clock)).probe).toBe(false);
    const began = clock.now();
    let calls = 0;
    const calling = (async () => {
      while (clock.now() < began + 1_000) {
        await one.spend(permit('live', began + 60_000));
        calls += 1;
      }
    })();
    await finish(clock, calling);
    expect(calls).toBeGreaterThanOrEqual(4);
    expect(calls).toBeLessThanOrEqual(4 + 16 + 1);
    for (let call = 0; call < 500; call += 1) await one.spend(permit('live', clock.now()));
  });

  test('expired credentials hold the account until the secret is replaced', async () => {
    const { clock, state, worker, replaceSecret } = office({});
    const [one, other] = [worker(), worker()];
    const since = clock.now();
    await one.learnFault(fault('auth-expired', { message: 'refresh refused' }));
    await one.learnFault(fault('auth-expired', { message: 'again' }));
    expect(await enter(other, clock)).toMatchObject({ why: 'held' });
    expect((await readAccount(memoryPorts({ state }), one.ref))?.held).toEqual({
      reason: 'refresh refused',
      since,
      secretVersion: '1',
    });
    await clock.advance(60_000);
    expect(await enter(other, clock)).toMatchObject({ why: 'held' });
    replaceSecret();
    entered(await enter(other, clock));
    expect((await readAccount(memoryPorts({ state }), one.ref))?.held).toBeUndefined();
  });

  test('an operator may release it', async () => {
    const { clock, worker } = office({});
    const account = worker();
    await account.hold(fault('auth-expired'));
    await account.release();
    entered(await enter(account, clock));
  });
});

describe('what the vendor tells of its limits', () => {
  const DAY_SPENT = { dailyRemaining: 100, dailyLimit: 1_000 };

  test('bulk work ends where the share of live work begins', async () => {
    const { clock, worker } = office({});
    const account = worker();
    await account.observe(DAY_SPENT);
    expect(await account.enter('bulk', clock.now() + 1_000)).toMatchObject({ why: 'paused' });
    entered(await account.enter('live', clock.now() + 1_000));
    await account.observe({ dailyRemaining: 0, dailyLimit: 1_000 });
    expect(await account.enter('live', clock.now() + 1_000)).toMatchObject({ why: 'paused' });
  });

  test('a quota that only we count ends as well', async () => {
    const { clock, worker } = office({
      rate: { calls: 1_000, windowMs: 1_000 },
      daily: { calls: 40, timeZone: 'UTC' },
    });
    const account = worker();
    let calls = 0;
    const calling = (async () => {
      for (;;) {
        await account.spend(permit('live', clock.now() + 60_000));
        calls += 1;
      }
    })();
    await expect(finish(clock, calling)).rejects.toMatchObject({ kind: 'rate-limited' });
    // What was granted together and is left when the quota ends is not used.
    expect(calls).toBeGreaterThan(30);
    expect(calls).toBeLessThanOrEqual(40);
  });

  test('what says nothing new costs no write', async () => {
    const { state, worker } = office({});
    const account = worker();
    await account.observe(DAY_SPENT);
    const before = state.documents.get('account/there/main')?.revision;
    await account.observe(DAY_SPENT);
    expect(state.documents.get('account/there/main')?.revision).toBe(before);
  });
});
