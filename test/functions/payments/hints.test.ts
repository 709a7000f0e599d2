import { describe, expect, test } from 'vitest';
import { isAnswered, parseHint, paymentOf } from '../../../functions/payments/hints.ts';
import type { Payment } from '../../../functions/payments/payment.ts';
import { addOperation } from '../../../functions/payments/start.ts';
import { draftOf, FakeProvider, START, testHub } from './builders.ts';

async function captured(): Promise<Payment> {
  const { begin, run } = testHub(new FakeProvider('first'));
  await begin(draftOf());
  const payment = await run();
  if (!payment) throw new Error('no payment');
  return payment;
}

/** As a look that began then showed it. */
function seenAt(payment: Payment, at: number): Payment {
  const seen = { standing: 'captured', captured: payment.amount, refunded: 0, at };
  return { ...payment, attempts: payment.attempts.map((attempt) => ({ ...attempt, seen })) };
}

describe('a hint of a provider', () => {
  test('is answered by a look that surely began after it came in, and by no earlier one', async () => {
    const payment = await captured();
    expect(isAnswered(seenAt(payment, START + 10_001), START)).toBe(true);
    expect(isAnswered(seenAt(payment, START + 10_000), START)).toBe(false);
    expect(isAnswered(seenAt(payment, START - 1), START)).toBe(false);
    expect(
      isAnswered({ ...payment, attempts: payment.attempts.map(({ seen: _, ...rest }) => rest) }, 0),
    ).toBe(false);
  });

  test('is never answered for a payment with refunds, nor for one that the provider does not know', async () => {
    const payment = seenAt(await captured(), START + 60_000);
    const refund = { kind: 'refund', amount: 5, refund: { id: 're_1' } } as const;
    expect(isAnswered(addOperation(payment, 1, refund), START)).toBe(false);
    expect(isAnswered({ ...payment, attempts: [] }, START)).toBe(false);
  });

  test('has a name on the queue that gives it back, whatever the id looks like', () => {
    expect(parseHint('till/main/payment/pi_1/2')).toEqual({
      account: 'till/main',
      about: 'payment',
      id: 'pi_1/2',
    });
    for (const name of ['till/main/order/1', 'till/payment/1', 'till/main/payment/', ''])
      expect(parseHint(name)).toBeUndefined();
  });

  test('with a reference of an attempt of ours names its payment; any other reference names none', () => {
    expect(paymentOf('pay_Zj11C_fQ81.2')).toBe('pay_Zj11C_fQ81');
    for (const reference of ['order-1', 'pay_1', 'pay_1.', 'pay_.1', 'pay_1.2.3', 'xpay_1.1'])
      expect(paymentOf(reference)).toBeUndefined();
  });
});
