import { sourceOf } from './sandbox-cards.ts';
import type { Dispute, Entry, Json, Payment, Payout, Refund } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

const text = (at: number) => new Date(at).toISOString();
const moneyOf = (amount: number, currency: string) => ({ amount, currency });

/** A Payment as the API shows it. */
export function paymentObject(world: World, payment: Payment): Json {
  const { id, amount, currency, status, created, updated } = payment;
  const money = moneyOf(amount, currency);
  return {
    ...{ id, created_at: text(created), updated_at: text(updated), status },
    ...{ amount_money: money, total_money: money, order_id: payment.order, location_id: world.locationId },
    ...(payment.approvedAt !== undefined && { approved_money: money }),
    ...(payment.refunded > 0 && { refunded_money: moneyOf(payment.refunded, currency) }),
    ...(payment.refunds.length > 0 && { refund_ids: payment.refunds }),
    ...(payment.reference !== undefined && { reference_id: payment.reference }),
    ...(payment.note !== undefined && { note: payment.note }),
    ...(payment.fee > 0 && { processing_fee: [feeOf(payment)] }),
    ...delayOf(payment),
    ...detailsOf(payment),
    receipt_number: id.slice(0, 4),
    ...(status === 'APPROVED' && { capabilities: ['EDIT_AMOUNT_UP', 'EDIT_AMOUNT_DOWN'] }),
    version_token: versionToken(payment),
  };
}

/** Changes with every change of the payment. */
export function versionToken({ id, version }: Payment): string {
  return Buffer.from(`${id.slice(0, 12)}:${version}`).toString('base64url');
}

function feeOf({ capturedAt, created, fee, currency }: Payment): Json {
  return { effective_at: text(capturedAt ?? created), type: 'INITIAL', amount_money: moneyOf(fee, currency) };
}

function delayOf({ created, delayMs, delayAction }: Payment): Json {
  return {
    delay_duration: `PT${Math.round(delayMs / 3_600_000)}H`,
    delay_action: delayAction,
    delayed_until: text(created + delayMs),
  };
}

function detailsOf(payment: Payment): Json {
  const type = sourceOf(payment.source)?.type ?? 'CARD';
  if (type === 'WALLET')
    return { source_type: type, wallet_details: { brand: 'CASH_APP', status: 'AUTHORIZED' } };
  if (type === 'BANK_ACCOUNT') return { source_type: type, bank_account_details: { transfer_type: 'ACH' } };
  const { approvedAt, capturedAt, voidedAt, failure } = payment;
  return {
    source_type: type,
    card_details: {
      status: cardStatus(payment),
      card: { card_brand: 'VISA', last_4: '5858', exp_month: 12, exp_year: 2030 },
      ...{ entry_method: 'KEYED', cvv_status: 'CVV_ACCEPTED', avs_status: 'AVS_ACCEPTED' },
      card_payment_timeline: {
        ...(approvedAt !== undefined && { authorized_at: text(approvedAt) }),
        ...(capturedAt !== undefined && { captured_at: text(capturedAt) }),
        ...(voidedAt !== undefined && { voided_at: text(voidedAt) }),
      },
      ...(failure && { errors: [failure] }),
    },
  };
}

function cardStatus({ status }: Payment): string {
  switch (status) {
    case 'COMPLETED':
      return 'CAPTURED';
    case 'CANCELED':
      return 'VOIDED';
    case 'FAILED':
      return 'FAILED';
    default:
      return 'AUTHORIZED';
  }
}

export function refundObject(world: World, refund: Refund): Json {
  const { id, status, amount, currency, payment, created, updated, reason } = refund;
  return {
    ...{ id, status, amount_money: moneyOf(amount, currency), payment_id: payment },
    ...{ order_id: world.payments.get(payment)?.order, location_id: world.locationId },
    ...{ created_at: text(created), updated_at: text(updated), destination_type: 'CARD' },
    ...(reason !== undefined && { reason }),
  };
}

export function disputeObject(world: World, dispute: Dispute): Json {
  const { id, amount, currency, payment, state, created, updated, version } = dispute;
  return {
    ...{
      id,
      dispute_id: id,
      amount_money: moneyOf(amount, currency),
      reason: 'NO_KNOWLEDGE',
      state,
      version,
    },
    ...{ disputed_payment: { payment_id: payment }, card_brand: 'VISA', location_id: world.locationId },
    ...{ created_at: text(created), updated_at: text(updated), due_at: text(created + 7 * 86_400_000) },
    ...{ reported_at: text(created), brand_dispute_id: id.slice(0, 18) },
  };
}

export function payoutObject(world: World, payout: Payout): Json {
  const { id, status, amount, currency, created, updated, version } = payout;
  return {
    ...{ id, status, location_id: world.locationId, amount_money: moneyOf(amount, currency), version },
    ...{ created_at: text(created), updated_at: text(updated), type: 'BATCH', payout_fee: [] },
    destination: { type: 'BANK_ACCOUNT', id: 'bact:sandbox' },
    arrival_date: text(created + 86_400_000).slice(0, 10),
    end_to_end_id: id.slice(-16),
  };
}

export function entryObject({ id, payout, at, type, gross, fee, currency, about }: Entry): Json {
  return {
    ...{ id, payout_id: payout, effective_at: text(at), type },
    ...{ gross_amount_money: moneyOf(gross, currency), fee_amount_money: moneyOf(fee, currency) },
    net_amount_money: moneyOf(gross - fee, currency),
    [`type_${type.toLowerCase()}_details`]: about,
  };
}

/** Any object of the account by its id. */
export function objectOf(world: World, id: string): Json | undefined {
  const payment = world.payments.get(id);
  if (payment) return paymentObject(world, payment);
  const refund = world.refunds.get(id);
  if (refund) return refundObject(world, refund);
  const dispute = world.disputes.get(id);
  if (dispute) return disputeObject(world, dispute);
  const payout = world.payouts.get(id);
  return payout && payoutObject(world, payout);
}
