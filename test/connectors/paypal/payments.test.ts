import { expect, test } from 'vitest';
import type { Charge, Sent } from '../../../shared/connectors/payment-provider.ts';
import { Fault } from '../../../shared/engine/fault.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import { nodeHttp } from '../session.ts';
import { type Paypal, provider, startPaypal } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const amount = { minor: 4_200, currency: 'EUR' };
const charge = (more: Partial<Charge> = {}): Charge => ({
  key: 'it_p',
  reference: 'inv-1',
  amount,
  instrument: 'card:ok-visa',
  ...more,
});

function answered<T>(sent: Sent<T> | undefined): T {
  if (sent?.kind !== 'answered') throw new Error(`expected an answer, got ${JSON.stringify(sent)}`);
  return sent.shown;
}

async function held(paypal: Paypal, more: Partial<Charge> = {}) {
  const session = paypal.session();
  const { id } = answered(await provider.prepare?.(session, charge(more)));
  answered(await provider.authorise(session, charge({ ...more, key: `${more.key ?? 'it'}_a` }), id));
  return { session, id };
}

const authorisation = (more: Partial<Charge> = {}) => charge({ key: 'it_a', ...more });

test('a write is sent once, whatever comes back, and only reads stand before it', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  const since = session.sent.length;
  paypal.sandbox.setFaults({ 'error-after': true });
  expect((await provider.capture(session, { id, key: 'it_c', amount, final: true })).kind).toBe('unknown');
  expect(session.sent.slice(since)).toEqual(['orders.get', 'authorizations.capture']);
});

test('a refused token is replaced for the next call, and the write is not sent again', async () => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const { id } = answered(await provider.prepare?.(session, charge()));
  paypal.sandbox.setFaults({ 'token-expired': true });
  const since = session.sent.length;
  const refused = await provider.authorise(session, authorisation(), id);
  expect(refused).toMatchObject({ kind: 'refused', code: 'AUTHENTICATION_FAILURE' });
  expect(session.sent.slice(since)).toEqual(['orders.authorize', 'oauth2.token']);
  expect(answered(await provider.authorise(session, authorisation(), id)).standing).toBe('held');
});

test('a read with an expired token gets a new one by itself', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  paypal.sandbox.setFaults({ 'token-expired': true });
  expect((await provider.read(session, id)).kind).toBe('found');
});

test('tokens are kept for their nine hours, and replaced five minutes before', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  paypal.sandbox.advance(9 * HOUR - 6 * MINUTE);
  await provider.read(session, id);
  expect(session.renewals).toBe(1);
  paypal.sandbox.advance(2 * MINUTE);
  await provider.read(session, id);
  expect(session.renewals).toBe(2);
});

test('a write that could not start in time is not sent', async () => {
  await using paypal = await startPaypal();
  const { id } = await held(paypal);
  let late = 0;
  const real = nodeHttp();
  // The reading before the capture takes five seconds.
  const http: Http = async (request) => {
    const response = await real(request);
    if (request.method === 'GET') late += 5_000;
    return response;
  };
  const session = paypal.session({ http, now: () => paypal.now() + late });
  expect(await provider.capture(session, { id, key: 'it_c', amount, final: true })).toMatchObject({
    kind: 'unsent',
  });
  expect(session.sent).not.toContain('authorizations.capture');
  expect(paypal.sandbox.peek('books', 'inv-1')).toMatchObject({ held: 1, captures: 0 });
});

test('an authorisation that lands between the look and the end of an order is not lost', async () => {
  await using paypal = await startPaypal();
  const { id } = answered(await provider.prepare?.(paypal.session(), charge()));
  const real = nodeHttp();
  let landed: string | undefined;
  const http: Http = async (request) => {
    const response = await real(request);
    if (request.method === 'GET' && landed === undefined)
      landed = (await provider.authorise(paypal.session(), authorisation(), id)).kind;
    return response;
  };
  const ended = await provider.void(paypal.session({ http }), { id, key: 'it_v' });
  expect(landed).toBe('answered');
  expect(ended.kind).toBe('unknown');
  expect(answered(await provider.void(paypal.session(), { id, key: 'it_v' })).standing).toBe('voided');
  expect(paypal.sandbox.peek('books', 'inv-1')).toMatchObject({ holds: 1, held: 0, captures: 0 });
});

