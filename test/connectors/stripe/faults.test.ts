import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultOf } from '../../../shared/connectors/stripe/faults.ts';
import { outcomeOf } from '../../../shared/connectors/stripe/outcome.ts';
import { intentAs } from '../../../shared/connectors/stripe/shown.ts';

const intent = (more: object = {}) => ({
  id: 'pi_1',
  status: 'requires_capture',
  amount: 5_000,
  amount_received: 0,
  currency: 'usd',
  capture_method: 'manual',
  metadata: { intertie_reference: 'r-1' },
  client_secret: 'pi_1_secret_x',
  latest_charge: { id: 'ch_1', captured: false, amount: 5_000, amount_captured: 0, amount_refunded: 0 },
  ...more,
});
const error = (fields: object) => JSON.stringify({ error: { type: 'invalid_request_error', ...fields } });
const card = (fields: object) => error({ type: 'card_error', code: 'card_declined', ...fields });
const ours = intentAs({ id: 'pi_1', amount: { minor: 5_000, currency: 'USD' }, reference: 'r-1' });
const outcome = (status: number, body: string, headers: Record<string, string> = {}) =>
  outcomeOf({ status, body, headers }, ours);

const declinedIntent = intent({
  status: 'requires_payment_method',
  last_payment_error: { code: 'card_declined', decline_code: 'stolen_card' },
});

describe('what an answer to a write proves', () => {
  test.each([
    ['ours', 200, JSON.stringify(intent()), { kind: 'answered', shown: { id: 'pi_1', standing: 'held' } }],
    ['cut short', 200, '{"id":"pi_1"', { kind: 'unknown' }],
    ['a page', 200, '<html>', { kind: 'unknown' }],
    ['empty', 204, '', { kind: 'unknown' }],
    ['another payment', 200, JSON.stringify(intent({ id: 'pi_2' })), { kind: 'unknown' }],
    ['another amount', 200, JSON.stringify(intent({ amount: 5_001 })), { kind: 'unknown' }],
    ['another currency', 200, JSON.stringify(intent({ currency: 'eur' })), { kind: 'unknown' }],
    ['another reference', 200, JSON.stringify(intent({ metadata: {} })), { kind: 'unknown' }],
    ['takes at once', 200, JSON.stringify(intent({ capture_method: 'automatic' })), { kind: 'unknown' }],
    ['a new state', 200, JSON.stringify(intent({ status: 'requires_luck' })), { kind: 'unknown' }],
    [
      'bad request',
      400,
      error({ code: 'parameter_missing', param: 'amount' }),
      { kind: 'refused', field: 'amount' },
    ],
    ['reused key', 400, error({ type: 'idempotency_error' }), { kind: 'refused', code: 'idempotency_error' }],
    ['400 of a proxy', 400, '<html>', { kind: 'unknown' }],
    ['wrong key', 401, error({}), { kind: 'refused', code: 'invalid_request_error' }],
    ['401 of the edge', 401, '', { kind: 'refused', code: 'http_401' }],
    ['no permission', 403, error({ code: 'more_permissions_required' }), { kind: 'refused' }],
    [
      'no such payment',
      404,
      error({ code: 'resource_missing', param: 'intent' }),
      { kind: 'refused', permanent: true },
    ],
    ['404 of a proxy', 404, 'not found', { kind: 'unknown' }],
    ['limit', 429, error({ code: 'rate_limit' }), { kind: 'refused', code: 'rate_limit', retryAfter: 1_000 }],
    ['lock', 429, error({ code: 'lock_timeout' }), { kind: 'unknown' }],
    [
      'key in use',
      409,
      error({ type: 'idempotency_error', code: 'idempotency_key_in_use' }),
      { kind: 'unknown' },
    ],
    ['behind Stripe', 424, error({ type: 'api_error' }), { kind: 'unknown' }],
    ['request timeout', 408, '', { kind: 'unknown' }],
    ['moved', 302, '', { kind: 'unknown' }],
    ['internal error', 500, error({ type: 'api_error' }), { kind: 'unknown' }],
    ['bad gateway', 502, '<html>', { kind: 'unknown' }],
    ['unavailable', 503, error({ type: 'api_error', code: 'rate_limit' }), { kind: 'unknown' }],
    [
      'soft',
      402,
      card({ decline_code: 'insufficient_funds' }),
      { kind: 'declined', code: 'insufficient_funds', hard: false },
    ],
    ['hard', 402, card({ decline_code: 'lost_card' }), { kind: 'declined', code: 'lost_card', hard: true }],
    [
      'advice beats the code',
      402,
      card({ decline_code: 'do_not_honor', advice_code: 'do_not_try_again' }),
      { hard: true },
    ],
    [
      'and the other way',
      402,
      card({ decline_code: 'lost_card', advice_code: 'try_again_later' }),
      { hard: false },
    ],
    [
      'unlisted',
      402,
      card({ decline_code: 'brand_new_reason' }),
      { kind: 'declined', code: 'brand_new_reason', hard: false },
    ],
    [
      'no code of its own',
      402,
      error({ type: 'card_error', code: 'expired_card' }),
      { code: 'expired_card', hard: true },
    ],
    [
      'needs the payer',
      402,
      card({ code: 'authentication_required', decline_code: 'authentication_required' }),
      { hard: true },
    ],
    [
      'with its payment',
      402,
      card({ decline_code: 'stolen_card', payment_intent: declinedIntent }),
      { kind: 'declined', shown: { standing: 'declined', decline: { code: 'stolen_card', hard: true } } },
    ],
    ['of another payment', 402, card({ payment_intent: intent({ id: 'pi_2' }) }), { kind: 'unknown' }],
    ['402 of a proxy', 402, 'pay first', { kind: 'unknown' }],
    [
      'state',
      400,
      error({ code: 'payment_intent_unexpected_state', payment_intent: intent({ status: 'canceled' }) }),
      { kind: 'answered', shown: { standing: 'voided' } },
    ],
    ['state untold', 400, error({ code: 'payment_intent_unexpected_state' }), { kind: 'unknown' }],
    [
      'state of another',
      400,
      error({ code: 'payment_intent_unexpected_state', payment_intent: intent({ id: 'pi_3' }) }),
      { kind: 'unknown' },
    ],
  ])('%s (%i)', (_, status, body, expected) => {
    expect(outcome(status, body)).toMatchObject(expected);
  });

  test('Retry-After is heeded where there is one', () => {
    const sent = outcome(429, error({ code: 'rate_limit' }), { 'retry-after': '7' });
    expect(sent).toMatchObject({ kind: 'refused', retryAfter: 7_000 });
    expect(sent).not.toHaveProperty('permanent');
  });

  test('no words of Stripe get into a message, for they quote what was sent', () => {
    const body = error({
      code: 'resource_missing',
      message: "No such PaymentMethod: 'pm_secret'",
      param: 'payment_method',
    });
    expect(JSON.stringify(outcome(400, body))).not.toContain('pm_secret');
  });

  test('total, and only a 2xx with our payment or its state is an answer', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(error({}), card({}), JSON.stringify(intent())),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), bodies, (status, body) => {
        const sent = outcome(status, body);
        if (sent.kind === 'answered') expect(body).toBe(JSON.stringify(intent()));
        if (status >= 500 || status < 200) expect(sent.kind).toBe('unknown');
        if (status >= 300 && status < 400) expect(sent.kind).toBe('unknown');
      }),
    );
  });
});

