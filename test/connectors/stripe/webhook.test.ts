import fc from 'fast-check';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { signatureProblem } from '../../../shared/connectors/stripe/webhook.ts';
import type { WebhookRequest } from '../../../shared/engine/webhook.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { testSession } from '../session.ts';
import { provider } from './world.ts';

const SECRET = 'whsec_first_of_two';
const NEW_SECRET = 'whsec_second_of_two';
const oracle = new Stripe('sk_test_unused_key').webhooks;
const seconds = PAYMENT_START / 1_000;

const secretOf = (webhookSecrets: string[]) => ({ apiKey: 'sk_test_unused_key', webhookSecrets });
const event = (object: object, type = 'payment_intent.succeeded') =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } });
const signed = (payload: string, secret = SECRET, timestamp = seconds) =>
  oracle.generateTestHeaderString({ payload, secret, timestamp });
const request = (body: string, header: string, receivedAt = PAYMENT_START): WebhookRequest => ({
  method: 'POST',
  url: 'https://intertie.example.test/hook',
  headers: { 'stripe-signature': header },
  body: new TextEncoder().encode(body),
  receivedAt,
});
const read = (asked: WebhookRequest, secrets = [SECRET]) =>
  provider.webhook(testSession({ account: 'stripe/main', secret: secretOf(secrets) }), asked);

describe('signatures made by the official library', () => {
  test('are accepted, whatever the body', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) => {
        expect(signatureProblem(request(body, signed(body)), [SECRET])).toBeUndefined();
      }),
    );
  });

  test('are refused as soon as one byte of the body is another', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (body, at) => {
        const bytes = new TextEncoder().encode(body);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ 1;
        expect(signatureProblem({ ...request(body, signed(body)), body: bytes }, [SECRET])).toBe(
          'wrong signature',
        );
      }),
    );
  });

  test.each([
    [-300_000, undefined],
    [-300_001, 'timestamp from the future'],
    [300_000, undefined],
    [300_001, 'stale timestamp'],
  ])('%i ms from our clock: %s', (off, problem) => {
    const body = event({});
    expect(signatureProblem(request(body, signed(body), PAYMENT_START + off), [SECRET])).toBe(problem);
  });

  test('two secrets are good while one is rolled, on either side', () => {
    const body = event({});
    const [old, fresh] = [signed(body), signed(body, NEW_SECRET)];
    const both = `${old},${fresh.split(',')[1]}`;
    const cases = [
      [old, [SECRET, NEW_SECRET]],
      [fresh, [SECRET, NEW_SECRET]],
      [both, [SECRET]],
      [both, [NEW_SECRET]],
    ] as const;
    for (const [header, secrets] of cases)
      expect(signatureProblem(request(body, header), secrets)).toBeUndefined();
    expect(signatureProblem(request(body, fresh), [SECRET])).toBe('wrong signature');
  });

  test.each([
    ['', 'no usable timestamp'],
    ['t=,v1=', 'no usable timestamp'],
    [`t=${seconds}`, 'no signature of scheme v1'],
    [`t=${seconds},t=${seconds},v1=00`, 'no usable timestamp'],
    [`t=${seconds},v1=00`, 'wrong signature'],
    [`t=${seconds}${',v1=00'.repeat(11)}`, 'too many signatures'],
    [`t=${seconds},v0=${signed('{}').split('v1=')[1]}`, 'no signature of scheme v1'],
    [`t=-${seconds},v1=00`, 'no usable timestamp'],
    [`t=1e9,v1=00`, 'no usable timestamp'],
  ])('the header %s: %s', (header, problem) => {
    expect(signatureProblem(request('{}', header), [SECRET])).toBe(problem);
  });

  test('no header at all', () => {
    expect(signatureProblem({ ...request('{}', ''), headers: {} }, [SECRET])).toBe('no signature');
  });

  test('any other header is refused and never an exception', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(signatureProblem(request('{}', header), [SECRET])).toBeTypeOf('string');
      }),
    );
  });
});

describe('what is inside', () => {
  test.each([
    [
      { object: 'payment_intent', id: 'pi_1', metadata: { intertie_reference: 'r-1' } },
      { about: 'payment', id: 'pi_1', reference: 'r-1' },
    ],
    [
      { object: 'payment_intent', id: 'pi_1' },
      { about: 'payment', id: 'pi_1' },
    ],
    [
      { object: 'charge', id: 'ch_1', payment_intent: 'pi_1' },
      { about: 'payment', id: 'pi_1' },
    ],
    [
      { object: 'refund', id: 're_1', payment_intent: 'pi_1' },
      { about: 'refund', id: 're_1', paymentId: 'pi_1' },
    ],
    [
      { object: 'refund', id: 're_1', payment_intent: null },
      { about: 'refund', id: 're_1' },
    ],
    [
      { object: 'dispute', id: 'du_1', payment_intent: 'pi_1' },
      { about: 'dispute', id: 'du_1', paymentId: 'pi_1' },
    ],
    [
      { object: 'payout', id: 'po_1' },
      { about: 'payout', id: 'po_1' },
    ],
  ])('%j is a hint', async (object, hint) => {
    const body = event(object);
    expect(await read(request(body, signed(body)))).toEqual({ kind: 'accepted', hints: [hint], ignored: 0 });
  });

  test.each([
    [event({ object: 'customer', id: 'cus_1' }, 'customer.created')],
    [event({ object: 'charge', id: 'ch_1' }, 'charge.succeeded')],
    [event({ object: 'plan' }, 'plan.created')],
    [event({}, 'brand.new.event')],
    [JSON.stringify({ id: 'evt_1', object: 'event', type: 'x', data: null })],
    [JSON.stringify({ id: 'evt_1', object: 'v2.core.event', type: 'v2.core.account.updated' })],
  ])('%s is accepted and ignored', async (body) => {
    expect(await read(request(body, signed(body)))).toEqual({ kind: 'accepted', hints: [], ignored: 1 });
  });

  test.each([[''], ['null'], ['[]'], ['{}'], ['{"object":"event"}'], ['not json']])(
    '%s is malformed',
    async (body) => {
      expect(await read(request(body, signed(body)))).toMatchObject({ kind: 'malformed' });
    },
  );

  test('without a signing secret the account has to be connected again', async () => {
    const session = testSession({ account: 'stripe/main', secret: { apiKey: 'sk_test_unused_key' } });
    const asked = provider.webhook(session, request('{}', signed('{}')));
    await expect(asked).rejects.toMatchObject({ kind: 'auth-expired', field: 'webhookSecrets' });
  });
});
