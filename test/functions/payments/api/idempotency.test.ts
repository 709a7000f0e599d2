import { describe, expect, test } from 'vitest';
import { type ApiWorld, startApi } from './api-world.ts';

const body = {
  ...{ reference: 'order-1', amount: 1_999, currency: 'EUR' },
  instrument: { stripe: { token: 'pm_card_visa' } },
};
const create = (api: ApiWorld, key: string, change = {}) =>
  api.call('POST', '/v1/payments', { key, body: { ...body, ...change } });

describe('a repeat', () => {
  test('gets the payment as it is now, however its JSON is written', async () => {
    await using api = await startApi();
    const made = await create(api, 'k', { capture: 'manual' });
    await api.call('POST', `/v1/payments/${made.body.id}/void`);
    const text = JSON.stringify({ capture: 'manual', ...body }, null, 2);
    const again = await api.call('POST', '/v1/payments', { key: 'k', body: text });
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(made.headers.get('idempotent-replayed')).toBeNull();
    expect(again.body).toMatchObject({ id: made.body.id, status: 'voided' });
  });

  test('with another body or for something else is refused', async () => {
    await using api = await startApi();
    const made = await create(api, 'k');
    const other = await create(api, 'k', { amount: 2_000 });
    expect(other).toMatchObject({ status: 422, body: { code: 'key-reused', field: 'Idempotency-Key' } });
    const elsewhere = await api.call('POST', `/v1/payments/${made.body.id}/refunds`, {
      key: 'k',
      body: { amount: 1 },
    });
    expect(elsewhere.body).toMatchObject({ code: 'key-reused' });
  });

  test('is told to come back while the first one is at it, and only then', async () => {
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
    const first = create(api, 'k');
    while (api.clock.nextWake() === undefined) await new Promise((resolve) => setImmediate(resolve));
    const early = await create(api, 'k');
    expect(early).toMatchObject({ status: 409, body: { code: 'in-progress' } });
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
    letGo();
    const made = await first;
    const later = await create(api, 'k');
    expect(later).toMatchObject({ status: 200, body: { id: made.body.id, status: 'captured' } });
  });

  test('after a crash goes on with the same payment', async () => {
    for (let writes = 0; writes < 7; writes += 1) {
      await using api = await startApi();
      const { put } = api.ports.documents;
      let left = writes;
      api.ports.documents.put = async (...given) => {
        if (left === 0) throw new Error('dead');
        left -= 1;
        return put(...given);
      };
      await create(api, 'k').catch(() => undefined);
      api.ports.documents.put = put;
      await api.clock.advance(60_000);
      const again = await create(api, 'k');
      expect([200, 201, 202], `${writes} writes`).toContain(again.status);
      const third = await create(api, 'k');
      expect(third.body.id).toBe(again.body.id);
      await api.run(600_000, async ({ id }) => void (await api.call('POST', `/v1/payments/${id}/sync`)));
      const payments = [...api.state.documents.keys()].filter((name) => name.startsWith('payment/'));
      expect(payments, `${writes} writes`).toEqual([`payment/${again.body.id}`]);
      expect(
        api.sent().filter((each) => each.endsWith('payment_intents.capture')).length,
      ).toBeLessThanOrEqual(1);
    }
  });

  test('of a refund does not refund again; another key does', async () => {
    await using api = await startApi();
    const made = await create(api, 'k');
    const path = `/v1/payments/${made.body.id}/refunds`;
    const one = await api.call('POST', path, { key: 'r1', body: { amount: 100 } });
    const repeat = await api.call('POST', path, { key: 'r1', body: { amount: 100 } });
    const two = await api.call('POST', path, { key: 'r2', body: { amount: 100 } });
    expect([one.status, repeat.status, two.status]).toEqual([201, 200, 201]);
    expect(repeat.headers.get('location')).toBe(one.headers.get('location'));
    expect(repeat.body.refunds).toHaveLength(1);
    expect(two.body.refunds).toHaveLength(2);
  });
});

describe('a key', () => {
  test('is free again when its request was refused before anything was made', async () => {
    await using api = await startApi();
    const made = await create(api, 'k1');
    expect((await create(api, 'k2')).body).toMatchObject({ code: 'reference-exists' });
    expect((await create(api, 'k2', { reference: 'order-2' })).status).toBe(201);
    const path = `/v1/payments/${made.body.id}/refunds`;
    expect((await api.call('POST', path, { key: 'k3', body: { amount: 5_000 } })).status).toBe(422);
    expect((await api.call('POST', path, { key: 'k3', body: { amount: 50 } })).status).toBe(201);
    expect((await create(api, 'k4', { amount: 0 })).status).toBe(422);
    expect((await create(api, 'k4', { reference: 'order-3' })).status).toBe(201);
  });

  test.each([
    ['none', 'key-missing'],
    ['', 'key-missing'],
    ['k'.repeat(256), 'key-malformed'],
    ['k'.repeat(65_536), 'key-malformed'],
    ['a b', 'key-malformed'],
    ['ké', 'key-malformed'],
  ])('like "%.8s" is refused', async (key, code) => {
    await using api = await startApi();
    const answered = await create(api, key);
    expect(answered).toMatchObject({ status: 400, body: { code, field: 'Idempotency-Key' } });
    expect([...api.state.documents.keys()].filter((name) => !name.startsWith('payment-api-key/'))).toEqual(
      [],
    );
  });

  test('of 255 characters is taken, and each merchant has its own', async () => {
    await using api = await startApi();
    const key = '!'.repeat(255);
    const made = await create(api, key);
    expect(made.status).toBe(201);
    const auth = await api.keyOf('other', ['pay']);
    const other = await api.call('POST', '/v1/payments', { key, auth, body });
    expect(other.status).toBe(201);
    expect(other.body.id).not.toBe(made.body.id);
  });

  test('many repeats at once make one payment', async () => {
    await using api = await startApi();
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(api, 'k')));
    const made = answers.filter(({ status }) => status < 300);
    expect(new Set(made.map(({ body: { id } }) => id)).size).toBe(1);
    expect(answers.filter(({ status }) => status >= 300).every(({ status }) => status === 409)).toBe(true);
    expect(api.sent().filter((each) => each.endsWith('payment_intents.capture'))).toHaveLength(1);
  });
});
