import { describe, expect, test } from 'vitest';
import { advance } from '../../../../functions/payments/advance.ts';
import { statusOf } from '../../../../functions/payments/status.ts';
import { readPayment } from '../../../../functions/payments/store.ts';
import { type ApiWorld, startApi } from './api-world.ts';

const MINUTE = 60_000;
const manual = { capture: 'manual' };
const both = { instrument: { stripe: { token: 'pm_card_visa' }, paypal: { token: 'card:ok-1' } } };

/** What the queue does while nobody asks. */
function queueWorks(api: ApiWorld, ms: number): Promise<void> {
  return api.run(ms, async ({ collection, id }, due) => {
    if (collection !== 'payment') return;
    const work = api.work();
    await advance(api.hubOf(api.site.merchants[0]!, work), id, { deadline: work.deadline, due });
  });
}

describe('a payment', () => {
  test('is made at once, and shown by its id and its reference', async () => {
    await using api = await startApi();
    const made = await api.pay({ reference: 'order-1', description: 'Season ticket' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ status: 'captured', failover: 'no-instrument' });
    expect(made.body.amounts).toEqual({ authorised: 1_999, captured: 1_999, refunded: 0, refundable: 1_999 });
    expect(made.headers.get('location')).toBe(`/v1/payments/${made.body.id}`);
    expect((await api.call('GET', `/v1/payments/${made.body.id}`)).body).toEqual(made.body);
    expect((await api.call('GET', '/v1/payments?reference=order-1')).body).toEqual({ items: [made.body] });
    expect((await api.call('GET', '/v1/payments?reference=order-2')).body).toEqual({ items: [] });
    const timeline = await api.call('GET', `/v1/payments/${made.body.id}/timeline`);
    expect(timeline.text).toContain('capture succeeded');
  });

  test('has a message on the queue before it is written, due when no API worker can still be at it', async () => {
    await using api = await startApi();
    const { put } = api.ports.documents;
    const queued: number[] = [];
    api.ports.documents.put = (key, ...rest) => {
      if (key.startsWith('payment/')) queued.push(api.queue.length);
      return put(key, ...rest);
    };
    const made = await api.pay();
    expect(queued.length).toBeGreaterThan(0);
    expect(Math.min(...queued)).toBeGreaterThan(0);
    expect(api.queue[0]).toEqual({
      errand: { collection: 'payment', id: made.body.id },
      at: api.work().deadline + 5_000,
    });
  });

  test('is kept through an outage of every provider, and made when it is over', async () => {
    await using api = await startApi();
    api.stripe.sandbox.setFaults({ outage: true });
    api.paypal.sandbox.setFaults({ outage: true });
    const made = await api.pay(both);
    expect(made.status).toBe(202);
    expect(['queued', 'processing', 'unknown']).toContain(made.body.status);
    expect(made.body.failover).toBe('available');
    api.stripe.sandbox.setFaults({ outage: false });
    api.paypal.sandbox.setFaults({ outage: false });
    await queueWorks(api, 20 * MINUTE);
    const later = await api.call('GET', `/v1/payments/${made.body.id}`);
    expect(later.body).toMatchObject({ status: 'captured', amounts: { captured: 1_999 } });
    const captures = api.sent().filter((each) => /capture/.test(each));
    expect(captures).toHaveLength(1);
  });

  test('goes to the second provider when the first refuses to work', async () => {
    await using api = await startApi();
    api.stripe.sandbox.setFaults({ 'token-revoked': true });
    const made = await api.pay(both);
    expect(made.body).toMatchObject({ status: 'captured', failover: 'available' });
    expect(made.body.attempts?.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['stripe', expect.stringMatching(/refused|retired/)],
      ['paypal', 'captured'],
    ]);
  });

  test('whose card is declined gives its reference back', async () => {
    await using api = await startApi();
    const declined = await api.pay({
      reference: 'order-1',
      instrument: { stripe: { token: 'pm_card_chargeDeclinedExpiredCard' } },
    });
    expect(declined.status).toBe(201);
    expect(declined.body.status).toBe('declined');
    const other = await api.pay({ reference: 'order-1' });
    expect(other.body.status).toBe('captured');
    const third = await api.pay({ reference: 'order-1' });
    expect(third.status).toBe(409);
    expect(third.body).toMatchObject({
      code: 'reference-exists',
      field: 'reference',
      payment: other.body.id,
    });
  });

  test('that needs its payer says what to do and until when, and goes on when they have done it', async () => {
    await using api = await startApi();
    const made = await api.pay({
      instrument: { stripe: { token: 'pm_card_threeDSecure2Required' } },
      returnUrl: 'https://club.example.test/thanks',
    });
    expect(made.status).toBe(201);
    expect(made.body.status).toBe('requires-action');
    const { nextAction, attempts } = made.body;
    expect(nextAction?.url ?? nextAction?.clientSecret).toBeTruthy();
    expect(Date.parse(nextAction?.expiresAt ?? '')).toBeGreaterThan(api.clock.now());
    const id = attempts?.[0]?.providerId ?? '';
    api.stripe.sandbox.edit({ record: 'payment_intent', id, set: { authenticate: 'succeed' } });
    const synced = await api.call('POST', `/v1/payments/${made.body.id}/sync`);
    expect(synced.status).toBe(200);
    expect(synced.body.status).toBe('captured');
    expect(synced.body.nextAction).toBeUndefined();
  });

  test('that its payer leaves alone expires', async () => {
    await using api = await startApi();
    const made = await api.pay({
      instrument: { stripe: { token: 'pm_card_threeDSecure2Required' } },
      returnUrl: 'https://club.example.test/thanks',
    });
    await queueWorks(api, 3 * 60 * MINUTE);
    const later = await api.call('GET', `/v1/payments/${made.body.id}`);
    expect(later.body.status).toBe('expired');
  });

  test('is answered within ten seconds though its provider does not answer, and is seen to behind that', async () => {
    await using api = await startApi();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { session } = api.ports;
    api.ports.session = (...given) => {
      const opened = session(...given);
      return Object.assign(Object.create(opened), {
        send: (request: Parameters<typeof opened.send>[0]) => held.then(() => opened.send(request)),
      });
    };
    const asked = api.pay();
    while (api.clock.nextWake() === undefined) await new Promise((resolve) => setImmediate(resolve));
    await api.clock.advance(10_000);
    const made = await asked;
    expect(made).toMatchObject({ status: 202, body: { status: 'processing' } });
    letGo();
    await api.rest();
    const stored = await readPayment(api.ports.documents, made.body.id ?? '');
    expect(stored && statusOf(stored.payment)).not.toBe('created');
    await queueWorks(api, 10 * MINUTE);
    expect((await api.call('GET', `/v1/payments/${made.body.id}`)).body.status).toBe('captured');
  });
});

