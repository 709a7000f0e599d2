import { expect, test } from 'vitest';
import type { SandboxOptions } from '../../../shared/connectors/sandbox.ts';
import { startSquare } from './world.ts';

/** As much of Square's answers as is looked at here. */
interface Body {
  payment: { id: string; status: string; version_token: string; delayed_until: string };
  payments?: unknown[];
  errors: { code: string }[];
}

/** The sandbox spoken to in plain HTTP, for what neither the connector nor Square's client does. */
async function bench(options: Partial<SandboxOptions> = {}) {
  const square = await startSquare(options);
  const { sandbox } = square;
  const ask = async (method: string, path: string, body?: unknown) => {
    const authorization = `Bearer ${square.secret.accessToken}`;
    const headers = { authorization, 'content-type': 'application/json', connection: 'close' };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const reply = await fetch(`${square.baseUrl}${path}`, init);
    return { status: reply.status, body: (await reply.json()) as Body };
  };
  const pay = (key: string, more: object = {}) =>
    ask('POST', '/v2/payments', {
      ...{ source_id: 'cnon:card-nonce-ok', idempotency_key: key, autocomplete: false },
      ...{ amount_money: { amount: 5_000, currency: 'USD' }, reference_id: 'club-7' },
      ...more,
    });
  return { ...square, sandbox, ask, pay, books: () => sandbox.peek('books', 'club-7') };
}

test.each([
  [{ nonsense: 1 }, 'UNKNOWN_BODY_PARAMETER', 'nonsense'],
  [{ source_id: undefined }, 'MISSING_REQUIRED_PARAMETER', 'source_id'],
  [{ idempotency_key: 'k'.repeat(46) }, 'VALUE_TOO_LONG', 'idempotency_key'],
  [{ reference_id: 'r'.repeat(41) }, 'VALUE_TOO_LONG', 'reference_id'],
  [{ amount_money: { amount: 0, currency: 'USD' } }, 'VALUE_TOO_LOW', 'amount_money.amount'],
  [{ amount_money: { amount: 1.5, currency: 'USD' } }, 'INVALID_VALUE', 'amount_money.amount'],
  [{ amount_money: { amount: 500, currency: 'EUR' } }, 'INVALID_VALUE', 'amount_money.currency'],
  [{ source_id: 'cnon:nobody' }, 'NOT_FOUND', 'source_id'],
  [{ location_id: 'LOTHER' }, 'NOT_FOUND', 'location_id'],
  [{ delay_duration: 'a week' }, 'INVALID_VALUE', 'delay_duration'],
])('it is as strict as Square: %o', async (more, code, field) => {
  await using square = await bench();
  const { pay, books } = square;
  const { status, body } = await pay('k1', more);
  expect([400, 404]).toContain(status);
  expect(body.errors).toMatchObject([{ category: 'INVALID_REQUEST_ERROR', code, field }]);
  expect(books()).toMatchObject({ payments: 0 });
  // What was refused before anything was done frees its key.
  if (field !== 'idempotency_key') expect((await pay('k1')).status).toBe(200);
});

test('a request on its way is answered 409 under its key, and arrives', async () => {
  await using square = await bench();
  const { sandbox, pay, books } = square;
  sandbox.setFaults({ 'in-flight': true });
  await expect(pay('k1')).rejects.toThrow('fetch failed');
  sandbox.setFaults({ 'in-flight': false });
  expect(await pay('k1')).toMatchObject({ status: 409, body: { errors: [{ code: 'CONFLICT' }] } });
  expect(books()).toMatchObject({ payments: 0 });
  sandbox.advance(30_000);
  expect(books()).toMatchObject({ payments: 1, held: 1 });
  expect((await pay('k1')).status).toBe(200);
  expect(books()).toMatchObject({ payments: 1, held: 1 });
});

test('a request that arrives late under a key that was used since does nothing', async () => {
  await using square = await bench();
  const { sandbox, pay, books } = square;
  sandbox.setFaults({ 'late-writes': true });
  await expect(pay('k1')).rejects.toThrow('fetch failed');
  sandbox.setFaults({ 'late-writes': false });
  expect((await pay('k1')).status).toBe(200);
  sandbox.advance(60_000);
  expect(books()).toMatchObject({ payments: 1, held: 1 });
});

test('a key that was forgotten makes a second payment', async () => {
  await using square = await bench();
  const { sandbox, pay, books } = square;
  await pay('k1');
  sandbox.advance(86_400_000);
  await pay('k1');
  sandbox.setFaults({ 'keys-pruned': true });
  await pay('k1');
  expect(books()).toMatchObject({ payments: 3 });
});

