import { feeOf, shownMoney } from './sandbox-money.ts';
import type { Json } from './sandbox-replies.ts';
import {
  type Capture,
  capturesOf,
  type Dispute,
  type Hold,
  type Order,
  type Refund,
} from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** A hold is honoured for 29 days and voided then. */
export const HOLD_LIFE = 29 * 86_400_000;

/** A seller has this long to answer a chargeback. */
const ANSWER_WITHIN = 10 * 86_400_000;

const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function link({ place }: World, path: string, rel: string, method = 'GET'): Json {
  return { href: `${place.base}${path}`, rel, method };
}

export function orderBody(world: World, order: Order): Json {
  const captures = capturesOf(order);
  const refunds = captures.flatMap((each) => each.refunds);
  const payments = {
    ...(order.hold && { authorizations: [holdBody(world, order.hold)] }),
    ...(captures.length && { captures: captures.map((each) => captureBody(world, each)) }),
    ...(refunds.length && { refunds: refunds.map((each) => refundBody(world, each)) }),
  };
  return {
    id: order.id,
    intent: order.intent,
    status: order.status,
    ...(order.source && { payment_source: shownSource(order.source) }),
    purchase_units: [
      {
        reference_id: 'default',
        amount: shownMoney(order.amount),
        payee: { email_address: 'merchant@example.test', merchant_id: 'SANDBOXMERCHA' },
        ...(order.description !== undefined && { description: order.description }),
        ...(order.customId !== undefined && { custom_id: order.customId }),
        ...(Object.keys(payments).length && { payments }),
      },
    ],
    create_time: time(order.created),
    links: orderLinks(world, order),
  };
}

/** Never more than what kind of source it is. */
function shownSource(source: Json): Json {
  return Object.fromEntries(Object.keys(source).map((kind) => [kind, {}]));
}

function orderLinks(world: World, order: Order): Json[] {
  const path = `/v2/checkout/orders/${order.id}`;
  const links = [link(world, path, 'self')];
  if (order.status === 'PAYER_ACTION_REQUIRED')
    links.push(link(world, `/checkoutnow?token=${order.id}`, 'payer-action'));
  if (order.status === 'CREATED') links.push(link(world, `/checkoutnow?token=${order.id}`, 'approve'));
  if (order.status === 'CREATED' || order.status === 'APPROVED')
    links.push(
      link(world, path, 'update', 'PATCH'),
      link(world, `${path}/${order.intent.toLowerCase()}`, order.intent.toLowerCase(), 'POST'),
    );
  return links;
}

const relatedTo = (ids: Json) => ({ related_ids: ids });

export function holdBody(world: World, hold: Hold): Json {
  const path = `/v2/payments/authorizations/${hold.id}`;
  const { denied } = hold.instrument;
  return {
    id: hold.id,
    status: hold.status,
    ...(hold.status === 'PENDING' && { status_details: { reason: 'PENDING_REVIEW' } }),
    amount: shownMoney(hold.order.amount),
    ...(hold.order.customId !== undefined && { custom_id: hold.order.customId }),
    ...(denied && { processor_response: denied }),
    supplementary_data: relatedTo({ order_id: hold.order.id }),
    expiration_time: time(hold.created + HOLD_LIFE),
    create_time: time(hold.created),
    links: [
      link(world, path, 'self'),
      link(world, `${path}/capture`, 'capture', 'POST'),
      link(world, `${path}/void`, 'void', 'POST'),
      link(world, `/v2/checkout/orders/${hold.order.id}`, 'up'),
    ],
  };
}

export function captureBody(world: World, capture: Capture): Json {
  const path = `/v2/payments/captures/${capture.id}`;
  const { amount, order } = capture;
  const fee = feeOf(amount);
  const up = order.hold ? `/v2/payments/authorizations/${order.hold.id}` : `/v2/checkout/orders/${order.id}`;
  return {
    id: capture.id,
    status: capture.status,
    ...(capture.status === 'PENDING' && { status_details: { reason: 'PENDING_REVIEW' } }),
    amount: shownMoney(amount),
    final_capture: capture.final,
    ...(order.customId !== undefined && { custom_id: order.customId }),
    ...(capture.invoiceId !== undefined && { invoice_id: capture.invoiceId }),
    ...(capture.status !== 'PENDING' && {
      seller_receivable_breakdown: {
        gross_amount: shownMoney(amount),
        paypal_fee: shownMoney(fee),
        net_amount: shownMoney({ ...amount, units: amount.units - fee.units }),
      },
    }),
    supplementary_data: relatedTo({
      order_id: order.id,
      ...(order.hold && { authorization_id: order.hold.id }),
    }),
    create_time: time(capture.created),
    links: [
      link(world, path, 'self'),
      link(world, `${path}/refund`, 'refund', 'POST'),
      link(world, up, 'up'),
    ],
  };
}

export function refundBody(world: World, refund: Refund): Json {
  return {
    id: refund.id,
    status: refund.status,
    ...(refund.status === 'PENDING' && { status_details: { reason: 'ECHECK' } }),
    amount: shownMoney(refund.amount),
    ...(refund.customId !== undefined && { custom_id: refund.customId }),
    ...(refund.invoiceId !== undefined && { invoice_id: refund.invoiceId }),
    create_time: time(refund.created),
    links: [
      link(world, `/v2/payments/refunds/${refund.id}`, 'self'),
      link(world, `/v2/payments/captures/${refund.capture.id}`, 'up'),
    ],
  };
}

export function disputeBody(world: World, dispute: Dispute): Json {
  return {
    dispute_id: dispute.id,
    create_time: time(dispute.created),
    update_time: time(dispute.updated),
    disputed_transactions: [{ seller_transaction_id: dispute.capture.id }],
    reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
    status: dispute.status,
    dispute_amount: shownMoney(dispute.capture.amount),
    ...(dispute.outcome && { dispute_outcome: { outcome_code: dispute.outcome } }),
    dispute_life_cycle_stage: 'CHARGEBACK',
    ...(dispute.status === 'WAITING_FOR_SELLER_RESPONSE' && {
      seller_response_due_date: time(dispute.created + ANSWER_WITHIN),
    }),
    links: [link(world, `/v1/customer/disputes/${dispute.id}`, 'self')],
  };
}

/** What PayPal answers without `Prefer: return=representation`. */
export function minimalOf({ id, status, links }: Json): Json {
  return { id, status, links };
}
