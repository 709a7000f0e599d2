import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../../shared/connectors/sandbox.ts';
import { signatureProblem } from '../../../shared/connectors/square/webhook.ts';
import { hintIn } from '../../../shared/connectors/square/webhook-events.ts';
import type { WebhookRequest } from '../../../shared/engine/webhook.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { testSession } from '../session.ts';
import { provider, type SquareWorld, startSquare } from './world.ts';

const URL = 'https://intertie.example.test/hook?flow=payments';
const KEY = 'first-of-two-keys';
const NEW_KEY = 'second-of-two-keys';

const signed = (body: string, key = KEY, url = URL) =>
  createHmac('sha256', key).update(`${url}${body}`).digest('base64');
const request = (body: string, signature = signed(body)): WebhookRequest => ({
  ...{ method: 'POST', url: URL, headers: { 'x-square-hmacsha256-signature': signature } },
  ...{ body: new TextEncoder().encode(body), receivedAt: PAYMENT_START },
});
const read = (asked: WebhookRequest, webhookKeys: string[] | undefined = [KEY]) => {
  const secret = { accessToken: 'EAAA-unused', locationId: 'L1', webhookKeys };
  return provider.webhook(testSession({ account: 'square/main', secret }), asked);
};
const event = (type: string, data: object) =>
  JSON.stringify({ merchant_id: 'M', type, event_id: 'e1', created_at: '2026-11-24T12:00:00Z', data });

describe('the signature', () => {
  test('is wrong as soon as one byte of the body is another', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (body, at) => {
        const bytes = new TextEncoder().encode(body);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ 1;
        expect(signatureProblem({ ...request(body), body: bytes }, [KEY])).toMatch(/^wrong signature/);
      }),
    );
  });

  test('covers the notification URL, its query included', () => {
    const body = event('payment.updated', {});
    for (const url of ['https://intertie.example.test/hook', `${URL}&x=1`, URL.replace('https', 'http')])
      expect(signatureProblem({ ...request(body), url }, [KEY])).toMatch(/^wrong signature/);
  });

  test('is good with either key while one is replaced', () => {
    const body = event('payment.updated', {});
    for (const key of [KEY, NEW_KEY])
      expect(signatureProblem(request(body, signed(body, key)), [KEY, NEW_KEY])).toBeUndefined();
    expect(signatureProblem(request(body, signed(body, NEW_KEY)), [KEY])).toMatch(/^wrong signature/);
  });

  test.each(['', 'AAAA', 'not base64 \u{1f600}', `${signed('x')} `, signed('x').toLowerCase()])(
    'cannot be %s',
    async (signature) => {
      expect(await read(request('x', signature))).toMatchObject({ kind: 'forged' });
    },
  );

  test('is asked for before anything is parsed, and a secret without a key says what to add', async () => {
    expect(await read({ ...request('{'), headers: {} })).toEqual({ kind: 'forged', reason: 'no signature' });
    const secret = { accessToken: 'EAAA-unused', locationId: 'L1' };
    const asked = provider.webhook(testSession({ account: 'square/main', secret }), request('{}'));
    await expect(asked).rejects.toMatchObject({ kind: 'auth-expired', field: 'webhookKeys' });
  });

  test.each(['', '{', '[]', '{}', '{"type":"payment.updated"}', '"text"', 'null'])(
    'a signed %s is malformed',
    async (body) => {
      expect((await read(request(body))).kind).toBe('malformed');
    },
  );
});

