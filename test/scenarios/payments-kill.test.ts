import { expect, test } from 'vitest';
import { killPaymentsAgainAndAgain } from './payment-kills.ts';

// A thousand payments and 25 kills: npm run bench -- payments-kill
test('a payments hub that is killed without warning, its providers in trouble, loses and doubles nothing', async () => {
  const end = await killPaymentsAgainAndAgain({ kills: 6, payments: 200, seed: 6, longestLife: 2_500 });
  expect(end, end.because).toMatchObject({ lost: 0, doubled: 0, heldStill: 0, strangers: 0, deadLetters: 0 });
  expect(end.captured + end.declined + end.otherwise).toBe(200);
  expect(end.charges).toBe(end.captured);
  expect(end.captured).toBeGreaterThan(100);
}, 600_000);
