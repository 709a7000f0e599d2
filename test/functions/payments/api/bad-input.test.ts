import { describe, expect, test } from 'vitest';
import { type ApiWorld, type Ask, startApi } from './api-world.ts';

const good = {
  ...{ reference: 'order-1', amount: 1_999, currency: 'EUR' },
  instrument: { stripe: { token: 'pm_card_visa' } },
};
const CARD = '4242424242424242';

function stored(api: ApiWorld): string[] {
  return [...api.state.documents.keys()].filter((name) => !name.startsWith('payment-api-key/'));
}

async function refused(ask: Ask, path = '/v1/payments', method = 'POST') {
  await using api = await startApi();
  const answered = await api.call(method, path, ask);
  expect(stored(api)).toEqual([]);
  expect(api.queue).toEqual([]);
  expect(api.sent()).toEqual([]);
  return { status: answered.status, ...answered.body, headers: answered.headers, text: answered.text };
}

describe('a payment is refused, and nothing is made, when', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['the amount is zero', { amount: 0 }, 'amount'],
    ['the amount is negative', { amount: -5 }, 'amount'],
    ['the amount has a fraction', { amount: 19.99 }, 'amount'],
    ['the amount is too large', { amount: 1_000_000_000_000 }, 'amount'],
    ['the amount is not exact', { amount: 2 ** 53 }, 'amount'],
    ['the amount is decimal text', { amount: '10.00' }, 'amount'],
    ['the amount is an object', { amount: { minor: 5 } }, 'amount'],
    ['there is no amount', { amount: undefined }, 'amount'],
    ['the currency is in small letters', { currency: 'eur' }, 'currency'],
    ['there is no such currency', { currency: 'XXQ' }, 'currency'],
    ['no provider takes the currency', { currency: 'IRR', amount: 100 }, 'amount'],
    ['no provider takes so little', { amount: 1, currency: 'USD' }, 'amount'],
    ['the merchant has no such provider', { instrument: { square: { token: 'x' } } }, 'instrument.square'],
    ['there is no instrument', { instrument: {} }, 'instrument'],
    ['the instrument is text', { instrument: 'pm_card_visa' }, 'instrument'],
    ['the token is empty', { instrument: { stripe: { token: '' } } }, 'instrument.stripe.token'],
    [
      'an inner field is unknown',
      { instrument: { stripe: { token: 'x', cvc: 1 } } },
      'instrument.stripe.cvc',
    ],
    ['a field is unknown', { amout: 5 }, 'amout'],
    ['the reference is empty', { reference: '' }, 'reference'],
    ['the reference is too long', { reference: 'x'.repeat(41) }, 'reference'],
    ['the reference has spaces', { reference: 'a b' }, 'reference'],
    ['the address is not https', { returnUrl: 'http://club.example.test' }, 'returnUrl'],
    ['the address is a script', { returnUrl: 'javascript:alert(1)' }, 'returnUrl'],
    ['its time has passed', { processBefore: '2026-11-24T11:59:59Z' }, 'processBefore'],
    ['its time is a year away', { processBefore: '2027-11-24T12:00:00Z' }, 'processBefore'],
    ['its time is none', { processBefore: 'soon' }, 'processBefore'],
    ['the capture is unknown', { capture: 'later' }, 'capture'],
    ['the text has a line feed', { description: 'a\nb' }, 'description'],
    ['the text has a zero byte', { description: 'a\u0000b' }, 'description'],
    ['the text has half a character', { description: 'a\ud800b' }, 'description'],
    ['the text is long', { description: 'x'.repeat(201) }, 'description'],
  ])('%s', async (_, change, field) => {
    const answered = await refused({ body: { ...good, ...change } });
    expect(answered).toMatchObject({ status: 422, code: 'invalid', field });
    expect(answered).toMatchObject({
      because: expect.stringMatching(/\w/),
      next: expect.stringMatching(/\w/),
    });
    expect(answered.headers.get('content-type')).toBe('application/problem+json');
  });

  test.each<[string, Ask, number, string]>([
    ['the body is not JSON', { body: '{"amount":' }, 400, 'malformed-body'],
    ['the body is not UTF-8', { body: '{}', headers: { 'content-type': 'text/plain' } }, 415, 'media-type'],
    ['the body has no type', { body: '{}', headers: { 'content-type': 'none' } }, 415, 'media-type'],
    ['a key is there twice', { body: '{"amount":1,"\\u0061mount":2}' }, 400, 'malformed-body'],
    ['the body is nested deeply', { body: '['.repeat(30_000) }, 400, 'malformed-body'],
    ['the body is too large', { body: { ...good, description: 'x'.repeat(65_536) } }, 413, 'body-too-large'],
    ['the body is a list', { body: [good] }, 422, 'invalid'],
    ['the body is null', { body: 'null' }, 422, 'invalid'],
    ['there is no body', {}, 422, 'invalid'],
    ['a name is 60 KB long', { body: { ['x'.repeat(60_000)]: 1 } }, 422, 'invalid'],
    ['a name is __proto__', { body: `{"__proto__":{"amount":5},"amount":5}` }, 422, 'invalid'],
  ])('%s', async (_, ask, status, code) => {
    const answered = await refused(ask);
    expect(answered).toMatchObject({ status, code });
    expect(answered.text.length).toBeLessThan(2_000);
  });
});