describe('events', () => {
  const payment = { id: 'p1', status: 'APPROVED', reference_id: 'club-7' };
  test.each([
    [
      'payment.created',
      { type: 'payment', id: 'p1', object: { payment } },
      { about: 'payment', id: 'p1', reference: 'club-7' },
    ],
    ['payment.updated', { type: 'payment', id: 'p1' }, { about: 'payment', id: 'p1' }],
    [
      'refund.updated',
      { type: 'refund', id: 'p1_r1', object: { refund: { id: 'p1_r1', payment_id: 'p1' } } },
      { about: 'refund', id: 'p1_r1', paymentId: 'p1' },
    ],
    [
      'dispute.state.updated',
      {
        type: 'dispute',
        id: 'd1',
        object: { dispute: { id: 'd1', disputed_payment: { payment_id: 'p1' } } },
      },
      { about: 'dispute', id: 'd1', paymentId: 'p1' },
    ],
    [
      'payout.paid',
      { type: 'payout', id: 'po_1', object: { payout: { id: 'po_1' } } },
      { about: 'payout', id: 'po_1' },
    ],
    ['dispute.evidence.created', { type: 'dispute', id: 'ev1', object: {} }, 'ignored'],
    ['order.created', { type: 'order', id: 'o1', object: {} }, 'ignored'],
    ['payment.updated', { type: 'payment' }, 'ignored'],
    ['a.type.of.tomorrow', { anything: 1 }, 'ignored'],
  ])('%s %o', (type, data, hint) => {
    expect(hintIn(JSON.parse(event(type, data)))).toEqual(hint);
  });

  test('of no use are accepted and counted', async () => {
    const body = event('order.created', { type: 'order', id: 'o1', object: {} });
    expect(await read(request(body))).toEqual({ kind: 'accepted', hints: [], ignored: 1 });
  });
});

describe('what the sandbox delivers', () => {
  const delivered = async ({ sandbox }: SquareWorld, status = 200) => {
    const sent: SandboxRequest[] = [];
    await sandbox.webhooks.deliver(async (each) => {
      sent.push(each);
      return status;
    });
    return sent;
  };

  test('is tried eleven times more within a day, the same bytes each time', async () => {
    await using square = await startSquare();
    square.sandbox.webhooks.aim(URL);
    square.sandbox.edit({ record: 'payment', set: { reference_id: 'x' } });
    const first = await delivered(square, 503);
    expect(first).toHaveLength(1);
    const tries: SandboxRequest[] = [];
    while (square.sandbox.webhooks.nextAt() !== undefined) {
      square.sandbox.advance((square.sandbox.webhooks.nextAt() ?? 0) - square.now());
      tries.push(...(await delivered(square, 503)));
    }
    expect(tries.map(({ headers }) => headers['square-retry-number'])).toEqual(
      Array.from({ length: 11 }, (_, n) => String(n + 1)),
    );
    expect(tries.at(-1)?.headers['square-retry-reason']).toBe('http_error');
    expect(new Set([...first, ...tries].map(({ body }) => body)).size).toBe(1);
    expect(Math.round((square.now() - PAYMENT_START) / 3_600_000)).toBe(24);
  });

  test('may come twice, shuffled or never', async () => {
    await using square = await startSquare();
    square.sandbox.webhooks.aim(URL);
    square.sandbox.setFaults({ 'webhooks-duplicated': true });
    square.sandbox.edit({ record: 'payment' });
    const twice = await delivered(square);
    expect(twice.map(({ body }) => body)).toEqual([twice[0]?.body, twice[0]?.body]);
    square.sandbox.setFaults({ 'webhooks-duplicated': false, 'webhooks-lost': true });
    square.sandbox.edit({ record: 'payment' });
    expect(square.sandbox.webhooks.nextAt()).toBeUndefined();
    square.sandbox.setFaults({ 'webhooks-lost': false, 'webhooks-reordered': true });
    for (let n = 0; n < 10; n += 1) square.sandbox.edit({ record: 'payment', set: { amount: 100 + n } });
    const now = await delivered(square);
    square.sandbox.advance(5_000);
    const all = [...now, ...(await delivered(square))];
    const amounts = all.map(({ body }) => JSON.parse(body).data.object.payment.amount_money.amount);
    expect(amounts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, n) => 100 + n));
    expect(amounts).not.toEqual(amounts.toSorted((a, b) => a - b));
  });
});