describe('held money', () => {
  test('is taken in part, once; the rest is released', async () => {
    await using api = await startApi();
    const held = await api.pay(manual);
    expect(held).toMatchObject({ status: 201, body: { status: 'authorised', amounts: { captured: 0 } } });
    const path = `/v1/payments/${held.body.id}/capture`;
    const taken = await api.call('POST', path, { body: { amount: 500 } });
    expect(taken).toMatchObject({ status: 200, body: { status: 'captured', amounts: { captured: 500 } } });
    const again = await api.call('POST', path, { body: { amount: 600 } });
    expect(again).toMatchObject({ status: 409, body: { code: 'state-conflict' } });
  });

  test('of more than was held is not taken, and the field is named', async () => {
    await using api = await startApi();
    const held = await api.pay(manual);
    const path = `/v1/payments/${held.body.id}/capture`;
    const asked = await api.call('POST', path, { body: { amount: 2_000 } });
    expect(asked).toMatchObject({ status: 422, body: { code: 'invalid', field: 'amount' } });
    expect((await api.call('POST', path)).body).toMatchObject({ amounts: { captured: 1_999 } });
  });

  test('is released, and cannot be taken any more', async () => {
    await using api = await startApi();
    const held = await api.pay(manual);
    const path = `/v1/payments/${held.body.id}`;
    const freed = await api.call('POST', `${path}/void`);
    expect(freed).toMatchObject({ status: 200, body: { status: 'voided' } });
    const capture = await api.call('POST', `${path}/capture`);
    expect(capture).toMatchObject({ status: 409, body: { code: 'state-conflict' } });
  });

  test('that was taken is not voided', async () => {
    await using api = await startApi();
    const made = await api.pay();
    const asked = await api.call('POST', `/v1/payments/${made.body.id}/void`);
    expect(asked).toMatchObject({ status: 409, body: { because: expect.stringContaining('refund it') } });
  });
});