test('a budget that is spent is the caller’s affair', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  const spent = new Fault('rate-limited', { vendor: 'paypal', operation: 'budget', message: 'no call left' });
  const poor = { ...session, send: async () => Promise.reject(spent) };
  await expect(provider.void(poor, { id, key: 'it_v' })).rejects.toBe(spent);
});

test('a payer approves at PayPal and comes back; before that nothing can be authorised', async () => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const wallet = { instrument: 'paypal', returnUrl: 'https://club.example.org/back?x=1' };
  expect(await provider.prepare?.(session, charge({ instrument: 'paypal' }))).toMatchObject({
    kind: 'refused',
    field: 'returnUrl',
  });
  const shown = answered(await provider.prepare?.(session, charge(wallet)));
  expect(shown).toMatchObject({ standing: 'needs-payer', nextAction: { type: 'redirect' } });
  expect(shown.nextAction?.expiresAt).toBe(paypal.now() + 3 * HOUR);
  expect(await provider.authorise(session, authorisation(wallet), shown.id)).toMatchObject({
    kind: 'refused',
    code: 'ORDER_NOT_APPROVED',
  });
  const page = await fetch(shown.nextAction?.url ?? '', {
    method: 'POST',
    body: 'say=yes',
    redirect: 'manual',
  });
  expect(page.headers.get('location')).toBe(
    `https://club.example.org/back?x=1&token=${shown.id}&PayerID=SANDBOXPAYER1`,
  );
  expect(await provider.read(session, shown.id)).toMatchObject({ shown: { standing: 'prepared' } });
  expect(answered(await provider.authorise(session, authorisation(wallet), shown.id)).standing).toBe('held');
});

test('a step of the payer after the authorisation is told with its address', async () => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const { id } = answered(await provider.prepare?.(session, charge({ instrument: 'card:challenge' })));
  const shown = answered(
    await provider.authorise(session, authorisation({ instrument: 'card:challenge' }), id),
  );
  expect(shown).toMatchObject({ id, standing: 'needs-payer', amount, reference: 'inv-1' });
  expect(shown.nextAction?.url).toContain(id);
});

test('an order that nobody approved is gone after three hours, and another one would do', async () => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const { id } = answered(await provider.prepare?.(session, charge()));
  paypal.sandbox.advance(3 * HOUR + 1);
  expect(await provider.read(session, id)).toEqual({ kind: 'absent' });
  const sent = await provider.authorise(session, authorisation(), id);
  expect(sent).toMatchObject({ kind: 'refused', code: 'INVALID_RESOURCE_ID' });
  expect(sent).not.toHaveProperty('permanent');
  expect(sent).not.toHaveProperty('field');
});

test.each(['4111111111111111', 'card:4111111111111111', 'card:', 'card:a b', 'token:x', ''])(
  'what is no instrument is refused before anything is sent: "%s"',
  async (instrument) => {
    await using paypal = await startPaypal();
    const session = paypal.session();
    const sent = await provider.prepare?.(session, charge({ instrument }));
    expect(sent).toMatchObject({ kind: 'refused', permanent: true, field: 'instrument' });
    expect(JSON.stringify(sent)).not.toContain('4111');
    expect(session.sent).toEqual([]);
  },
);

test('wallets and agreements are charged as cards are', async () => {
  await using paypal = await startPaypal();
  for (const instrument of ['paypal:ok-wallet', 'agreement:ok-agreement']) {
    const { session, id } = await held(paypal, {
      key: instrument.slice(0, 6),
      reference: instrument,
      instrument,
    });
    expect(await provider.read(session, id)).toMatchObject({ shown: { standing: 'held' } });
  }
});