test('all fields that do not fit are named at once', async () => {
  const answered = await refused({ body: { amount: 'x', currency: 'eur', colour: 1 } });
  const named = (answered as { errors?: { field: string }[] }).errors?.map(({ field }) => field);
  expect(named).toEqual(expect.arrayContaining(['reference', 'amount', 'currency', 'instrument', 'colour']));
});

describe("a card's number", () => {
  test.each<[string, Record<string, unknown> | string]>([
    ['as a token', { ...good, instrument: { stripe: { token: CARD } } }],
    ['with spaces', { ...good, description: 'my card is 4242 4242 4242 4242, thanks' }],
    ['with dashes', { ...good, description: '3782-822463-10005' }],
    ['as a number', { ...good, amount: Number(CARD) }],
    ['as a name', { ...good, [CARD]: 1 }],
    ['in escapes', JSON.stringify(good).replace('order-1', [...CARD].map((d) => `\\u003${d}`).join(''))],
    ['after other digits', { ...good, description: 'order 77 5555 5555 5555 4444' }],
    ['in a body that is no JSON', `{"card":"${CARD}"`],
    ['in a field that is unknown', { ...good, card: { number: CARD, cvc: '123' } }],
  ])('%s is refused, kept nowhere and repeated nowhere', async (_, body) => {
    await using api = await startApi();
    const answered = await api.call('POST', '/v1/payments', { body });
    expect(answered).toMatchObject({ status: 422, body: { code: 'card-number' } });
    const everything = answered.text + JSON.stringify([api.lines, [...api.state.documents]]);
    expect(everything.replaceAll(/\W/g, '')).not.toMatch(/4242424242424242|378282246310005|5555555555554444/);
    expect(stored(api)).toEqual([]);
  });
});

describe('the wrong place:', () => {
  test('an unknown path', async () => {
    expect(await refused({}, '/v2/payments')).toMatchObject({ status: 404, code: 'not-found' });
  });

  test.each([
    ['DELETE', '/v1/payments', 'POST, GET'],
    ['PUT', '/v1/payments/pay_1', 'GET'],
    ['GET', '/v1/payments/pay_1/refunds', 'POST'],
    ['POST', '/v1/providers', 'GET'],
    ['POST', '/docs', 'GET'],
  ])('%s %s', async (method, path, allow) => {
    const answered = await refused({}, path, method);
    expect(answered).toMatchObject({ status: 405, code: 'method-not-allowed' });
    expect(answered.headers.get('allow')).toBe(allow);
  });

  test.each([
    ['/v1/payments/..%2Fpayment-api-key', 404],
    ['/v1/payments/%00', 404],
    [`/v1/payments/${'x'.repeat(5_000)}`, 404],
    ['/v1/payments/%ff', 404],
    ['/v1/payments', 400],
    ['/v1/payments?reference=a&reference=b', 400],
    ['/v1/payments?reference=a&other=b', 400],
    ['/v1/disputes?limit=0', 400],
    ['/v1/disputes?limit=1000', 400],
    ['/v1/disputes?after=xyz', 400],
  ])('GET %.60s', async (path, status) => {
    expect((await refused({}, path, 'GET')).status).toBe(status);
  });
});

test('trouble of our own is a 503 that says to try again, and tells nothing of it', async () => {
  await using api = await startApi();
  api.ports.documents.get = () => Promise.reject(new Error('secret place'));
  const answered = await api.call('GET', '/v1/payments/pay_1');
  expect(answered).toMatchObject({ status: 503, body: { code: 'try-again' } });
  expect(answered.headers.get('retry-after')).toBe('5');
  expect(answered.text).not.toContain('secret place');
});
