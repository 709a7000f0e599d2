import { describe, expect, test } from 'vitest';
import { startApi } from './api-world.ts';

describe('a payment', () => {
  test('is made at once and shown', async () => {
    await using api = await startApi();
    const made = await api.pay({ reference: 'order-1' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ status: 'captured', failover: 'no-instrument' });
    expect(made.body.amounts).toEqual({ authorised: 1_999, captured: 1_999, refunded: 0, refundable: 1_999 });
    expect(made.headers.get('location')).toBe(`/v1/payments/${made.body.id}`);
    expect((await api.call('GET', `/v1/payments/${made.body.id}`)).body).toEqual(made.body);
    expect((await api.call('GET', '/v1/payments?reference=order-1')).body).toEqual({ items: [made.body] });
    const timeline = await api.call('GET', `/v1/payments/${made.body.id}/timeline`);
    expect(timeline.text).toContain('capture succeeded');
    expect(api.queue[0]).toMatchObject({ errand: { collection: 'payment', id: made.body.id } });
  });
});