test('while the first request is at work its key is answered 409, which leaves the outcome open', async () => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const { id } = answered(await provider.prepare?.(session, charge()));
  paypal.sandbox.setFaults({ 'in-flight': true });
  expect((await provider.authorise(session, authorisation(), id)).kind).toBe('unknown');
  paypal.sandbox.setFaults({ 'in-flight': false });
  const during = await provider.authorise(session, authorisation(), id);
  expect(during).toMatchObject({ kind: 'unknown', message: expect.stringContaining('IN_PROGRESS') });
  paypal.sandbox.advance(30_000);
  expect(answered(await provider.authorise(session, authorisation(), id)).standing).toBe('held');
  expect(paypal.sandbox.peek('books', 'inv-1')).toMatchObject({ orders: 1, held: 1 });
});

test('a key that PayPal forgot cannot authorise, capture or refund a second time', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  const capture = { id, key: 'it_c', amount, final: true };
  const refund = { id, key: 'it_r', amount: { ...amount, minor: 700 } };
  answered(await provider.capture(session, capture));
  answered(await provider.refund(session, refund));
  paypal.sandbox.advance(6 * HOUR);
  expect((await provider.authorise(session, authorisation(), id)).kind).toBe('unknown');
  paypal.sandbox.advance(45 * DAY);
  expect((await provider.capture(session, capture)).kind).toBe('unknown');
  // The key is the refund's invoice as well, and PayPal refuses a second one of the same invoice.
  expect((await provider.refund(session, refund)).kind).toBe('unknown');
  expect(paypal.sandbox.peek('books', 'inv-1')).toMatchObject({ captures: 1, refunds: 1, refunded: 700 });
});

test('a preparing whose key was forgotten makes another order, which moves no money', async () => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const first = answered(await provider.prepare?.(session, charge()));
  paypal.sandbox.setFaults({ 'keys-pruned': true });
  expect(answered(await provider.prepare?.(session, charge())).id).not.toBe(first.id);
  expect(paypal.sandbox.peek('books', 'inv-1')).toMatchObject({ orders: 2, held: 0, captures: 0 });
});

test('a hold in review is pending, and cannot be captured or voided yet', async () => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const { id } = answered(await provider.prepare?.(session, charge({ instrument: 'card:review' })));
  const shown = answered(await provider.authorise(session, authorisation({ instrument: 'card:review' }), id));
  expect(shown.standing).toBe('pending');
  const early = await provider.void(session, { id, key: 'it_v' });
  expect(early).toMatchObject({ kind: 'refused', code: 'CANNOT_BE_VOIDED' });
  expect(early).not.toHaveProperty('permanent');
  paypal.sandbox.advance(60_000);
  expect(await provider.read(session, id)).toMatchObject({ shown: { standing: 'held' } });
  expect(answered(await provider.void(session, { id, key: 'it_v' })).standing).toBe('voided');
});

test('a capture may be pending first, and nothing is given back of it until then', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  paypal.sandbox.setFaults({ processing: true });
  const capture = { id, key: 'it_c', amount, final: true };
  expect(answered(await provider.capture(session, capture)).standing).toBe('pending');
  const early = await provider.refund(session, { id, key: 'it_r', amount });
  expect(early).toMatchObject({ kind: 'declined', code: 'PENDING_CAPTURE', hard: false });
  paypal.sandbox.advance(60_000);
  expect(await provider.read(session, id)).toMatchObject({
    shown: { standing: 'captured', captured: amount },
  });
  expect(answered(await provider.capture(session, capture)).standing).toBe('captured');
});

test('a part is captured and the rest released', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  const part = { ...amount, minor: 4_000 };
  const shown = answered(await provider.capture(session, { id, key: 'it_c', amount: part, final: true }));
  expect(shown).toMatchObject({ standing: 'captured', amount, captured: part });
  expect((await provider.capture(session, { id, key: 'it_c2', amount: part, final: true })).kind).toBe(
    'unknown',
  );
  expect(paypal.sandbox.peek('books', 'inv-1')).toMatchObject({ held: 0, captures: 1, captured: 4_000 });
});

