import { describe, expect, test } from 'vitest';
import { invoke } from '../../../shared/hosts/aws/invocation.ts';
import { virtualClock } from '../../support/memory/clock.ts';

const context = (remaining: number) => ({ getRemainingTimeInMillis: () => remaining });

describe('an invocation', () => {
  test('is aborted two seconds before Lambda would end it, and never lives longer than a worker may', async () => {
    for (const [remaining, span] of [
      [30_000, 28_000],
      [900_000, 58_000],
    ] as const) {
      const clock = virtualClock(0);
      let deadline = 0;
      const work = invoke(clock, context(remaining), async (given) => {
        deadline = given.deadline;
        await clock.sleep(1_000_000, given.signal);
      });
      const failed = expect(work).rejects.toThrow(/time limit/);
      await clock.advance(span - 1);
      expect(deadline).toBe(span);
      expect(clock.nextWake()).toBe(span);
      await clock.advance(1);
      await failed;
      expect(clock.nextWake()).toBeUndefined();
    }
  });

  test('ends only after what it left in the background, whose failure is nobody’s', async () => {
    const clock = virtualClock(0);
    const ended: string[] = [];
    const work = invoke(clock, context(60_000), async ({ background }) => {
      background(clock.sleep(500).then(() => ended.push('background')));
      background(Promise.reject(new Error('nobody waits for it')));
      return 'done';
    }).then((result) => ended.push(result));
    await clock.advance(499);
    expect(ended).toEqual([]);
    await clock.advance(1);
    await work;
    expect(ended).toEqual(['background', 'done']);
    expect(clock.nextWake()).toBeUndefined();
  });
});
