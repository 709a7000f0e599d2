import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultOf } from '../../../shared/connectors/hubspot/faults.ts';
import { recordFailure } from '../../../shared/connectors/hubspot/record-faults.ts';
import { redact, safeWords } from '../../../shared/connectors/hubspot/safe-words.ts';
import type { Effect } from '../../../shared/engine/session.ts';

const NOW = Date.parse('2026-11-24T17:00:00Z');
const translate = (
  status: number,
  body: unknown,
  effect: Effect = 'read',
  headers: Record<string, string> = {},
) =>
  faultOf(
    { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
    { operation: 'contacts.read', effect, now: NOW, timeZone: 'America/New_York' },
  );
const limit = (policyName: string) => ({ status: 'error', errorType: 'RATE_LIMIT', policyName });
const HTML = '<html>cloudflare</html>';

const ANSWERS = [
  ['a burst', 429, limit('TEN_SECONDLY_ROLLING'), 'read', { kind: 'rate-limited', retryAfter: 10_000 }],
  ['a search', 429, limit('SECONDLY'), 'read', { kind: 'rate-limited', retryAfter: 1_000 }],
  ['the day', 429, limit('DAILY'), 'write', { kind: 'rate-limited', retryAfter: 12 * 3_600_000 }],
  ['a limit without a name', 429, HTML, 'read', { kind: 'rate-limited', retryAfter: 10_000 }],
  ['locked records', 423, {}, 'write', { kind: 'rate-limited', retryAfter: 2_000 }],
  ['no credentials', 401, {}, 'write', { kind: 'auth-expired', mend: 'npm run intertie -- connect hubspot' }],
  ['an outage on a read', 502, HTML, 'read', { kind: 'unavailable' }],
  ['an outage on a write', 502, HTML, 'write', { kind: 'unknown-outcome' }],
  ['503 on a write', 503, HTML, 'write', { kind: 'unknown-outcome' }],
  ['a timeout of the edge on a write', 504, HTML, 'write', { kind: 'unknown-outcome' }],
  ['a late origin on a write', 524, HTML, 'write', { kind: 'unknown-outcome' }],
  ['an origin that refuses connections, on a write', 521, HTML, 'write', { kind: 'unavailable' }],
  ['an unreachable origin, on a write', 523, HTML, 'write', { kind: 'unavailable' }],
  [
    'a conflict',
    409,
    { category: 'CONFLICT', message: 'Contact already exists.' },
    'write',
    { kind: 'conflict' },
  ],
  ['an unknown record', 404, { message: 'resource not found' }, 'read', { kind: 'rejected', status: 404 }],
  ['an unknown path', 404, '', 'read', { kind: 'contract-changed', field: 'apiVersion' }],
  ['a request cut short', 408, '', 'write', { kind: 'unavailable' }],
  ['a redirect', 302, '', 'read', { kind: 'contract-changed' }],
  ['nonsense', 400, 'oops', 'write', { kind: 'rejected' }],
  ['a body that is an array', 400, '[1]', 'write', { kind: 'rejected' }],
] as const;

test.each(
  ANSWERS.map(([name, status, body, effect, expected]) => ({ name, status, body, effect, expected })),
)('$name', ({ status, body, effect, expected }) => {
  expect(translate(status, body, effect)).toMatchObject({ vendor: 'hubspot', status, ...expected });
});

test('a Retry-After is kept where HubSpot sends one', () => {
  expect(translate(477, {}, 'read', { 'retry-after': '7200' }).retryAfter).toBe(7_200_000);
  expect(translate(429, limit('SECONDLY'), 'read', { 'retry-after': '3' }).retryAfter).toBe(3_000);
  expect(translate(429, limit('SECONDLY'), 'read', { 'retry-after': 'soon' }).retryAfter).toBe(1_000);
});

test('missing scopes are named', () => {
  const body = {
    category: 'MISSING_SCOPES',
    message: "This app hasn't been granted all required scopes.",
    errors: [{ context: { requiredGranularScopes: ['crm.objects.contacts.write'] } }],
  };
  const fault = translate(403, body, 'write');
  expect(fault).toMatchObject({ kind: 'auth-expired', mend: expect.stringContaining('connect') });
  expect(fault.message).toContain('crm.objects.contacts.write');
});

describe('a refused property is named, its value is not', () => {
  const inside = JSON.stringify([
    {
      isValid: false,
      message: 'PURPLE was not one of the allowed options',
      error: 'INVALID_OPTION',
      name: 'hs_lead_status',
    },
  ]);
  test.each([
    [
      'from the details',
      { errors: [{ message: 'PURPLE is bad', context: { propertyName: ['hs_lead_status'] } }] },
    ],
    ['from the JSON in the message', { message: `Property values were not valid: ${inside}` }],
    ['from the words', { message: 'Property "hs_lead_status" does not exist' }],
  ])('%s', (_, body) => {
    const fault = translate(400, { category: 'VALIDATION_ERROR', ...body }, 'write');
    expect(fault).toMatchObject({ kind: 'rejected', field: 'hs_lead_status' });
    if (!('errors' in body)) expect(fault.message).not.toContain('PURPLE');
  });

  test('a code that we know is said in our own words', () => {
    const error = { errors: [{ message: 'Email address eve@x.test is invalid', code: 'INVALID_EMAIL' }] };
    expect(safeWords(error)).toBe('HubSpot does not accept this e-mail address (INVALID_EMAIL)');
  });
});

test.each([
  ['an error that is 409 by status', { status: '409', message: 'x' }, { fault: { kind: 'conflict' } }],
  [
    'a unique value that is taken',
    { category: 'VALIDATION_ERROR', errors: [{ code: 'DUPLICATE_VALUE' }] },
    { fault: { kind: 'conflict' } },
  ],
  ['a record that is not there', { category: 'OBJECT_NOT_FOUND' }, { lost: true }],
  ['trouble at HubSpot', { category: 'INTERNAL_ERROR' }, { fault: { kind: 'unknown-outcome' } }],
  [
    'a limit inside a batch',
    { category: 'RATE_LIMITS' },
    { fault: { kind: 'rate-limited', retryAfter: 10_000 } },
  ],
  ['anything else', { message: 'no' }, { fault: { kind: 'rejected' } }],
])('one record of a batch: %s', (_, error, expected) => {
  expect(recordFailure(error, 'contacts.upsert', [])).toMatchObject({ ok: false, ...expected });
});

describe('redaction', () => {
  test.each([
    ['Contact already exists. Existing ID: 51000001', 'Contact already exists. Existing ID: #'],
    ["Email address ann.o'neil+x@sub.example.co.uk is invalid", 'Email address'],
    ['"+44 20 7946 0958" was not a valid number', '"…" was not a valid number'],
    ['call +44 20 7946 0958 now', 'call # now'],
  ])('%s', (words, expected) => {
    expect(redact(words)).toContain(expected);
    expect(redact(words)).not.toMatch(/neil|\d{4}/);
  });

  test('never repeats a value that was sent, wherever it stands', () => {
    const value = fc
      .stringMatching(/^[A-Za-zÀ-ɏ]{3,20}$/)
      .filter((each) => !'the value of was refused by rule'.includes(each));
    fc.assert(
      fc.property(value, fc.array(value, { maxLength: 3 }), (secret, others) => {
        const error = { message: `the value ${secret} of ${others.join(' ')} was refused by rule ${secret}` };
        const result = recordFailure(error, 'contacts.upsert', [secret, ...others]);
        const words = 'fault' in result ? (result.fault?.message ?? '') : '';
        const own = 'HubSpot refuses this record';
        expect(words.replaceAll(own, '')).not.toContain(secret);
      }),
    );
  });

  test('never lets an e-mail address through', () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.string(), fc.string(), (email, before, after) => {
        expect(redact(`${before} ${email} ${after}`)).not.toContain(email);
      }),
    );
  });
});
