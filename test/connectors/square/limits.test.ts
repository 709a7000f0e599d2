import { expect, test } from 'vitest';
import { accountLimits, squareAccount } from '../../../shared/connectors/square/limits.ts';

const secret = { accessToken: 'EAAA-something', locationId: 'L1' };

test('Square publishes no limit: only our own counts', () => {
  expect(accountLimits({ ...secret, callsPerSecond: 8 })).toEqual({ rate: { calls: 8, windowMs: 1_000 } });
  expect(accountLimits({ ...secret, callsPerSecond: null })).toEqual({});
  expect(accountLimits(secret)).toEqual({});
  expect(accountLimits({})).toEqual({});
  expect(squareAccount('club')).toMatchObject({ vendor: 'square', name: 'club' });
});
