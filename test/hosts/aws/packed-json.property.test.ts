import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packJson, unpackJson } from '../../../shared/hosts/aws/packed-json.ts';

test('JSON comes back as it was packed, short or long', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(200), (value, times) => {
      const many = Array.from({ length: times }, () => value);
      const plain: unknown = JSON.parse(JSON.stringify(many));
      expect(unpackJson(packJson(many))).toEqual(plain);
    }),
  );
});

test('a link with five outcomes is stored in far less than a kilobyte', () => {
  const outcome = {
    at: 1_700_000_000_000,
    outcome: 'updated',
    cause: 'webhook',
    trace: 'ZcGqxQ0bTz2kU9yM3nPv7A',
    attempt: 0,
    fields: ['firstname', 'lastname', 'email', 'phone', 'city'],
  };
  const body = {
    version: 1,
    readAt: 1,
    hash: 'x'.repeat(64),
    targetId: '123456789012',
    outcomes: Array.from({ length: 5 }, (_, at) => ({ ...outcome, at: outcome.at + at * 977_331 })),
  };
  expect(JSON.stringify(body).length).toBeGreaterThan(900);
  expect(packJson(body).B?.byteLength).toBeLessThan(420);
});
