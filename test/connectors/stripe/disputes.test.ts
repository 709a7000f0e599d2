import { expect, test } from 'vitest';
import { readDispute } from '../../../shared/connectors/stripe/disputes.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import { testSession } from '../session.ts';

const dispute = {
  ...{
    id: 'du_1',
    object: 'dispute',
    amount: 1_000,
    currency: 'eur',
    reason: 'general',
    created: 1_800_000_000,
  },
  ...{ charge: 'ch_1', payment_intent: 'pi_1', status: 'needs_response' },
  evidence_details: { due_by: 1_800_864_000 },
};

const answering = (change: object) => {
  const http: Http = async () => ({
    status: 200,
    headers: {},
    body: JSON.stringify({ ...dispute, ...change }),
  });
  return testSession({ account: 'stripe/main', secret: { apiKey: 'sk_test_12345678' }, http });
};

test.each([
  ['needs_response', 'needs-response'],
  ['warning_needs_response', 'needs-response'],
  ['under_review', 'under-review'],
  ['warning_under_review', 'under-review'],
  ['won', 'won'],
  ['lost', 'lost'],
  ['warning_closed', 'closed'],
  ['prevented', 'closed'],
  ['charge_refunded', 'closed'],
])('%s is %s', async (status, standing) => {
  expect(await readDispute(answering({ status }), 'du_1')).toMatchObject({ shown: { standing } });
});

test('without a PaymentIntent, and without a date, it is about the charge', async () => {
  const { kind, ...look } = await readDispute(
    answering({ payment_intent: null, charge: { id: 'ch_2' }, evidence_details: null }),
    'du_1',
  );
  expect(kind).toBe('found');
  expect(look).toEqual({
    shown: {
      ...{ id: 'du_1', paymentId: 'ch_2', amount: { minor: 1_000, currency: 'EUR' }, reason: 'general' },
      ...{ standing: 'needs-response', openedAt: 1_800_000_000_000 },
    },
  });
});

test.each([
  ['status', { status: 'thrown_out' }],
  ['id', { id: 'du_2' }],
  ['amount', { amount: 12.5 }],
])('another %s than Stripe documents is a changed contract', async (field, change) => {
  const looking = readDispute(answering(change), 'du_1');
  await expect(looking).rejects.toMatchObject({ kind: 'contract-changed', field });
});
