import { expect, test } from 'vitest';
import { clock, random } from '../../shared/hosts/clock.ts';

test('a sleep ends, or rejects with the reason of the abort', async () => {
  await clock.sleep(0);
  const stop = new AbortController();
  const sleeping = clock.sleep(60_000, stop.signal);
  stop.abort('stop now');
  await expect(sleeping).rejects.toBe('stop now');
  await expect(clock.sleep(60_000, AbortSignal.abort('long ago'))).rejects.toBe('long ago');
});

test('tokens differ, and numbers stay in [0, 1)', () => {
  expect(new Set(Array.from({ length: 1_000 }, () => random.token())).size).toBe(1_000);
  const numbers = Array.from({ length: 1_000 }, () => random.next());
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(new Set(numbers).size).toBeGreaterThan(990);
});
