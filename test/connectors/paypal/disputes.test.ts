import { expect, test } from 'vitest';
import { readDispute } from '../../../shared/connectors/paypal/disputes.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import { testSession } from '../session.ts';

const dispute = {
  ...{
    dispute_id: 'PP-D-1',
    create_time: '2026-11-24T12:00:00Z',
    reason: 'UNAUTHORISED',
    status: 'RESOLVED',
  },
  dispute_amount: { currency_code: 'EUR', value: '10.00' },
  disputed_transactions: [{ seller_transaction_id: 'CAP1' }],
};
const capture = {
  ...{ id: 'CAP1', status: 'COMPLETED', amount: { currency_code: 'EUR', value: '10.00' } },
  supplementary_data: { related_ids: { order_id: 'ORDER1' } },
};
const secret = {
  ...{ clientId: 'client-12345', clientSecret: 'secret-12345' },
  ...{ accessToken: 'token-12345', expiresAt: Number.MAX_SAFE_INTEGER },
};

const answering = (change: object, found: object | 'nothing' = capture) => {
  const http: Http = async ({ url }) => {
    const isCapture = url.includes('/captures/');
    if (isCapture && found === 'nothing')
      return { status: 404, headers: {}, body: JSON.stringify({ name: 'RESOURCE_NOT_FOUND' }) };
    return { status: 200, headers: {}, body: JSON.stringify(isCapture ? found : { ...dispute, ...change }) };
  };
  return testSession({ account: 'paypal/main', secret, http });
};

test.each([
  ['OPEN', undefined, 'needs-response'],
  ['WAITING_FOR_SELLER_RESPONSE', undefined, 'needs-response'],
  ['WAITING_FOR_BUYER_RESPONSE', undefined, 'under-review'],
  ['UNDER_REVIEW', undefined, 'under-review'],
  ['RESOLVED', 'RESOLVED_SELLER_FAVOUR', 'won'],
  ['RESOLVED', 'DENIED', 'won'],
  ['RESOLVED', 'RESOLVED_BUYER_FAVOUR', 'lost'],
  ['RESOLVED', 'ACCEPTED', 'lost'],
  ['RESOLVED', 'RESOLVED_WITH_PAYOUT', 'closed'],
  ['RESOLVED', 'CANCELED_BY_BUYER', 'closed'],
  ['RESOLVED', undefined, 'closed'],
])('%s with the outcome %s is %s', async (status, code, standing) => {
  const change = { status, ...(code !== undefined && { dispute_outcome: { outcome_code: code } }) };
  expect(await readDispute(answering(change), 'PP-D-1')).toMatchObject({ shown: { standing } });
});

test('it is about the order of the capture, or about the transaction where there is none', async () => {
  expect(await readDispute(answering({}), 'PP-D-1')).toMatchObject({ shown: { paymentId: 'ORDER1' } });
  const elsewhere = await readDispute(answering({}, 'nothing'), 'PP-D-1');
  expect(elsewhere).toMatchObject({ shown: { paymentId: 'CAP1' } });
  const gone = answering({}, {});
  await expect(readDispute(gone, 'PP-D-1')).rejects.toMatchObject({ kind: 'contract-changed' });
});

test.each([
  ['status', { status: 'THROWN_OUT' }],
  ['dispute_id', { dispute_id: 'PP-D-2' }],
  ['dispute_amount', { dispute_amount: { currency_code: 'EUR', value: 'much' } }],
  ['create_time', { create_time: 'yesterday' }],
  ['disputed_transactions.seller_transaction_id', { disputed_transactions: [{}] }],
])('another %s than PayPal documents is a changed contract', async (field, change) => {
  const looking = readDispute(answering(change), 'PP-D-1');
  await expect(looking).rejects.toMatchObject({ kind: 'contract-changed', field });
});
