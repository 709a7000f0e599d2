import { expect, test } from 'vitest';
import { OrderSchema } from '../../../shared/connectors/paypal/schema.ts';
import { captureOf, difference, shownOf, shownRefundOf } from '../../../shared/connectors/paypal/shown.ts';

const eur = (value: string) => ({ currency_code: 'EUR', value });
const amount = { minor: 4_200, currency: 'EUR' };
const part = (status: string, value = '42.00', more: object = {}) => ({
  id: `P-${status}`,
  status,
  amount: eur(value),
  ...more,
});

interface Given {
  status?: string;
  intent?: string;
  id?: string;
  customId?: string | null;
  value?: string;
  authorizations?: object[];
  captures?: object[];
  refunds?: object[];
}

function orderOf({
  status = 'COMPLETED',
  intent = 'AUTHORIZE',
  id = 'O1',
  customId = 'inv-1',
  value = '42.00',
  ...payments
}: Given) {
  return OrderSchema.parse({
    id,
    status,
    intent,
    purchase_units: [{ custom_id: customId, amount: eur(value), payments }],
  });
}

test.each<[string, Given]>([
  ['prepared', { status: 'CREATED' }],
  ['prepared', { status: 'APPROVED' }],
  ['prepared', { status: 'SAVED' }],
  ['needs-payer', { status: 'PAYER_ACTION_REQUIRED' }],
  ['voided', { status: 'VOIDED' }],
  ['voided', { status: 'APPROVED', intent: 'CAPTURE' }],
  ['pending', { status: 'COMPLETED' }],
  ['held', { authorizations: [part('CREATED')] }],
  ['pending', { authorizations: [part('PENDING')] }],
  ['voided', { authorizations: [part('VOIDED')] }],
  ['declined', { authorizations: [part('DENIED')] }],
  ['expired', { authorizations: [part('EXPIRED')] }],
  ['pending', { authorizations: [part('A_NEW_WORD')] }],
  // Captured, and the capture is not in the list yet.
  ['pending', { authorizations: [part('CAPTURED')] }],
  ['captured', { authorizations: [part('CAPTURED')], captures: [part('COMPLETED')] }],
  ['captured', { authorizations: [part('VOIDED')], captures: [part('REFUNDED')] }],
  ['pending', { authorizations: [part('CAPTURED')], captures: [part('PENDING')] }],
  ['held', { authorizations: [part('CREATED')], captures: [part('DECLINED')] }],
  // Money that was taken past us is money that was taken.
  ['captured', { intent: 'CAPTURE', captures: [part('COMPLETED')] }],
])('%s: %j', (standing, given) => {
  expect(shownOf(orderOf(given))?.standing).toBe(standing);
});

test('sums are of what was taken and what was given back, never of what is under way', () => {
  const order = orderOf({
    authorizations: [part('PARTIALLY_CAPTURED')],
    captures: [part('COMPLETED', '10.00'), part('PARTIALLY_REFUNDED', '20.00'), part('PENDING', '5.00')],
    refunds: [part('COMPLETED', '1.50'), part('PENDING', '2.00'), part('FAILED', '3.00')],
  });
  expect(shownOf(order)).toMatchObject({
    captured: { ...amount, minor: 3_000 },
    refunded: { ...amount, minor: 150 },
  });
  expect(captureOf(order)?.amount.value).toBe('10.00');
});

test('an amount that makes no sense shows nothing', () => {
  const dollars = { id: 'C', status: 'COMPLETED', amount: { currency_code: 'USD', value: '1.00' } };
  expect(shownOf(orderOf({ value: 'much' }))).toBeUndefined();
  expect(shownOf(orderOf({ captures: [dollars] }))).toBeUndefined();
});

test.each<[string | undefined, Given]>([
  [undefined, {}],
  [undefined, { authorizations: [part('CREATED')] }],
  ['id', { id: 'O2' }],
  ['intent', { intent: 'CAPTURE' }],
  ['amount', { value: '42.01' }],
  ['custom_id', { customId: 'inv-2' }],
  ['custom_id', { customId: null }],
  ['authorizations.amount', { authorizations: [part('CREATED', '43.00')] }],
])('what differs from ours is %s: %j', (field, given) => {
  expect(difference(orderOf(given), { id: 'O1', amount, reference: 'inv-1' })).toBe(field);
});

test.each([
  ['COMPLETED', 'succeeded'],
  ['PENDING', 'pending'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'failed'],
  ['A_NEW_WORD', 'pending'],
])('a refund that is %s has %s', (status, standing) => {
  const refund = { ...part(status, '9.00'), status_details: null, links: null };
  expect(shownRefundOf(refund, 'O1')).toMatchObject({
    standing,
    paymentId: 'O1',
    amount: { ...amount, minor: 900 },
  });
});
