import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defineFlow,
  type FlowDefinition,
  leaseDuration,
  SKEW,
  visibilityTimeout,
  WORKER_TIMEOUT,
} from '../../shared/engine/flow.ts';
import { accountKey } from '../../shared/engine/session.ts';
import { town } from './town.ts';

const good: FlowDefinition = town().flow;
const [people] = good.collections;

function timed(lateness: number, readLag: number, name = people.name) {
  return { ...people, name, target: { ...people.target, lateness, readLag } };
}

describe('defineFlow', () => {
  test('finds collections by name and names each account once', () => {
    const flow = defineFlow({ ...good, collections: [people, timed(1, 1, 'others')] });
    expect(flow.collection('people')).toBe(people);
    expect(flow.collection('others')?.name).toBe('others');
    expect(flow.collection('nobody')).toBeUndefined();
    expect(flow.accounts.map(accountKey)).toEqual(['here/main', 'there/main']);
  });

  const breaks = (some: Partial<FlowDefinition['whenItBreaks']>) => ({
    whenItBreaks: { ...good.whenItBreaks, ...some },
  });
  const daily = (dailyAt: string) => ({
    howOften: { ...good.howOften, audit: { dailyAt, timeZone: 'UTC' } },
  });

  test.each<[string, Partial<FlowDefinition>]>([
    ['name', { name: 'Patrons' }],
    ['name', { name: 'a' }],
    ['name', { name: 'with_underscore' }],
    ['name', { name: '1st' }],
    ['name', { name: 'x'.repeat(41) }],
    ['whenItBreaks.retryHorizonHours', breaks({ retryHorizonHours: 0 })],
    ['whenItBreaks.retryHorizonHours', breaks({ retryHorizonHours: 337 })],
    ['whenItBreaks.maxAttempts', breaks({ maxAttempts: 0 })],
    ['howOften.scanEveryMinutes', { howOften: { ...good.howOften, scanEveryMinutes: 0 } }],
    ['howOften.audit.dailyAt', daily('24:00')],
    ['howOften.audit.dailyAt', daily('2:30')],
    ['howOften.audit.dailyAt', daily('02:60')],
    ['expects.heartbeatMinutes', { expects: { ...good.expects, heartbeatMinutes: 9 } }],
    ['two collections', { collections: [people, people] }],
    ['lease of over an hour', { collections: [timed(3_600_000, 0)] }],
    ['target.lateness', { collections: [timed(3_600_001, 0)] }],
    ['target.lateness', { collections: [timed(Number.NaN, 0)] }],
    ['target.readLag', { collections: [timed(0, -1)] }],
    ['source.readLag', { collections: [{ ...people, source: { ...people.source, readLag: -1 } }] }],
    ['source.batchSize', { collections: [{ ...people, source: { ...people.source, batchSize: 0 } }] }],
    ['target.batchSize', { collections: [{ ...people, target: { ...people.target, batchSize: 0 } }] }],
    ['owns', { collections: [{ ...people, owns: [] }] }],
    ['its name', { collections: [timed(0, 0, 'a/b')] }],
    ['title', { title: ' ' }],
    ['moves.what', { moves: { ...good.moves, what: '' } }],
    ['moves.from', { moves: { ...good.moves, from: '' } }],
    ['moves.to', { moves: { ...good.moves, to: '' } }],
    ['whenItBreaks.impact', breaks({ impact: '' })],
    ['whenItBreaks.impact', breaks({ impact: 'x'.repeat(401) })],
    ['whenItBreaks.parks', breaks({ parks: '' })],
    ['whoIsPaged.owner', { whoIsPaged: { ...good.whoIsPaged, owner: '' } }],
    ['whereToLook.runbook', { whereToLook: { runbook: '' } }],
    ['whenItBreaks.retryHorizonHours', breaks({ retryHorizonHours: Number.NaN })],
    ['whenItBreaks.maxAttempts', breaks({ maxAttempts: Number.NaN })],
    ['whenItBreaks.removals.share', breaks({ removals: { share: 20, atLeast: 5 } })],
    ['whenItBreaks.removals.atLeast', breaks({ removals: { share: 0.1, atLeast: -1 } })],
    ['whenItBreaks.changes.share', breaks({ changes: { share: -0.1, atLeast: 5 } })],
    ['whenItBreaks.changes.atLeast', breaks({ changes: { share: 0.1, atLeast: Number.NaN } })],
    [
      'howOften.audit.timeZone',
      { howOften: { ...good.howOften, audit: { dailyAt: '02:30', timeZone: 'Mars' } } },
    ],
    ['expects.heartbeatMinutes', { expects: { ...good.expects, heartbeatMinutes: Number.NaN } }],
    ['expects.oldestMinutes', { expects: { ...good.expects, oldestMinutes: 0 } }],
  ])('names %s when it refuses %j', (field, wrong) => {
    expect(() => defineFlow({ ...good, ...wrong })).toThrow(field);
    expect(() => defineFlow({ ...good, ...wrong })).toThrow(`flow "${wrong.name ?? good.name}"`);
  });

  test.each<[Partial<FlowDefinition>]>([
    [{ name: 'ab' }],
    [{ name: `a${'1'.repeat(39)}` }],
    [breaks({ retryHorizonHours: 336 })],
    [breaks({ maxAttempts: 1 })],
    [breaks({ impact: 'x'.repeat(400) })],
    [breaks({ removals: { share: 1, atLeast: 0 }, changes: { share: 0, atLeast: 0 } })],
    [daily('00:00')],
    [daily('23:59')],
    [{ expects: { ...good.expects, heartbeatMinutes: 10 } }],
    [{ collections: [timed(3_600_000 - WORKER_TIMEOUT - 2 * SKEW, 0)] }],
  ])('takes the last good value: %j', (some) => {
    expect(defineFlow({ ...good, ...some }).title).toBe(good.title);
  });
});

describe('timers', () => {
  const span = fc.integer({ min: 0, max: 1_700_000 });

  test('a lease outlives its worker, what it sent, and the difference of two clocks', () => {
    expect(leaseDuration(timed(30_000, 5_000))).toBe(60_000 + 30_000 + 5_000 + 10_000);
    fc.assert(
      fc.property(span, span, (lateness, readLag) => {
        const lease = leaseDuration(timed(lateness, readLag));
        // Claimed by a clock that is behind, taken over by one that is ahead: both by SKEW.
        const endsAt = lease - 2 * SKEW;
        expect(endsAt).toBeGreaterThanOrEqual(WORKER_TIMEOUT + lateness + readLag);
      }),
    );
  });

  test('a message comes back after every lease that its worker can have left behind', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(span, span), { minLength: 1, maxLength: 4 }), (all) => {
        const [first = people, ...rest] = all.map(([lateness, lag], at) => timed(lateness, lag, `c${at}`));
        const flow = defineFlow({ ...good, collections: [first, ...rest] });
        const visibility = visibilityTimeout(flow);
        expect(visibility).toBeGreaterThanOrEqual(6 * WORKER_TIMEOUT);
        for (const each of flow.collections) expect(visibility).toBeGreaterThan(leaseDuration(each) + SKEW);
        // SQS accepts at most twelve hours.
        expect(visibility).toBeLessThanOrEqual(43_200_000);
      }),
    );
  });
});
