import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declineOf, safeCode } from '../../../shared/connectors/square/declines.ts';
import { errorsOf, faultOf, verdictOf, wordsOf } from '../../../shared/connectors/square/faults.ts';

const error = (category: string, code: string, field?: string) => ({
  ...{ category, code, detail: 'Words of Square with 4111 1111 1111 1111' },
  ...(field !== undefined && { field }),
});
const invalid = (code: string) => error('INVALID_REQUEST_ERROR', code);
const method = (code: string) => error('PAYMENT_METHOD_ERROR', code);

describe('what an answer to a write proves', () => {
  test.each([
    [429, error('RATE_LIMIT_ERROR', 'RATE_LIMITED'), 'refused'],
    [401, error('AUTHENTICATION_ERROR', 'ACCESS_TOKEN_EXPIRED'), 'refused'],
    [403, error('AUTHENTICATION_ERROR', 'INSUFFICIENT_SCOPES'), 'refused'],
    [400, error('MERCHANT_SUBSCRIPTION_ERROR', 'MERCHANT_SUBSCRIPTION_NOT_FOUND'), 'refused'],
    [400, invalid('MISSING_REQUIRED_PARAMETER'), 'refused-for-good'],
    [400, invalid('IDEMPOTENCY_KEY_REUSED'), 'refused-for-good'],
    [404, invalid('NOT_FOUND'), 'refused-for-good'],
    [400, invalid('CARD_TOKEN_USED'), 'refused-for-good'],
    [400, method('CARD_TOKEN_EXPIRED'), 'refused-for-good'],
    [400, error('REFUND_ERROR', 'REFUND_AMOUNT_INVALID'), 'refused-for-good'],
    [400, error('REFUND_ERROR', 'PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE'), 'refused-for-good'],
    [400, error('REFUND_ERROR', 'REFUND_DECLINED'), 'declined'],
    [400, method('GENERIC_DECLINE'), 'declined'],
    [402, method('CARD_EXPIRED'), 'declined'],
    [403, method('CARDHOLDER_INSUFFICIENT_PERMISSIONS'), 'declined'],
    [400, method('A_CODE_OF_TOMORROW'), 'declined'],
    [400, invalid('INVALID_CARD_DATA'), 'declined'],
    [402, error('A_CATEGORY_OF_TOMORROW', 'WHATEVER'), 'declined'],
    [422, error('A_CATEGORY_OF_TOMORROW', 'WHATEVER'), 'declined'],
    [400, error('A_CATEGORY_OF_TOMORROW', 'WHATEVER'), 'unknown'],
    [400, invalid('VERSION_MISMATCH'), 'unknown'],
    [400, invalid('DELAYED_TRANSACTION_CAPTURED'), 'unknown'],
    [400, method('DELAYED_TRANSACTION_CANCELED'), 'unknown'],
    [400, method('TEMPORARY_ERROR'), 'unknown'],
    [400, error('API_ERROR', 'INTERNAL_SERVER_ERROR'), 'unknown'],
    [400, error('EXTERNAL_VENDOR_ERROR', 'PLAID_ERROR'), 'unknown'],
    [408, invalid('REQUEST_TIMEOUT'), 'unknown'],
    [409, invalid('CONFLICT'), 'unknown'],
    [500, error('API_ERROR', 'INTERNAL_SERVER_ERROR'), 'unknown'],
    [503, invalid('BAD_REQUEST'), 'unknown'],
    [504, method('GENERIC_DECLINE'), 'unknown'],
    [302, invalid('BAD_REQUEST'), 'unknown'],
  ] as const)('%i %o is %s', (status, given, verdict) => {
    expect(verdictOf(status, [given])).toBe(verdict);
  });

  test('what is not of Square proves nothing, but limits and credentials do', () => {
    const page = errorsOf('<html>Bad request</html>');
    expect(page.errors).toEqual([]);
    expect([400, 402, 403, 404, 422, 500].map((status) => verdictOf(status, page.errors))).toEqual([
      ...['unknown', 'unknown', 'refused', 'unknown', 'unknown', 'unknown'],
    ]);
    expect(verdictOf(429, [])).toBe('refused');
    expect(verdictOf(401, [])).toBe('refused');
  });

  test('of several errors the most doubtful counts', () => {
    const both = [invalid('BAD_REQUEST'), error('API_ERROR', 'GATEWAY_TIMEOUT')];
    expect(verdictOf(400, both)).toBe('unknown');
    expect(verdictOf(400, [method('CVV_FAILURE'), method('ADDRESS_VERIFICATION_FAILURE')])).toBe('declined');
  });

  test('the table is total, and no 5xx ever proves anything', () => {
    const errors = fc.array(fc.record({ category: fc.string(), code: fc.string() }), { maxLength: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), errors, (status, given) => {
        const verdict = verdictOf(status, given);
        expect(['refused', 'refused-for-good', 'declined', 'unknown']).toContain(verdict);
        if (status >= 500 || status < 400 || status === 408 || status === 409)
          expect(verdict).toBe('unknown');
      }),
    );
  });
});

