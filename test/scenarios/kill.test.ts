import { expect, test } from 'vitest';
import { killAgainAndAgain } from './kills.ts';

// All 25 of them: npm run bench -- kills
test('a host that is killed without warning during a backfill with live changes loses and doubles nothing', async () => {
  const end = await killAgainAndAgain({ kills: 3, patrons: 600, seed: 3 });
  expect(end).toMatchObject({ differ: 0, duplicates: 0, parked: 0 });
  expect([end.contacts, end.creates]).toEqual([end.expected, end.expected]);
  expect(end.agree).toBeGreaterThanOrEqual(end.expected);
  expect(end.edits).toBeGreaterThan(0);
}, 600_000);