test('more than was held, or another currency, is refused', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  const capture = (minor: number, currency = 'EUR') =>
    provider.capture(session, {
      id,
      key: `it_c${minor}${currency}`,
      amount: { minor, currency },
      final: true,
    });
  expect(await capture(4_201)).toMatchObject({ kind: 'refused', code: 'MAX_CAPTURE_AMOUNT_EXCEEDED' });
  expect(await capture(4_200, 'USD')).toMatchObject({ kind: 'refused' });
});

test('a hold ends after 29 days', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  paypal.sandbox.advance(29 * DAY + 1);
  expect((await provider.capture(session, { id, key: 'it_c', amount, final: true })).kind).toBe('declined');
  expect(await provider.read(session, id)).toMatchObject({ shown: { standing: 'voided' } });
});

test('a processor’s no is a decline with its code, and shows in the payment', async () => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const { id } = answered(await provider.prepare?.(session, charge({ instrument: 'card:expired_card' })));
  const sent = await provider.authorise(session, authorisation({ instrument: 'card:expired_card' }), id);
  expect(sent).toMatchObject({ kind: 'declined', code: '5400', hard: true });
  expect(await provider.read(session, id)).toMatchObject({
    shown: { standing: 'declined', decline: { code: '5400', hard: true } },
  });
});

test.each([
  ['INSTRUMENT_DECLINED', 'declined'],
  ['TRANSACTION_REFUSED', 'declined'],
  ['PAYEE_ACCOUNT_RESTRICTED', 'refused'],
  ['ORDER_COMPLETION_IN_PROGRESS', 'unknown'],
])('the issue %s ends an authorisation as %s', async (issue, kind) => {
  await using paypal = await startPaypal();
  const session = paypal.session();
  const instrument = `card:issue_${issue}`;
  const { id } = answered(await provider.prepare?.(session, charge({ instrument })));
  expect((await provider.authorise(session, authorisation({ instrument }), id)).kind).toBe(kind);
  expect(paypal.sandbox.peek('books', 'inv-1')).toMatchObject({ held: 0, captures: 0 });
});

test('a disputed payment tells so by webhook, in the list, and gives nothing back meanwhile', async () => {
  await using paypal = await startPaypal();
  const { sandbox } = paypal;
  sandbox.webhooks.aim('https://pay.example.org/hooks/paypal');
  const instrument = 'card:disputed';
  const { session, id } = await held(paypal, { instrument });
  answered(await provider.capture(session, { id, key: 'it_c', amount, final: true }));
  const types: string[] = [];
  await sandbox.webhooks.deliver(async ({ body }) => {
    types.push(JSON.parse(body).event_type);
    return 200;
  });
  expect(types).toContain('CUSTOMER.DISPUTE.CREATED');
  const refund = await provider.refund(session, { id, key: 'it_r', amount });
  expect(refund).toMatchObject({ kind: 'declined', code: 'TRANSACTION_DISPUTED', hard: true });
  sandbox.edit({ record: 'dispute', id: 'PP-D-1', set: { won: true } });
  sandbox.advance(3 * HOUR);
  const window = { from: paypal.now() - DAY, to: paypal.now() };
  const { items } = await provider.settlements(session, window);
  expect(items.map(({ kind, net }) => [kind, net.minor])).toEqual([
    ['charge', 4_200 - 152],
    ['dispute', -4_200],
    ['dispute', 4_200],
  ]);
});

test('windows wider than 31 days are read in parts, and nothing is told twice', async () => {
  await using paypal = await startPaypal();
  const { sandbox } = paypal;
  const from = paypal.now();
  for (let week = 0; week < 10; week += 1) {
    sandbox.edit({ record: 'payment', set: { amount: 1_000 + week, currency: 'EUR' } });
    sandbox.advance(7 * DAY);
  }
  sandbox.edit({ record: 'withdrawal', set: { amount: 5_000, currency: 'EUR' } });
  sandbox.advance(DAY);
  const session = paypal.session();
  const kinds: string[] = [];
  let page: string | undefined;
  do {
    const got = await provider.settlements(session, { from, to: paypal.now(), ...(page && { page }) });
    kinds.push(...got.items.map(({ kind }) => kind));
    page = got.next;
  } while (page !== undefined);
  expect(kinds).toEqual([...Array.from({ length: 10 }, () => 'charge'), 'payout']);
  expect(session.sent.filter((each) => each === 'transactions.list')).toHaveLength(3);
});