describe('declines', () => {
  test.each([
    ['CARD_EXPIRED', true],
    ['INVALID_CARD', true],
    ['INVALID_ACCOUNT', true],
    ['ACCOUNT_UNUSABLE', true],
    ['ALLOWABLE_PIN_TRIES_EXCEEDED', true],
    ['PAN_FAILURE', true],
    ['CARD_DECLINED_VERIFICATION_REQUIRED', true],
    ['CVV_FAILURE', true],
    ['ADDRESS_VERIFICATION_FAILURE', true],
    ['GENERIC_DECLINE', false],
    ['INSUFFICIENT_FUNDS', false],
    ['TRANSACTION_LIMIT', false],
    ['CARD_DECLINED_CALL_ISSUER', false],
    ['VOICE_FAILURE', false],
    ['CARD_NOT_SUPPORTED', false],
    ['A_CODE_OF_TOMORROW', false],
  ])('%s is hard: %s', (code, hard) => {
    expect(declineOf(method(code))).toEqual({ code, hard });
  });

  test('a code that is none is not shown', () => {
    expect(safeCode('4111 1111 1111 1111')).toBeUndefined();
    expect(declineOf(method('constructor'))).toEqual({ code: 'GENERIC_DECLINE', hard: false });
    expect(declineOf(undefined)).toEqual({ code: 'GENERIC_DECLINE', hard: false });
  });
});

describe('faults of reads', () => {
  const response = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
    ...{ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
  });
  const body = { errors: [error('INVALID_REQUEST_ERROR', 'INVALID_TIME', 'begin_time')] };

  test.each([
    [429, 'rate-limited'],
    [401, 'auth-expired'],
    [403, 'auth-expired'],
    [408, 'unavailable'],
    [409, 'unavailable'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [400, 'rejected'],
    [302, 'contract-changed'],
  ])('%i is %s', (status, kind) => {
    expect(faultOf(response(status, body), 'payments.list').kind).toBe(kind);
  });

  test('a page of a proxy is a changed contract, and nothing of Square is quoted', () => {
    expect(faultOf(response(404, '<html>'), 'payments.list').kind).toBe('contract-changed');
    const fault = faultOf(response(400, body), 'payments.list');
    expect(fault).toMatchObject({ vendor: 'square', field: 'begin_time', status: 400 });
    expect(fault.message).toContain('INVALID_TIME about begin_time');
    expect(`${fault.message}${wordsOf(400, body.errors[0])}`).not.toContain('4111');
  });

  test('Retry-After is kept to; without one it is a second', () => {
    const limited = { errors: [error('RATE_LIMIT_ERROR', 'RATE_LIMITED')] };
    expect(faultOf(response(429, limited, { 'retry-after': '7' }), 'x').retryAfter).toBe(7_000);
    expect(faultOf(response(429, limited), 'x').retryAfter).toBe(1_000);
    expect(faultOf(response(429, limited, { 'retry-after': 'soon' }), 'x').retryAfter).toBe(1_000);
  });

  test('any answer at all is one fault', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, text) => {
        expect(faultOf(response(status, text), 'x').vendor).toBe('square');
      }),
    );
  });
});
