import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../../../shared/connectors/square/outcome.ts';
import { judged, paymentAs, refundAs } from '../../../shared/connectors/square/shown.ts';

const usd = (amount: number) => ({ amount, currency: 'USD' });
const payment = {
  ...{ id: 'p1', status: 'APPROVED', amount_money: usd(5_000), total_money: usd(5_000) },
  ...{ approved_money: usd(5_000), reference_id: 'club-7', delay_action: 'CANCEL', version_token: 'v1' },
};
const amount = { minor: 5_000, currency: 'USD' };
const expected = { id: 'p1', reference: 'club-7', amount };
const answer = (status: number, body: unknown) =>
  judged(outcomeOf({ status, headers: {}, body: JSON.stringify(body) }, paymentAs(expected)));
const failed = {
  ...{ ...payment, status: 'FAILED', approved_money: undefined },
  card_details: { errors: [{ category: 'PAYMENT_METHOD_ERROR', code: 'CVV_FAILURE' }] },
};
const errors = [{ category: 'PAYMENT_METHOD_ERROR', code: 'CARD_EXPIRED' }];

describe('an answer is believed', () => {
  test('when all of it is ours', () => {
    expect(answer(200, { payment })).toMatchObject({ kind: 'answered', shown: { standing: 'held', amount } });
  });

  test.each([
    ['id', { id: 'p2' }, 'payment'],
    ['reference', { reference_id: 'club-8' }, 'reference'],
    ['no reference', { reference_id: undefined }, 'reference'],
    ['amount', { amount_money: usd(5_001) }, 'amount'],
    ['currency', { amount_money: { amount: 5_000, currency: 'EUR' } }, 'amount'],
    ['partial approval', { approved_money: usd(4_000) }, 'approved amount'],
    ['delay action', { delay_action: 'COMPLETE' }, 'delay action'],
  ])('but not with another %s', (_, change, named) => {
    const sent = answer(200, { payment: { ...payment, ...change } });
    expect(sent).toMatchObject({
      kind: 'unknown',
      message: expect.stringContaining(`another ${named} than`),
    });
  });

  test.each([
    ['no payment', {}],
    ['no id', { payment: { ...payment, id: undefined } }],
    ['a state of tomorrow', { payment: { ...payment, status: 'ON_ITS_WAY' } }],
    ['an amount that is no integer', { payment: { ...payment, amount_money: usd(50.5) } }],
    ['an amount that is not exact', { payment: { ...payment, amount_money: usd(2 ** 60) } }],
    ['no object', 'text'],
  ])('but not with %s', (_, body) => {
    expect(answer(200, body).kind).toBe('unknown');
  });

  test('nor a cut one', () => {
    const cut = { status: 200, headers: {}, body: '{"payment":{"id":"p1","sta' };
    expect(outcomeOf(cut, paymentAs(expected)).kind).toBe('unknown');
  });

  test('nor one that was captured for another amount', () => {
    const taken = { ...payment, status: 'COMPLETED', total_money: usd(5_500) };
    const reply = { status: 200, headers: {}, body: JSON.stringify({ payment: taken }) };
    expect(outcomeOf(reply, paymentAs({ id: 'p1', captured: amount })).kind).toBe('unknown');
  });
});

describe('a decline', () => {
  test('carries the failed payment, and is the same inside a 2xx', () => {
    expect(answer(400, { errors, payment: failed })).toMatchObject({
      ...{ kind: 'declined', code: 'CARD_EXPIRED', hard: true, shown: { standing: 'declined' } },
    });
    expect(answer(200, { payment: failed })).toMatchObject({
      ...{ kind: 'declined', code: 'CVV_FAILURE', hard: true },
    });
    expect(answer(400, { errors })).toEqual({ kind: 'declined', code: 'CARD_EXPIRED', hard: true });
  });

  test('with a payment that is not ours, or did not fail, proves nothing', () => {
    expect(answer(400, { errors, payment: { ...failed, reference_id: 'other' } }).kind).toBe('unknown');
    expect(answer(400, { errors, payment }).kind).toBe('unknown');
  });
});

describe('a hold that Square cancelled', () => {
  test.each([
    ['2026-12-01T12:00:00Z', 'expired'],
    ['2026-12-01T11:59:59Z', 'voided'],
    [undefined, 'voided'],
  ])('at %s is %s', (updated_at, standing) => {
    const over = { ...payment, status: 'CANCELED', updated_at, delayed_until: '2026-12-01T12:00:00Z' };
    expect(answer(200, { payment: over })).toMatchObject({ kind: 'answered', shown: { standing } });
  });
});

describe('a refund', () => {
  const refund = { id: 'p1_r1', status: 'PENDING', payment_id: 'p1', amount_money: usd(700) };
  const outcome = (change: object) =>
    outcomeOf(
      { status: 200, headers: {}, body: JSON.stringify({ refund: { ...refund, ...change } }) },
      refundAs({ paymentId: 'p1', amount: { minor: 700, currency: 'USD' } }),
    );

  test.each([
    ['PENDING', 'pending'],
    ['COMPLETED', 'succeeded'],
    ['REJECTED', 'failed'],
    ['FAILED', 'failed'],
    ['A_STATE_OF_TOMORROW', 'pending'],
    [undefined, 'pending'],
  ])('that is %s is %s', (status, standing) => {
    expect(outcome({ status })).toMatchObject({ kind: 'answered', shown: { standing, paymentId: 'p1' } });
  });

  test.each([[{ payment_id: 'p2' }], [{ amount_money: usd(701) }], [{ payment_id: undefined }]])(
    'with %o is not ours',
    (change) => {
      expect(outcome(change).kind).toBe('unknown');
    },
  );
});
