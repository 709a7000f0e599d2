import type { Charge, Dispute, Intent, Json, Movement, Payout, Refund } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** A PaymentIntent as the API shows it, for the fields that a manual card payment uses. */
export function intentObject(intent: Intent): Json {
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amount,
    amount_capturable: intent.status === 'requires_capture' ? intent.amount : 0,
    amount_details: { tip: {} },
    amount_received: intent.received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: intent.allowRedirects, enabled: true },
    canceled_at: intent.canceledAt,
    cancellation_reason: intent.cancellationReason,
    capture_method: intent.captureMethod,
    client_secret: intent.clientSecret,
    confirmation_method: 'automatic',
    created: intent.created,
    currency: intent.currency,
    customer: null,
    description: intent.description,
    last_payment_error: intent.lastError,
    latest_charge: intent.charge,
    livemode: false,
    metadata: intent.metadata,
    next_action: intent.nextAction,
    payment_method: intent.paymentMethod,
    payment_method_options: {},
    payment_method_types: ['card'],
    processing: intent.status === 'processing' ? { type: 'card', card: {} } : null,
    receipt_email: null,
    setup_future_usage: null,
    shipping: null,
    statement_descriptor: null,
    status: intent.status,
    transfer_group: null,
  };
}

export function chargeObject(world: World, charge: Charge): Json {
  const { failure } = charge;
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.amountCaptured,
    amount_refunded: charge.amountRefunded,
    balance_transaction: charge.movement,
    captured: charge.captured,
    created: charge.created,
    currency: charge.currency,
    customer: null,
    disputed: charge.disputed,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    livemode: false,
    metadata: world.intents.get(charge.intent)?.metadata ?? {},
    outcome: { advice_code: failure?.advice_code ?? null, type: failure ? 'issuer_declined' : 'authorized' },
    paid: !failure,
    payment_intent: charge.intent,
    payment_method: charge.paymentMethod,
    payment_method_details: {
      card: { brand: 'visa', capture_before: charge.holdEnds, last4: '4242', network: 'visa' },
      type: 'card',
    },
    refunded: charge.amountRefunded > 0 && charge.amountRefunded === charge.amountCaptured,
    status: failure ? 'failed' : 'succeeded',
  };
}

export function refundObject(refund: Refund): Json {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: refund.movement,
    charge: refund.charge,
    created: refund.created,
    currency: refund.currency,
    destination_details: { card: { type: 'refund' }, type: 'card' },
    ...(refund.failureMovement !== null && { failure_balance_transaction: refund.failureMovement }),
    ...(refund.failureReason !== null && { failure_reason: refund.failureReason }),
    metadata: refund.metadata,
    payment_intent: refund.intent,
    reason: refund.reason,
    receipt_number: null,
    status: refund.status,
  };
}

export function movementObject(movement: Movement): Json {
  const { payout: _, category, ...shown } = movement;
  return {
    ...shown,
    object: 'balance_transaction',
    available_on: movement.created + 2 * 86_400,
    exchange_rate: null,
    fee_details: movement.fee
      ? [
          {
            amount: movement.fee,
            currency: movement.currency,
            description: 'Stripe processing fees',
            type: 'stripe_fee',
          },
        ]
      : [],
    net: movement.amount - movement.fee,
    reporting_category: category,
    status: 'available',
  };
}

export function disputeObject(dispute: Dispute): Json {
  return {
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amount,
    balance_transactions: dispute.movements,
    charge: dispute.charge,
    created: dispute.created,
    currency: dispute.currency,
    evidence_details: {
      due_by: dispute.created + 9 * 86_400,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: dispute.intent,
    reason: 'fraudulent',
    status: dispute.status,
  };
}

export function payoutObject(payout: Payout): Json {
  return {
    id: payout.id,
    object: 'payout',
    amount: payout.amount,
    arrival_date: payout.created + 2 * 86_400,
    automatic: true,
    balance_transaction: payout.movement,
    created: payout.created,
    currency: payout.currency,
    description: 'STRIPE PAYOUT',
    failure_balance_transaction: payout.failureMovement,
    failure_code: payout.status === 'failed' ? 'account_closed' : null,
    livemode: false,
    metadata: {},
    method: 'standard',
    reconciliation_status: 'completed',
    status: payout.status,
    type: 'bank_account',
  };
}

const FIELDS: ReadonlySet<string> = new Set([
  ...['latest_charge', 'source', 'charge', 'payment_intent', 'balance_transaction'],
]);

/** The answer with objects where `expand` names ids; `data.source` reaches into a list. */
export function expanded(world: World, body: Json, paths: readonly string[]): Json {
  return paths.reduce((object, path) => expandOne(world, object, path.split('.')), body);
}

function expandOne(world: World, object: Json, [field = '', ...rest]: readonly string[]): Json {
  const value = object[field];
  if (field === 'data' && Array.isArray(value))
    return { ...object, data: value.map((each: Json) => expandOne(world, each, rest)) };
  if (!FIELDS.has(field) || typeof value !== 'string') return object;
  const found = objectOf(world, value);
  return found ? { ...object, [field]: rest.length ? expandOne(world, found, rest) : found } : object;
}

/** Any object of the account by its id. */
export function objectOf(world: World, id: string): Json | undefined {
  const { intents, charges, refunds, movements, disputes, payouts } = world;
  const intent = intents.get(id);
  if (intent) return intentObject(intent);
  const charge = charges.get(id);
  if (charge) return chargeObject(world, charge);
  const refund = refunds.get(id);
  if (refund) return refundObject(refund);
  const movement = movements.get(id);
  if (movement) return movementObject(movement);
  const dispute = disputes.get(id);
  if (dispute) return disputeObject(dispute);
  const payout = payouts.get(id);
  return payout && payoutObject(payout);
}
