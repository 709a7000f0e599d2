import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endingOf, faultOf } from '../../../shared/connectors/paypal/faults.ts';
import { CLASS_OF_ISSUE, declineOf, ISSUES } from '../../../shared/connectors/paypal/issues.ts';

const reply = (status: number, body: unknown = {}, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const named = (name: string, issue?: string, field?: string) => ({
  name,
  message: 'secret words of a payer',
  details: issue ? [{ issue, ...(field && { field }) }] : [],
});
const issue = (name: string) => named('UNPROCESSABLE_ENTITY', name);

describe('how a write ended', () => {
  test.each([
    // Refused before anything was done.
    [429, named('RATE_LIMIT_REACHED'), 'refused', 'RATE_LIMIT_REACHED'],
    [401, named('AUTHENTICATION_FAILURE'), 'refused', 'AUTHENTICATION_FAILURE'],
    [403, named('NOT_AUTHORIZED', 'PERMISSION_DENIED'), 'refused', 'PERMISSION_DENIED'],
    [403, '<html>Access denied</html>', 'refused', 'HTTP_403'],
    [
      400,
      named('INVALID_REQUEST', 'MISSING_REQUIRED_PARAMETER', '/intent'),
      'refused',
      'MISSING_REQUIRED_PARAMETER',
    ],
    [404, named('RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID'), 'refused', 'INVALID_RESOURCE_ID'],
    [422, issue('ORDER_NOT_APPROVED'), 'refused', 'ORDER_NOT_APPROVED'],
    [422, issue('ACTION_DOES_NOT_MATCH_INTENT'), 'refused', 'ACTION_DOES_NOT_MATCH_INTENT'],
    // A no to the payer.
    [422, issue('INSTRUMENT_DECLINED'), 'declined', 'INSTRUMENT_DECLINED'],
    [422, issue('PAYER_ACCOUNT_RESTRICTED'), 'declined', 'PAYER_ACCOUNT_RESTRICTED'],
    [422, issue('AUTHORIZATION_EXPIRED'), 'declined', 'AUTHORIZATION_EXPIRED'],
    [422, issue('SOME_NEW_ISSUE'), 'declined', 'SOME_NEW_ISSUE'],
    // Nobody knows.
    [500, named('INTERNAL_SERVER_ERROR'), 'unknown', undefined],
    [502, '<html>bad gateway</html>', 'unknown', undefined],
    [503, named('SERVICE_UNAVAILABLE'), 'unknown', undefined],
    [504, '', 'unknown', undefined],
    [408, '', 'unknown', undefined],
    [409, named('RESOURCE_CONFLICT', 'PREVIOUS_REQUEST_IN_PROGRESS'), 'unknown', undefined],
    [400, '<html>bad request</html>', 'unknown', undefined],
    [404, 'not found', 'unknown', undefined],
    [422, 'no json', 'unknown', undefined],
    [302, '', 'unknown', undefined],
    [422, issue('ORDER_ALREADY_AUTHORIZED'), 'unknown', undefined],
    [422, issue('ORDER_COMPLETION_IN_PROGRESS'), 'unknown', undefined],
    [422, issue('AUTHORIZATION_ALREADY_CAPTURED'), 'unknown', undefined],
    [422, issue('DUPLICATE_INVOICE_ID'), 'unknown', undefined],
    [422, issue('PAYER_ACTION_REQUIRED'), 'payer', undefined],
  ])('%i %j is %s', (status, body, kind, code) => {
    const ending = endingOf(reply(status, body), 'soft');
    expect(ending.kind).toBe(kind);
    if (code !== undefined) expect(ending).toMatchObject({ code });
    expect(JSON.stringify(ending)).not.toContain('secret words');
  });

  test('a wait is told: the header’s, or our own', () => {
    const body = named('RATE_LIMIT_REACHED');
    expect(endingOf(reply(429, body, { 'retry-after': '7' }), 'soft')).toMatchObject({ retryAfter: 7_000 });
    expect(endingOf(reply(429, body), 'soft')).toMatchObject({ retryAfter: 5_000 });
    expect(endingOf(reply(429, body, { 'retry-after': 'soon' }), 'soft')).toMatchObject({
      retryAfter: 5_000,
    });
  });

  test('what is wrong for good is said so, with its field; what passes is not', () => {
    const bad = named('INVALID_REQUEST', 'INVALID_PARAMETER_VALUE', '/purchase_units/0/amount/value');
    expect(endingOf(reply(400, bad), 'soft')).toMatchObject({
      permanent: true,
      field: '/purchase_units/0/amount/value',
    });
    expect(endingOf(reply(422, issue('ORDER_NOT_APPROVED')), 'soft')).not.toHaveProperty('permanent');
    expect(endingOf(reply(401), 'soft')).not.toHaveProperty('permanent');
  });

  test('whatever comes, no 5xx proves anything, and no answer crashes the table', () => {
    const statuses = fc.integer({ min: 300, max: 599 });
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(...CLASS_OF_ISSUE.keys()).map((each) => JSON.stringify(issue(each))),
    );
    fc.assert(
      fc.property(statuses, bodies, (status, body) => {
        const { kind } = endingOf(reply(status, body), 'soft');
        if (status >= 500 || status === 409 || status === 408) expect(kind).toBe('unknown');
        expect(faultOf(reply(status, body), 'orders.get').vendor).toBe('paypal');
      }),
    );
  });
});

test('an issue stands in one class only', () => {
  const all = Object.values(ISSUES).flatMap((names) => names.split(/\s+/));
  expect(CLASS_OF_ISSUE.size).toBe(all.length);
  expect([...CLASS_OF_ISSUE.keys()].every((name) => /^[A-Z][A-Z_]+$/.test(name))).toBe(true);
});

test.each([
  [
    { response_code: '5120', payment_advice_code: '02' },
    { code: '5120', hard: false },
  ],
  [
    { response_code: '5120', payment_advice_code: '03' },
    { code: '5120', hard: true },
  ],
  [
    { response_code: '5120', payment_advice_code: '21' },
    { code: '5120', hard: true },
  ],
  [{ response_code: '9520' }, { code: '9520', hard: true }],
  [{ response_code: '5100' }, { code: '5100', hard: false }],
  [{ response_code: '<b>' }, { code: 'AUTHORIZATION_DENIED', hard: false }],
  [null, { code: 'AUTHORIZATION_DENIED', hard: false }],
])('a processor that says %j means %j', (response, decline) => {
  expect(declineOf(response, 'AUTHORIZATION_DENIED')).toEqual(decline);
});

test.each([
  [500, '', 'unavailable'],
  [503, named('SERVICE_UNAVAILABLE'), 'unavailable'],
  [429, named('RATE_LIMIT_REACHED'), 'rate-limited'],
  [401, named('AUTHENTICATION_FAILURE'), 'auth-expired'],
  [403, named('NOT_AUTHORIZED'), 'auth-expired'],
  [409, named('RESOURCE_CONFLICT'), 'conflict'],
  [400, named('INVALID_REQUEST'), 'rejected'],
  [302, '', 'contract-changed'],
])('%i to a read is the fault %s', (status, body, kind) => {
  expect(faultOf(reply(status, body), 'orders.get')).toMatchObject({ kind, status });
});
