import { describe, expect, test } from 'vitest';
import { createKey, endKey, listKeys } from '../../../../functions/payments/api/api-key.ts';
import { startApi } from './api-world.ts';

const HOUR = 3_600_000;

describe('an API key', () => {
  test.each(['', 'itk_000000000000_00000000000000000000', 'nonsense', 'itk__'])(
    '"%s" is none',
    async (auth) => {
      await using api = await startApi();
      const answered = await api.call('GET', '/v1/providers', { auth });
      expect(answered).toMatchObject({
        status: 401,
        body: { code: 'unauthenticated', field: 'Authorization' },
      });
      expect(answered.headers.get('www-authenticate')).toContain('Bearer');
    },
  );

  test('with another secret is none', async () => {
    await using api = await startApi();
    const text = await api.keyOf('club', ['read']);
    const other = (await api.keyOf('club', ['read'])).split('_')[2];
    const mixed = text.replace(/[^_]+$/, other ?? '');
    expect((await api.call('GET', '/v1/providers', { auth: mixed })).status).toBe(401);
    expect((await api.call('GET', '/v1/providers', { auth: text })).status).toBe(200);
  });

  test('does what its scopes say and nothing else', async () => {
    await using api = await startApi();
    const made = await api.pay();
    const id = made.body.id ?? '';
    const wants = [
      ['read', 'GET', `/v1/payments/${id}`],
      ['read', 'GET', '/v1/disputes'],
      ['pay', 'POST', `/v1/payments/${id}/sync`],
      ['pay', 'POST', `/v1/payments/${id}/void`],
      ['refund', 'POST', `/v1/payments/${id}/refunds`],
      ['operate', 'POST', `/v1/payments/${id}/resolve`],
      ['operate', 'PUT', '/v1/providers/stripe/circuit'],
    ] as const;
    for (const has of ['read', 'pay', 'refund', 'operate'] as const) {
      const auth = await api.keyOf('club', [has]);
      for (const [scope, method, path] of wants) {
        const { status } = await api.call(method, path, { auth });
        if (scope === has) expect(status, `${has} ${path}`).not.toBe(403);
        else expect(status, `${has} ${path}`).toBe(403);
      }
    }
  });

  test("never shows another merchant's payment, refund or dispute", async () => {
    await using api = await startApi();
    const made = await api.pay({ reference: 'order-1' });
    const path = `/v1/payments/${made.body.id}`;
    const refunded = await api.call('POST', `${path}/refunds`, { body: { amount: 100 } });
    const refund = refunded.headers.get('location') ?? '';
    const auth = await api.keyOf('other', ['read', 'pay', 'refund', 'operate']);
    for (const hidden of [path, `${path}/timeline`, refund, '/v1/disputes/stripe.club'])
      expect((await api.call('GET', hidden, { auth })).status, hidden).toBe(404);
    const before = JSON.stringify([...api.state.documents].filter(([name]) => name.startsWith('payment/')));
    for (const act of ['capture', 'void', 'sync'])
      expect((await api.call('POST', `${path}/${act}`, { auth })).status, act).toBe(404);
    expect((await api.call('POST', `${path}/refunds`, { auth, body: { amount: 1 } })).status).toBe(404);
    expect(JSON.stringify([...api.state.documents].filter(([name]) => name.startsWith('payment/')))).toBe(
      before,
    );
    expect((await api.call('GET', '/v1/payments?reference=order-1', { auth })).body).toEqual({ items: [] });
    const own = await api.pay(
      { reference: 'order-1', instrument: { paypal: { token: 'card:ok-1' } } },
      { auth },
    );
    expect(own.body.status).toBe('captured');
  });

  test('takes over from another one: both are valid until the first has ended', async () => {
    await using api = await startApi();
    const { ports, clock } = api;
    const made = { merchant: 'club', title: 'web shop', scopes: ['read' as const] };
    const first = await createKey(ports, made);
    await clock.advance(1_000);
    const second = await createKey(ports, made);
    await endKey(ports, first.key.id, clock.now() + HOUR);
    const works = async (auth: string) => (await api.call('GET', '/v1/providers', { auth })).status;
    expect([await works(first.text), await works(second.text)]).toEqual([200, 200]);
    await clock.advance(HOUR);
    expect([await works(first.text), await works(second.text)]).toEqual([401, 200]);
    await endKey(ports, first.key.id, clock.now() + HOUR);
    expect(await works(first.text)).toBe(401);
    const listed = await listKeys(ports.documents, 'club');
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining([first.key.id, second.key.id]));
    expect(JSON.stringify(listed)).not.toContain(first.text.split('_')[2]);
  });

  test('of a merchant that is not served any more is refused', async () => {
    await using api = await startApi();
    const auth = await api.keyOf('gone', ['read']);
    expect((await api.call('GET', '/v1/providers', { auth })).status).toBe(403);
  });
});
