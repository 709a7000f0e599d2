import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { askCapture, askRefund } from '../../../functions/payments/ask.ts';
import type { Payment } from '../../../functions/payments/payment.ts';
import { amountsOf } from '../../../functions/payments/view.ts';
import { draftOf, FakeProvider, START, testHub } from './builders.ts';

const STATES = [
  'created',
  'sent',
  'unknown',
  'pending',
  'succeeded',
  'declined',
  'rejected',
  'not-executed',
] as const;

test('whatever becomes of refunds, together they never exceed what was captured', async () => {
  const { begin, run } = testHub(new FakeProvider('first'));
  await begin(draftOf());
  const captured = await run();
  if (!captured) throw new Error('no payment');
  const asked = fc.record({ amount: fc.integer({ min: -5, max: 2_500 }), state: fc.constantFrom(...STATES) });
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 12 }), (refunds) => {
      let payment: Payment = captured;
      for (const [at, { amount, state }] of refunds.entries()) {
        const answer = askRefund(payment, { id: `re_${at}`, amount }, START);
        if (!answer.ok) continue;
        const operations = answer.payment.operations.map((each) =>
          each.refund?.id === `re_${at}` ? { ...each, state } : each,
        );
        payment = { ...answer.payment, operations };
        const { reserved } = amountsOf(payment);
        expect(reserved).toBeLessThanOrEqual(1_999);
        expect(reserved).toBeGreaterThanOrEqual(0);
      }
      const left = 1_999 - amountsOf(payment).reserved;
      expect(askRefund(payment, { id: 'last', amount: left + 1 }, START).ok).toBe(false);
      if (left > 0) expect(askRefund(payment, { id: 'last', amount: left }, START).ok).toBe(true);
    }),
  );
});

test('a provider that gives no part of a hold is not asked for one', async () => {
  const { begin, run } = testHub(new FakeProvider('first'));
  await begin(draftOf({ capture: 'manual' }));
  const held = await run();
  if (!held) throw new Error('no payment');
  expect(askCapture(held, 100, START, 'First')).toMatchObject({ ok: false, field: 'amount' });
  expect(askCapture(held, held.amount, START, 'First')).toMatchObject({ ok: true });
  expect(askCapture(held, 100, START)).toMatchObject({ ok: true });
});
