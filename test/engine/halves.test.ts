import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../shared/engine/fault.ts';
import { inHalves } from '../../shared/engine/halves.ts';
import { fault } from './town.ts';

/** A vendor that refuses a whole call for one bad record and names none. */
async function bisected(
  batch: readonly number[],
  bad: ReadonlySet<number>,
  kind: Fault['kind'] = 'rejected',
) {
  const accepted: number[] = [];
  const refused: number[] = [];
  let calls = 0;
  await inHalves(
    batch,
    async (part) => {
      calls += 1;
      if (part.some((each) => bad.has(each))) throw fault(kind);
      accepted.push(...part);
    },
    (single) => refused.push(single),
  );
  return { accepted, refused, calls };
}

describe('inHalves', () => {
  test.each([
    [[], [], 0],
    [[1, 2, 3, 4], [], 1],
    [[1], [1], 1],
    [[1, 2, 3, 4], [3], 5],
    [[1, 2, 3], [1, 2, 3], 5],
  ])('of %j with %j bad: %i calls', async (batch, bad, calls) => {
    const result = await bisected(batch, new Set(bad));
    expect(result).toEqual({ accepted: batch.filter((each) => !bad.includes(each)), refused: bad, calls });
  });

  test('a conflict of the whole is bisected too', async () => {
    expect(await bisected([1, 2], new Set([2]), 'conflict')).toMatchObject({ accepted: [1], refused: [2] });
  });

  test.each([
    'rate-limited',
    'unavailable',
    'unknown-outcome',
    'auth-expired',
    'contract-changed',
    'bug',
  ] as const)('%s is the whole batch: it is called once and thrown', async (kind) => {
    await expect(bisected([1, 2, 3], new Set([2]), kind)).rejects.toMatchObject({ kind });
  });

  test('what is no fault is thrown as it is', async () => {
    const thrown = new TypeError('x');
    await expect(
      inHalves(
        [1, 2],
        () => Promise.reject(thrown),
        () => undefined,
      ),
    ).rejects.toBe(thrown);
  });

  test('every record is accepted once or refused once, in order, within 2n - 1 calls', async () => {
    const batches = fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(batches, fc.func(fc.boolean()), async (batch, isBad) => {
        const bad = new Set(batch.filter((each) => isBad(each)));
        const { accepted, refused, calls } = await bisected(batch, bad);
        expect(accepted).toEqual(batch.filter((each) => !bad.has(each)));
        expect(refused).toEqual(batch.filter((each) => bad.has(each)));
        expect(calls).toBeLessThanOrEqual(2 * batch.length - 1);
      }),
    );
  });
});