describe('a refund', () => {
  test('is shown with its payment and alone, and no two exceed what was taken', async () => {
    await using api = await startApi();
    const made = await api.pay();
    const path = `/v1/payments/${made.body.id}/refunds`;
    const first = await api.call('POST', path, { body: { amount: 1_500, reason: 'rained off' } });
    expect(first.status).toBe(201);
    expect(first.body.refunds).toMatchObject([{ amount: 1_500, status: 'succeeded' }]);
    expect(first.body.amounts).toMatchObject({ refunded: 1_500, refundable: 499 });
    const second = await api.call('POST', path, { body: { amount: 500 } });
    expect(second).toMatchObject({ status: 422, body: { field: 'amount' } });
    const alone = await api.call('GET', first.headers.get('location') ?? '');
    expect(alone.body).toEqual(first.body.refunds?.[0]);
    expect((await api.call('GET', '/v1/refunds/re_nothing')).status).toBe(404);
  });

  test('that comes back is shown as returned', async () => {
    await using api = await startApi();
    const made = await api.pay({ instrument: { stripe: { token: 'pm_card_refundFail' } } });
    const path = `/v1/payments/${made.body.id}`;
    const asked = await api.call('POST', `${path}/refunds`, { body: { amount: 700 } });
    expect(asked.body.refunds?.[0]?.status).toBe('succeeded');
    await api.clock.advance(24 * 60 * MINUTE);
    const synced = await api.call('POST', `${path}/sync`);
    expect(synced.body.refunds?.[0]?.status).toBe('returned');
    expect(synced.body.amounts).toMatchObject({ refunded: 0, refundable: 1_999 });
  });

  test('under one key is made once, whatever comes between', async () => {
    await using api = await startApi();
    const made = await api.pay();
    const path = `/v1/payments/${made.body.id}/refunds`;
    api.stripe.sandbox.setFaults({ 'reply-lost': true });
    const asked = await api.call('POST', path, { body: { amount: 300 }, key: 'refund-1' });
    expect(asked.status).toBe(202);
    api.stripe.sandbox.setFaults({ 'reply-lost': false });
    await queueWorks(api, 10 * MINUTE);
    const again = await api.call('POST', path, { body: { amount: 300 }, key: 'refund-1' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body.refunds).toMatchObject([{ amount: 300, status: 'succeeded' }]);
  });
});

test('providers show what is held back, and an operator can open and close them', async () => {
  await using api = await startApi();
  const order = (force: string) =>
    api.call('PUT', '/v1/providers/stripe/circuit', { body: { force, reason: 'their status page says so' } });
  expect((await order('open')).status).toBe(200);
  const shown = await api.call('GET', '/v1/providers');
  expect(shown.text).toContain('"call":"authorise","state":"open","forced":true');
  await api.clock.advance(2_000);
  expect((await api.pay(both)).body.attempts).toMatchObject([{ provider: 'paypal' }]);
  await order('none');
  await api.clock.advance(2_000);
  expect((await api.pay(both)).body.attempts).toMatchObject([{ provider: 'stripe' }]);
  expect(
    (
      await api.call('PUT', '/v1/providers/square/circuit', {
        body: { force: 'open', reason: 'not ours at all' },
      })
    ).status,
  ).toBe(404);
});

test('books are listed page by page, and shown as JSON and as CSV', async () => {
  await using api = await startApi();
  const first = await api.call('GET', '/v1/reconciliations?limit=2');
  expect(first.body).toMatchObject({ items: [{ id: 'stripe.2026-11-22' }, { id: 'stripe.2026-11-23' }] });
  const next = String((first.body as { next?: string }).next);
  const second = await api.call('GET', `/v1/reconciliations?limit=2&after=${next}`);
  expect(second.body).toMatchObject({ items: [{ id: 'stripe.2026-11-24' }] });
  expect(second.body).not.toHaveProperty('next');
  const wrong = await api.call('GET', `/v1/reconciliations?after=${next}x1`);
  expect(wrong).toMatchObject({ status: 400, body: { field: 'after' } });
  const path = '/v1/reconciliations/stripe.2026-11-24';
  expect((await api.call('GET', path)).body).toMatchObject({ lines: ['one'] });
  const byName = await api.call('GET', `${path}.csv`);
  const byHeader = await api.call('GET', path, { headers: { accept: 'text/csv' } });
  expect([byName.text, byHeader.text]).toEqual(['kind\nmatched\n', 'kind\nmatched\n']);
  expect(byName.headers.get('content-type')).toContain('text/csv');
  expect((await api.call('GET', '/v1/reconciliations/none.csv')).status).toBe(404);
  expect((await api.call('GET', '/v1/disputes')).body).toMatchObject({ items: [{ id: 'stripe.club' }] });
  expect((await api.call('GET', '/v1/disputes/stripe.other')).status).toBe(404);
});