test('a list that may still be late says so instead of "absent"', async () => {
  await using paypal = await startPaypal();
  const { session } = await held(paypal);
  const window = { from: paypal.now() - HOUR, to: paypal.now() };
  await expect(provider.find(session, { reference: 'inv-1', ...window })).rejects.toMatchObject({
    kind: 'waiting',
  });
});

test('a webhook may come before the answer to the call', async () => {
  await using paypal = await startPaypal();
  const { sandbox } = paypal;
  sandbox.webhooks.aim('https://pay.example.org/hooks/paypal');
  sandbox.setFaults({ 'webhooks-first': true });
  const session = paypal.session();
  const { id } = answered(await provider.prepare?.(session, charge()));
  const order: string[] = [];
  const call = provider.authorise(session, authorisation(), id).then(() => order.push('answer'));
  while (sandbox.webhooks.nextAt() === undefined) await new Promise((resolve) => setImmediate(resolve));
  await sandbox.webhooks.deliver(async () => {
    order.push('webhook');
    return 200;
  });
  await call;
  expect(order).toEqual(['webhook', 'answer']);
});

test('webhooks that nobody takes are tried up to 25 times in three days, those of a lossy network never', async () => {
  await using paypal = await startPaypal();
  const { sandbox } = paypal;
  sandbox.webhooks.aim('https://pay.example.org/hooks/paypal');
  sandbox.edit({ record: 'withdrawal', set: { amount: 1, currency: 'EUR' } });
  expect(sandbox.webhooks.nextAt()).toBeUndefined();
  sandbox.setFaults({ 'webhooks-lost': true });
  sandbox.edit({ record: 'payment', set: { amount: 1, currency: 'EUR' } });
  expect(sandbox.webhooks.nextAt()).toBeUndefined();
  sandbox.setFaults({ 'webhooks-lost': false });
  await held(paypal);
  let tries = 0;
  while (sandbox.webhooks.nextAt() !== undefined) {
    sandbox.advance(Math.max(0, (sandbox.webhooks.nextAt() ?? 0) - paypal.now()));
    tries += await sandbox.webhooks.deliver(async () => 500);
  }
  expect(tries).toBe(25);
});

test('an answer about another refund, or a void that voided nothing, is no answer', async () => {
  await using paypal = await startPaypal();
  const { session, id } = await held(paypal);
  const real = nodeHttp();
  const http: Http = async (request) => {
    const response = await real(request);
    return request.method === 'POST'
      ? { ...response, body: response.body.replace('"status":"VOIDED"', '"status":"CREATED"') }
      : response;
  };
  expect((await provider.void(paypal.session({ http }), { id, key: 'it_v' })).kind).toBe('unknown');
  expect(answered(await provider.void(session, { id, key: 'it_v' })).standing).toBe('voided');

  const other = await held(paypal, { key: 'it2', reference: 'inv-2' });
  answered(await provider.capture(session, { id: other.id, key: 'it2_c', amount, final: true }));
  paypal.sandbox.setFaults({ 'wrong-answer': true });
  const refund = { id: other.id, key: 'it2_r', amount: { ...amount, minor: 700 } };
  expect((await provider.refund(session, refund)).kind).toBe('unknown');
  paypal.sandbox.setFaults({ 'wrong-answer': false });
  expect(answered(await provider.refund(session, refund)).standing).toBe('succeeded');
  expect(paypal.sandbox.peek('books', 'inv-2')).toMatchObject({ refunds: 1, refunded: 700 });
});
