import { expect, test } from 'vitest';
import { askRefund } from '../../../../functions/payments/ask.ts';
import type { Operation, Payment } from '../../../../functions/payments/payment.ts';
import { type Claim, claimsOf } from '../../../../functions/payments/reconciliation/claims.ts';
import { feeBy } from '../../../../functions/payments/reconciliation/fees.ts';
import { newestClaims } from '../../../../functions/payments/reconciliation/ledger.ts';
import { draftOf, FakeProvider, START, testHub } from '../builders.ts';

async function captured(): Promise<Payment> {
  const { begin, run } = testHub(new FakeProvider('first'));
  await begin(draftOf());
  const payment = await run();
  if (!payment) throw new Error('no payment');
  return payment;
}

const withRefund = (payment: Payment, change: Partial<Operation>, at?: string): Payment => {
  const asked = askRefund(payment, { id: 'ref_1', amount: 500 }, START + 9);
  if (!asked.ok) throw new Error(asked.because);
  const operations = asked.payment.operations.map((each) =>
    each.kind === 'refund'
      ? { ...each, ...change, refund: { id: 'ref_1', ...(at !== undefined && { at }) } }
      : each,
  );
  return { ...asked.payment, operations };
};

test('what was taken is claimed at the provider that took it, between its sending and our being told', async () => {
  const payment = await captured();
  const [claim, ...others] = claimsOf(payment, 'first');
  expect(others).toEqual([]);
  expect(claim).toMatchObject({
    ...{ payment: 'pay_1', merchant: 'club', id: 'first_1', reference: 'pay_1.1', currency: 'EUR' },
    taken: { minor: 1_999 },
    refunds: [],
  });
  const { from = 0, until = 0 } = claim?.taken ?? {};
  const told = payment.timeline.find(({ what }) => what.endsWith('capture succeeded'));
  expect(until).toBe(told?.at);
  expect(from).toBe(payment.operations.find(({ kind }) => kind === 'capture')?.firstSentAt);
  expect(claimsOf(payment, 'second')).toEqual([]);
  const late = payment.timeline.map((each) => ({ ...each, at: each.at + 5_000 }));
  expect(claimsOf({ ...payment, timeline: late }, 'first')[0]?.taken).toEqual({
    ...{ minor: 1_999, from, until: until + 5_000 },
  });
});

test('of two readings of one attempt the newer one counts, whichever came first', async () => {
  const payment = await captured();
  const [old, fresh] = [1, 2].flatMap((version) => claimsOf({ ...payment, version }, 'first'));
  if (!old || !fresh) throw new Error('no claims');
  expect(newestClaims([old, fresh])).toEqual([fresh]);
  expect(newestClaims([fresh, old])).toEqual([fresh]);
});

test('an attempt that took nothing says who did, or that nobody does any more', async () => {
  const payment = await captured();
  const untaken = payment.operations.filter(({ kind }) => kind !== 'capture');
  const [attempt] = payment.attempts;
  if (!attempt) throw new Error('no attempt');
  const otherwise = (change: Partial<Payment>): Claim['otherwise'] | undefined =>
    claimsOf({ ...payment, ...change }, 'first')[0]?.otherwise;
  const beforeIt = { ...attempt, n: 9, reference: 'pay_1.9', id: 'first_9' };
  expect(otherwise({ attempts: [beforeIt, attempt] })).toBe('elsewhere');
  expect(otherwise({ operations: untaken })).toBe('open');
  const closed = { ...attempt, closed: { at: START, how: 'voided' as const, proof: 'seen' } };
  const ended = { at: START, as: 'voided' as const, why: 'asked for' };
  expect(otherwise({ operations: [], attempts: [closed], ended })).toBe('ended');
  expect(otherwise({ operations: untaken, attempts: [{ ...attempt, orphan: 'taken' }] })).toBe('ended');
});

test.each([
  ['succeeded', 'yes'],
  ['pending', 'pending'],
  ['unknown', 'open'],
  ['sent', 'open'],
  ['created', 'open'],
  ['needs-review', 'open'],
  ['rejected', 'no'],
  ['not-executed', 'no'],
  ['declined', 'no'],
] as const)('a refund that is %s is claimed as "%s"', async (state, done) => {
  const [claim] = claimsOf(withRefund(await captured(), { state }), 'first');
  expect(claim?.refunds).toMatchObject([{ refund: 'ref_1', minor: 500, done }]);
});

test('a refund that the provider had and that came to nothing is claimed as failed', async () => {
  const [claim] = claimsOf(withRefund(await captured(), { state: 'declined' }, 're_1'), 'first');
  expect(claim?.refunds).toMatchObject([{ id: 're_1', done: 'failed' }]);
});

test('a fee is a share, rounded half up, and a fixed part; exact for any amount', () => {
  const schedule = { basisPoints: 250, fixed: { USD: 30 }, tolerance: 1 };
  const fee = (minor: number, currency = 'USD') => feeBy(schedule, { minor, currency });
  expect(fee(1_000)).toEqual({ minor: 55, tolerance: 1 });
  expect(fee(20)).toEqual({ minor: 31, tolerance: 1 });
  expect(fee(19)).toEqual({ minor: 30, tolerance: 1 });
  expect(fee(9_007_199_254_740_991)).toEqual({ minor: 225_179_981_368_555, tolerance: 1 });
  expect(fee(1_000, 'EUR')).toBeUndefined();
  expect(fee(1_000, 'constructor')).toBeUndefined();
});
