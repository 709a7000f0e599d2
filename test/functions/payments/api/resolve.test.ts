import { describe, expect, test } from 'vitest';
import { resolve } from '../../../../functions/payments/api/resolve.ts';
import type { Operation, Payment } from '../../../../functions/payments/payment.ts';
import { addOperation, openAttempt } from '../../../../functions/payments/start.ts';
import { statusOf } from '../../../../functions/payments/status.ts';
import { readPayment } from '../../../../functions/payments/store.ts';
import { draftOf, START } from '../builders.ts';
import { startApi } from './api-world.ts';

const reason = 'Jo looked at the dashboard and saw it';
const two = { vendor: 'first', opens: 'two-step' as const };

/** Prepared, held, and being captured or refunded; `last` is the state of the newest operation. */
function paymentWith(kinds: readonly Operation['kind'][], last: Operation['state'], id?: string): Payment {
  let payment = openAttempt(draftOf(), two, START);
  for (const kind of kinds) payment = addOperation(payment, 1, { kind, amount: 1_999 });
  const operations = payment.operations.map((each, at, all) => {
    const state = at === all.length - 1 ? last : ('succeeded' as const);
    return { ...each, state, ...(each.kind === 'refund' && { refund: { id: 're_1' } }) };
  });
  const attempts = payment.attempts.map((each) => ({ ...each, ...(id !== undefined && { id }) }));
  return { ...payment, operations, attempts };
}

function said(payment: Payment, outcome: 'executed' | 'not-executed', more = {}) {
  const operation = payment.operations.length;
  return resolve(payment, { operation, outcome, reason, ...more }, START);
}

describe('what an operator says', () => {
  test('makes a capture that happened a captured payment, with the reason in the timeline', () => {
    const answer = said(paymentWith(['authorise', 'capture'], 'needs-review', 'pi_1'), 'executed');
    expect(answer.ok && statusOf(answer.payment)).toBe('captured');
    expect(answer.ok && answer.payment.timeline.at(-1)).toMatchObject({ by: 'operator', why: reason });
  });

  test('frees the fence of a capture that did not happen', () => {
    const stuck = { ...paymentWith(['authorise', 'capture'], 'needs-review', 'pi_1'), captureOwner: 1 };
    const answer = said(stuck, 'not-executed');
    expect(answer.ok && answer.payment.captureOwner).toBeUndefined();
  });

  test('closes the attempt of a hold that is not there, and has it looked at once more', () => {
    const answer = said(paymentWith(['authorise'], 'needs-review', 'pi_1'), 'not-executed');
    expect(answer.ok && answer.payment.attempts[0]).toMatchObject({
      closed: { how: 'absent' },
      tailAt: expect.any(Number),
    });
  });

  test('about a refund leaves the attempt alone', () => {
    const stuck = paymentWith(['authorise', 'capture', 'refund'], 'needs-review', 'pi_1');
    const answer = said(stuck, 'executed', { providerId: 're_at_provider' });
    expect(answer.ok && answer.payment.operations.at(-1)).toMatchObject({
      state: 'succeeded',
      refund: { at: 're_at_provider' },
    });
    expect(answer.ok && answer.payment.attempts).toEqual(stuck.attempts);
  });

  test('needs an id where the hub has none', () => {
    const stuck = paymentWith(['authorise'], 'needs-review');
    expect(said(stuck, 'executed')).toMatchObject({ ok: false, field: 'providerId' });
    const answer = said(stuck, 'executed', { providerId: 'pi_9' });
    expect(answer.ok && answer.payment.attempts[0]?.id).toBe('pi_9');
  });

  test('about another object than the one the hub has is refused', () => {
    const stuck = paymentWith(['authorise'], 'needs-review', 'pi_1');
    expect(said(stuck, 'executed', { providerId: 'pi_2' })).toMatchObject({ ok: false, field: 'providerId' });
  });

  test('twice changes nothing more, and the opposite is refused', () => {
    const once = said(paymentWith(['authorise', 'capture'], 'needs-review', 'pi_1'), 'executed');
    const payment = once.ok ? once.payment : paymentWith([], 'created');
    expect(said(payment, 'executed')).toEqual({ ok: true, payment });
    expect(said(payment, 'not-executed')).toMatchObject({ ok: false, code: 'state' });
  });

  test.each(['created', 'sent', 'unknown', 'pending', 'succeeded', 'declined'] as const)(
    'about an operation that is %s counts nothing',
    (state) => {
      expect(said(paymentWith(['authorise'], state, 'pi_1'), 'executed').ok).toBe(false);
    },
  );
});

test('over the API: a capture that nobody could clear up for a day is resolved, and the payment goes on', async () => {
  await using api = await startApi();
  const held = await api.pay({ capture: 'manual' });
  const id = held.body.id ?? '';
  const stored = await readPayment(api.ports.documents, id);
  const asked = addOperation(stored!.payment, 1, { kind: 'capture', amount: 1_999 });
  const operations = asked.operations.map((each) =>
    each.kind === 'capture'
      ? { ...each, state: 'needs-review' as const, nextAt: Number.MAX_SAFE_INTEGER }
      : each,
  );
  const attempts = asked.attempts.map((each) => ({ ...each, nextLookAt: api.clock.now() + 3_600_000 }));
  const stuck = { ...asked, operations, attempts, captureOwner: 1, captureAsked: { at: 0, amount: 1_999 } };
  await api.ports.documents.put(`payment/${id}`, stuck, stored!.revision);
  const path = `/v1/payments/${id}`;
  const shown = await api.call('GET', path);
  expect(shown.body).toMatchObject({ status: 'needs-review', review: [{ kind: 'capture' }] });
  const operation = shown.body.review?.[0]?.operation;
  const vague = await api.call('POST', `${path}/resolve`, {
    body: { operation, outcome: 'executed', reason: 'ok' },
  });
  expect(vague).toMatchObject({ status: 422, body: { field: 'reason' } });
  const word = { operation, outcome: 'not-executed', reason };
  const resolved = await api.call('POST', `${path}/resolve`, { body: word, key: 'r' });
  expect(resolved.body).toMatchObject({ status: 'captured', amounts: { captured: 1_999 } });
  const again = await api.call('POST', `${path}/resolve`, { body: word, key: 'r' });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect((await api.call('GET', `${path}/timeline`)).text).toContain(reason);
  const other = await api.call('POST', `${path}/resolve`, { body: { ...word, operation: 99 } });
  expect(other).toMatchObject({ status: 409, body: { field: 'operation' } });
});