test('an error may stand for what was done and for what was not, and stays under the key', async () => {
  await using square = await bench();
  const { sandbox, pay, books } = square;
  for (const [fault, key, payments] of [
    ['error-after', 'k1', 1],
    ['error-before', 'k2', 1],
  ] as const) {
    sandbox.setFaults({ [fault]: true });
    expect((await pay(key)).status).toBe(500);
    sandbox.setFaults({ [fault]: false });
    expect((await pay(key)).status).toBe(500);
    expect(books()).toMatchObject({ payments });
  }
});

test('a hold that was told to complete takes the money by itself', async () => {
  await using square = await bench();
  const { sandbox, pay, books } = square;
  await pay('k1', { delay_action: 'COMPLETE', delay_duration: 'PT2H' });
  sandbox.advance(2 * 3_600_000 - 1);
  expect(books()).toMatchObject({ held: 1, captures: 0 });
  sandbox.advance(1);
  expect(books()).toMatchObject({ held: 0, captures: 1, captured: 5_000 });
});

test('what happens by itself happens at its own time, also after a long sleep', async () => {
  await using square = await bench();
  const { sandbox, pay, ask } = square;
  const { body } = await pay('k1');
  sandbox.advance(30 * 86_400_000);
  const { payment } = (await ask('GET', `/v2/payments/${body.payment.id}`)).body;
  expect(payment).toMatchObject({ status: 'CANCELED', updated_at: payment.delayed_until });
});

test('a version that is gone is a mismatch', async () => {
  await using square = await bench();
  const { pay, ask } = square;
  const { payment } = (await pay('k1')).body;
  const complete = `/v2/payments/${payment.id}/complete`;
  expect(await ask('POST', complete, { version_token: 'other' })).toMatchObject({
    ...{ status: 400, body: { errors: [{ code: 'VERSION_MISMATCH' }] } },
  });
  expect((await ask('POST', complete, { version_token: payment.version_token })).status).toBe(200);
  expect((await ask('POST', complete, {})).status).toBe(400);
});

test('lists may be a minute behind', async () => {
  await using square = await bench();
  const { sandbox, pay, ask } = square;
  sandbox.setFaults({ 'lists-behind': true });
  await pay('k1');
  sandbox.advance(59_999);
  expect((await ask('GET', '/v2/payments')).body).toEqual({});
  sandbox.advance(1);
  expect((await ask('GET', '/v2/payments')).body.payments).toHaveLength(1);
});

test.each([
  ['/v2/payments?cursor=nonsense', 'INVALID_CURSOR'],
  ['/v2/payments?begin_time=yesterday', 'INVALID_TIME'],
  ['/v2/payments?sort_order=UP', 'INVALID_VALUE'],
  ['/v2/payouts/nobody/payout-entries', 'NOT_FOUND'],
  ['/v2/nothing', 'NOT_FOUND'],
])('%s is refused', async (path, code) => {
  await using square = await bench();
  expect((await square.ask('GET', path)).body.errors[0]?.code).toBe(code);
});

test('over its limit a call is refused, and nothing is done', async () => {
  await using square = await bench({ rateScale: 0.1 });
  const { pay, books } = square;
  const statuses = [];
  for (const key of ['k1', 'k2', 'k3']) statuses.push((await pay(key)).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect(books()).toMatchObject({ payments: 2 });
});

test('the desk refuses what Square would, and says what there is', async () => {
  await using square = await bench();
  const { sandbox } = square;
  const id = sandbox.edit({ record: 'payment' });
  expect(() => sandbox.edit({ record: 'refund', set: { payment_id: id } })).toThrow('completed first');
  expect(() => sandbox.edit({ record: 'dispute', set: { payment_id: id } })).toThrow('only what was taken');
  expect(() => sandbox.edit({ record: 'payment', id: 'nobody', set: { cancel: true } })).toThrow(
    'Could not find',
  );
  expect(() => sandbox.edit({ record: 'payout' })).toThrow('nothing to pay out');
  expect(() => sandbox.edit({ record: 'order' })).toThrow('payment, refund, dispute, payout, location');
  sandbox.edit({ record: 'location', set: { currency: 'JPY' } });
  const yen = sandbox.edit({ record: 'payment', set: { amount: 1_500 } });
  expect(sandbox.peek('payment', yen)).toMatchObject({ amount_money: { amount: 1_500, currency: 'JPY' } });
});

test('ordinary changes are the same for the same seed, and each is a revision', async () => {
  const told = async (seed: number) => {
    await using square = await bench({ seed });
    const { sandbox } = square;
    const revisions = Array.from({ length: 30 }, () => {
      sandbox.act();
      return sandbox.revision();
    });
    expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
    return JSON.stringify(sandbox.state('http://127.0.0.1'));
  };
  expect(await told(7)).toBe(await told(7));
  expect(await told(7)).not.toBe(await told(8));
  expect(JSON.parse(await told(7)).records.refund).toBeGreaterThan(0);
});