describe('states', () => {
  test.each([
    ['requires_payment_method', {}, 'prepared'],
    ['requires_payment_method', { last_payment_error: { code: 'card_declined' } }, 'declined'],
    ['requires_confirmation', {}, 'prepared'],
    ['requires_action', {}, 'needs-payer'],
    ['processing', {}, 'pending'],
    ['requires_capture', {}, 'held'],
    ['succeeded', { amount_received: 5_000 }, 'captured'],
    ['canceled', { cancellation_reason: 'abandoned' }, 'voided'],
    ['canceled', { cancellation_reason: 'automatic' }, 'expired'],
    ['canceled', { cancellation_reason: 'expired' }, 'expired'],
  ])('%s %j is %s', (status, more, standing) => {
    const sent = outcome(200, JSON.stringify(intent({ status, ...more })));
    expect(sent).toMatchObject({ kind: 'answered', shown: { standing } });
  });

  test.each([
    ['nothing given back', 1_000, 0],
    ['some of it', 1_300, 300],
    // Should Stripe one day not count the released rest.
    ['rest not counted', 300, 300],
  ])('a released rest is no refund: %s', (_, amount_refunded, refunded) => {
    const latest_charge = {
      id: 'ch_1',
      captured: true,
      amount: 5_000,
      amount_captured: 4_000,
      amount_refunded,
    };
    const sent = outcome(
      200,
      JSON.stringify(intent({ status: 'succeeded', amount_received: 4_000, latest_charge })),
    );
    expect(sent).toMatchObject({ shown: { captured: { minor: 4_000 }, refunded: { minor: refunded } } });
  });
});

test.each([
  [429, error({ code: 'rate_limit' }), 'rate-limited'],
  [401, '', 'auth-expired'],
  [403, error({}), 'auth-expired'],
  [409, error({}), 'unavailable'],
  [500, '', 'unavailable'],
  [503, '<html>', 'unavailable'],
  [400, error({ param: 'created' }), 'rejected'],
  [404, '<html>', 'contract-changed'],
  [302, '', 'contract-changed'],
])('a read that is answered %i %s is %s', (status, body, kind) => {
  expect(faultOf({ status, body, headers: {} }, 'payment_intents.list').kind).toBe(kind);
});
