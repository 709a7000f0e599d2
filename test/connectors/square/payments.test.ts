import { describe, expect, test } from 'vitest';
import type { Charge, Sent, Shown } from '../../../shared/connectors/payment-provider.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { provider, type SquareWorld, startSquare } from './world.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const amount = { minor: 5_000, currency: 'USD' };
const chargeOf = (reference: string, more: Partial<Charge> = {}): Charge => ({
  ...{ key: `it_${reference}`, reference, amount, instrument: 'cnon:card-nonce-ok' },
  ...more,
});
const window = { from: PAYMENT_START - DAY, to: PAYMENT_START + DAY };

function answered<T>(sent: Sent<T>): T {
  if (sent.kind !== 'answered') throw new Error(`expected an answer, got ${JSON.stringify(sent)}`);
  return sent.shown;
}

async function held(square: SquareWorld, reference = 'club-7'): Promise<Shown> {
  return answered(await provider.authorise(square.session(), chargeOf(reference), undefined));
}

describe('a hold', () => {
  test('never takes the money by itself, carries our reference, and ends after seven days', async () => {
    await using square = await startSquare();
    const shown = await held(square);
    expect(shown).toMatchObject({ standing: 'held', reference: 'club-7' });
    const row = square.sandbox.peek('payment', shown.id);
    expect(row).toMatchObject({ delay_action: 'CANCEL', reference_id: 'club-7', status: 'APPROVED' });
    square.sandbox.advance(7 * DAY);
    expect(await provider.read(square.session(), shown.id)).toMatchObject({ shown: { standing: 'expired' } });
    expect(square.sandbox.peek('books', 'club-7')).toMatchObject({ held: 0, captures: 0, voided: 1 });
  });

  test('is pending while Square is at it, and can be ended then', async () => {
    await using square = await startSquare();
    square.sandbox.setFaults({ processing: true });
    const shown = await held(square);
    expect(shown.standing).toBe('pending');
    const voided = await provider.void(square.session(), { id: shown.id, key: 'v' });
    expect(answered(voided).standing).toBe('voided');
    square.sandbox.advance(MINUTE);
    expect(square.sandbox.peek('books', 'club-7')).toMatchObject({ held: 0, voided: 1 });
  });

  test.each([
    ['pm_card_visa', 'INVALID_INSTRUMENT'],
    ['4111111111111111', 'INVALID_INSTRUMENT'],
    ['CASH', 'INVALID_INSTRUMENT'],
    ['EXTERNAL', 'INVALID_INSTRUMENT'],
  ])('%s is no instrument of Square, and nothing is sent', async (instrument, code) => {
    await using square = await startSquare();
    const session = square.session();
    const sent = await provider.authorise(session, chargeOf('x', { instrument }), undefined);
    expect(sent).toMatchObject({ kind: 'refused', code, field: 'instrument', permanent: true });
    expect(JSON.stringify(sent)).not.toContain('4111');
    expect(session.sent).toEqual([]);
  });

  test('of a spent token is refused for good, of another currency too', async () => {
    await using square = await startSquare();
    const session = square.session();
    const spent = chargeOf('spent', { instrument: 'cnon:card-nonce-already-used' });
    expect(await provider.authorise(session, spent, undefined)).toMatchObject({
      ...{ kind: 'refused', code: 'CARD_TOKEN_USED', field: 'source_id', permanent: true },
    });
    const euros = chargeOf('euros', { amount: { minor: 5_000, currency: 'EUR' } });
    expect(await provider.authorise(session, euros, undefined)).toMatchObject({
      ...{ kind: 'refused', field: 'amount_money.currency', permanent: true },
    });
  });

  test('another body under the same key is refused, and the first stays', async () => {
    await using square = await startSquare();
    await held(square);
    const other = chargeOf('club-7', { amount: { minor: 5_001, currency: 'USD' } });
    expect(await provider.authorise(square.session(), other, undefined)).toMatchObject({
      ...{ kind: 'refused', code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(square.sandbox.peek('books', 'club-7')).toMatchObject({ payments: 1, held: 1 });
  });
});

describe('what cannot be held', () => {
  test('is charged at once, pending at first', async () => {
    await using square = await startSquare();
    const bank = chargeOf('bank', { instrument: 'bauth:ok' });
    expect((await provider.authorise(square.session(), bank, undefined)).kind).toBe('refused');
    const charge = { ...bank, key: 'it_bank-2' };
    const shown = answered(await provider.charge!(square.session(), charge, undefined));
    expect(shown.standing).toBe('pending');
    square.sandbox.advance(MINUTE);
    expect(await provider.read(square.session(), shown.id)).toMatchObject({
      shown: { standing: 'captured', captured: amount },
    });
    const late = await provider.voidByKey?.(square.session(), 'it_bank-2');
    expect(late).toMatchObject({ kind: 'refused', permanent: true });
  });
});

describe('cancelling by key', () => {
  test('does not stop a request that arrives afterwards: it is looked for after lateness', async () => {
    await using square = await startSquare();
    const session = square.session();
    square.sandbox.setFaults({ 'late-writes': true });
    expect((await provider.authorise(session, chargeOf('late'), undefined)).kind).toBe('unknown');
    square.sandbox.setFaults({ 'late-writes': false });
    expect((await provider.voidByKey?.(session, 'it_late'))?.kind).toBe('answered');
    expect(await provider.find(session, { reference: 'late', ...window })).toEqual({ kind: 'absent' });
    square.sandbox.advance(provider.lateness);
    const look = await provider.find(session, { reference: 'late', ...window });
    expect(look).toMatchObject({ kind: 'found', shown: { standing: 'held' } });
    expect((await provider.voidByKey?.(session, 'it_late'))?.kind).toBe('answered');
    expect(square.sandbox.peek('books', 'late')).toMatchObject({ held: 0, captures: 0, voided: 1 });
  });

  test('twice is no error, and nor is one of a declined payment', async () => {
    await using square = await startSquare();
    const session = square.session();
    await held(square);
    for (const key of ['it_club-7', 'it_club-7'])
      expect((await provider.voidByKey?.(session, key))?.kind).toBe('answered');
    const declined = chargeOf('no', { instrument: 'cnon:card-nonce-declined' });
    expect((await provider.authorise(session, declined, undefined)).kind).toBe('declined');
    expect((await provider.voidByKey?.(session, 'it_no'))?.kind).toBe('answered');
  });
});

describe('finding', () => {
  test('lists are behind, so the match is read again by its id', async () => {
    await using square = await startSquare();
    const session = square.session();
    const { id } = await held(square);
    expect(await provider.find(session, { reference: 'club-7', ...window })).toEqual({ kind: 'absent' });
    square.sandbox.advance(6_000);
    answered(await provider.void(session, { id, key: 'v' }));
    const look = await provider.find(session, { reference: 'club-7', ...window });
    expect(look).toMatchObject({ kind: 'found', shown: { id, standing: 'voided' } });
  });

  test('goes through all pages, and of several takes the one that is furthest on', async () => {
    await using square = await startSquare();
    const session = square.session();
    for (let n = 0; n < 120; n += 1) square.sandbox.edit({ record: 'payment', set: { amount: 100 + n } });
    const gone = await held(square, 'twice');
    answered(await provider.void(session, { id: gone.id, key: 'v' }));
    const { id } = answered(
      await provider.authorise(session, chargeOf('twice', { key: 'it_second' }), undefined),
    );
    square.sandbox.advance(6_000);
    const look = await provider.find(session, { reference: 'twice', ...window });
    expect(look).toMatchObject({ kind: 'found', shown: { id, standing: 'held' } });
    expect(session.sent.filter((each) => each === 'payments.list')).toHaveLength(2);
  });
});

describe('a capture', () => {
  test('of a part is refused before anything is sent', async () => {
    await using square = await startSquare();
    const session = square.session();
    const { id } = await held(square);
    const part = { id, key: 'c', amount: { minor: 4_999, currency: 'USD' }, final: true };
    expect(await provider.capture(session, part)).toMatchObject({
      ...{ kind: 'refused', code: 'PARTIAL_CAPTURE', field: 'amount', permanent: true },
    });
    expect(session.sent).toEqual(['payments.get']);
    expect(square.sandbox.peek('books', 'club-7')).toMatchObject({ held: 1, captures: 0 });
  });

  test('of what is captured sends nothing, and one of what is cancelled shows that', async () => {
    await using square = await startSquare();
    const { id } = await held(square);
    const capture = { id, key: 'c', amount, final: true };
    const first = square.session();
    answered(await provider.capture(first, capture));
    expect(first.sent).toEqual(['payments.get', 'payments.complete']);
    const again = square.session();
    expect(answered(await provider.capture(again, capture)).standing).toBe('captured');
    expect(again.sent).toEqual(['payments.get']);
    expect(answered(await provider.void(again, { id, key: 'v' })).standing).toBe('captured');
    const other = await held(square, 'other');
    square.sandbox.edit({ record: 'payment', id: other.id, set: { cancel: true } });
    const late = await provider.capture(again, { ...capture, id: other.id });
    expect(answered(late).standing).toBe('voided');
  });

  test('that arrives late finds the version that it was made for gone', async () => {
    await using square = await startSquare();
    const session = square.session();
    const { id } = await held(square);
    square.sandbox.setFaults({ 'late-writes': true });
    expect((await provider.capture(session, { id, key: 'c', amount, final: true })).kind).toBe('unknown');
    square.sandbox.setFaults({ 'late-writes': false });
    answered(await provider.void(session, { id, key: 'v' }));
    square.sandbox.advance(MINUTE);
    expect(await provider.read(session, id)).toMatchObject({ shown: { standing: 'voided' } });
    expect(square.sandbox.peek('books', 'club-7')).toMatchObject({ captures: 0, voided: 1 });
  });

  test('is not sent in an outage, which says so', async () => {
    await using square = await startSquare();
    const { id } = await held(square);
    square.sandbox.setFaults({ outage: true });
    const capture = { id, key: 'c', amount, final: true };
    expect((await provider.capture(square.session(), capture)).kind).toBe('unsent');
    expect((await provider.void(square.session(), { id, key: 'v' })).kind).toBe('unsent');
  });

  test('of an id that is not there is refused for good', async () => {
    await using square = await startSquare();
    const sent = await provider.capture(square.session(), { id: 'nobody', key: 'c', amount, final: true });
    expect(sent).toMatchObject({ kind: 'refused', code: 'NOT_FOUND', permanent: true });
  });
});

describe('a refund', () => {
  async function captured(square: SquareWorld): Promise<string> {
    const { id } = await held(square);
    answered(await provider.capture(square.session(), { id, key: 'c', amount, final: true }));
    return id;
  }

  test('is pending, then succeeds; it is found by the key at the end of its reason', async () => {
    await using square = await startSquare();
    const session = square.session();
    const id = await captured(square);
    const part = { id, key: 'it_r1', amount: { minor: 700, currency: 'USD' }, reason: 'moved away' };
    const refund = answered(await provider.refund(session, part));
    expect(refund).toMatchObject({ standing: 'pending', paymentId: id });
    answered(await provider.refund(session, { ...part, key: 'it_r12' }));
    expect(square.sandbox.peek('refund', refund.id)?.reason).toBe('moved away (it_r1)');
    expect(await provider.findRefund?.(session, { paymentId: id, key: 'it_r1' })).toMatchObject({
      ...{ kind: 'found', shown: { id: refund.id } },
    });
    for (const key of ['it_r', 'r1', 'it_r3'])
      expect(await provider.findRefund?.(session, { paymentId: id, key })).toEqual({ kind: 'absent' });
    square.sandbox.advance(MINUTE);
    expect(await provider.readRefund(session, refund.id)).toMatchObject({ shown: { standing: 'succeeded' } });
  });

  test('has a reason of any length, the key never cut off', async () => {
    await using square = await startSquare();
    const session = square.session();
    const id = await captured(square);
    const key = 'k'.repeat(40);
    answered(await provider.refund(session, { id, key, amount, reason: 'x'.repeat(500) }));
    expect((await provider.findRefund?.(session, { paymentId: id, key }))?.kind).toBe('found');
  });

  test('of what is disputed is refused', async () => {
    await using square = await startSquare();
    const id = await captured(square);
    square.sandbox.edit({ record: 'dispute', set: { payment_id: id } });
    expect(await provider.refund(square.session(), { id, key: 'r', amount })).toMatchObject({
      ...{ kind: 'refused', code: 'PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE', permanent: true },
    });
  });

  test('that is not done and answered 500 under its key is found absent, and its key stays spoilt', async () => {
    await using square = await startSquare();
    const session = square.session();
    const id = await captured(square);
    square.sandbox.setFaults({ 'error-before': true });
    expect((await provider.refund(session, { id, key: 'it_r', amount })).kind).toBe('unknown');
    square.sandbox.setFaults({ 'error-before': false });
    expect((await provider.refund(session, { id, key: 'it_r', amount })).kind).toBe('unknown');
    expect(await provider.findRefund?.(session, { paymentId: id, key: 'it_r' })).toEqual({ kind: 'absent' });
  });
});

describe('time', () => {
  test('a write that could not start in time is not sent', async () => {
    await using square = await startSquare();
    const { id } = await held(square);
    let calls = 0;
    // Every look at the clock takes five seconds: the reading before the capture is slow.
    const slow = square.session({ now: () => PAYMENT_START + 5_000 * calls++ });
    const sent = await provider.capture(slow, { id, key: 'c', amount, final: true });
    expect(sent.kind).toBe('unsent');
    expect(slow.sent).toEqual(['payments.get']);
  });
});
