import * as z from 'zod';
import { cardOf } from './sandbox-cards.ts';
import { FlagSchema, MetadataSchema, PAGING, paramsOf, WholeSchema } from './sandbox-form.ts';
import { pageOf } from './sandbox-lists.ts';
import { intentObject } from './sandbox-objects.ts';
import { endIntent, proceed, take, tellIntent } from './sandbox-payment.ts';
import { missing, Refusal } from './sandbox-replies.ts';
import type { Intent, IntentState, Json } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

const NewSchema = z.strictObject({
  amount: WholeSchema,
  currency: z.string().regex(/^[a-zA-Z]{3}$/),
  capture_method: z.enum(['automatic', 'automatic_async', 'manual']).default('automatic_async'),
  payment_method: z.string().optional(),
  payment_method_types: z.array(z.string()).optional(),
  automatic_payment_methods: z
    .strictObject({ enabled: FlagSchema, allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
  confirm: FlagSchema.optional(),
  return_url: z.string().optional(),
  description: z.string().max(1_000).optional(),
  metadata: MetadataSchema,
});

export function createIntent(world: World, call: Call): Json {
  const asked = paramsOf(call.params, NewSchema);
  refuseAmount(asked.amount, asked.currency.toLowerCase());
  if (asked.payment_method !== undefined) refuseUnknownCard(asked.payment_method);
  const id = world.newId('pi');
  const intent: Intent = {
    ...{ id, created: world.seconds(), clientSecret: world.newId(`${id}_secret`), amount: asked.amount },
    ...{
      currency: asked.currency.toLowerCase(),
      captureMethod: asked.capture_method,
      metadata: asked.metadata,
    },
    allowRedirects:
      asked.automatic_payment_methods?.allow_redirects ?? (asked.payment_method_types ? 'never' : 'always'),
    ...{
      description: asked.description ?? null,
      paymentMethod: asked.payment_method ?? null,
      returnUrl: null,
    },
    status: asked.payment_method === undefined ? 'requires_payment_method' : 'requires_confirmation',
    ...{
      received: 0,
      charge: null,
      lastError: null,
      nextAction: null,
      canceledAt: null,
      cancellationReason: null,
    },
  };
  world.intents.set(id, intent);
  world.count('intents');
  tellIntent(world, 'created', intent);
  if (!asked.confirm) return intentObject(intent);
  return confirmed(world, intent, { return_url: asked.return_url });
}

const ConfirmSchema = z.strictObject({
  payment_method: z.string().optional(),
  return_url: z.url().optional(),
  off_session: FlagSchema.optional(),
});

export function confirmIntent(world: World, call: Call): Json {
  const intent = intentOf(world, call.id);
  const asked = paramsOf(call.params, ConfirmSchema);
  if (asked.payment_method !== undefined) refuseUnknownCard(asked.payment_method);
  return confirmed(world, intent, asked);
}

function confirmed(
  world: World,
  intent: Intent,
  asked: { payment_method?: string | undefined; return_url?: string | undefined },
): Json {
  refuseUnless(intent, ['requires_payment_method', 'requires_confirmation'], 'confirm');
  const method = asked.payment_method ?? intent.paymentMethod;
  if (method === null) throw unexpected(intent, 'it is missing a payment method');
  if (intent.allowRedirects === 'always' && asked.return_url === undefined) {
    const message =
      'This PaymentIntent is configured to accept payment methods enabled in your Dashboard; provide a return_url.';
    throw new Refusal(400, { message, param: 'return_url' });
  }
  intent.paymentMethod = method;
  intent.returnUrl = asked.return_url ?? null;
  proceed(world, intent);
  const error = intent.lastError;
  if (intent.status !== 'requires_payment_method' || !error) return intentObject(intent);
  const { type, message, code, ...rest } = error;
  const more = { ...rest, payment_intent: intentObject(intent) };
  throw new Refusal(402, { type, message, code, more }, { stored: true });
}

const CaptureSchema = z.strictObject({
  amount_to_capture: WholeSchema.optional(),
  final_capture: FlagSchema.optional(),
});

export function captureIntent(world: World, call: Call): Json {
  const intent = intentOf(world, call.id);
  const asked = paramsOf(call.params, CaptureSchema);
  if (asked.final_capture === false) {
    const message = 'This PaymentIntent cannot be captured more than once: multicapture is not available.';
    throw new Refusal(400, { code: 'parameter_invalid', message, param: 'final_capture' });
  }
  refuseUnless(intent, ['requires_capture'], 'capture');
  const amount = asked.amount_to_capture ?? intent.amount;
  if (amount < 1 || amount > intent.amount) {
    const message = `amount_to_capture must be between 1 and ${intent.amount}`;
    throw new Refusal(
      400,
      { code: 'amount_too_large', message, param: 'amount_to_capture' },
      { stored: true },
    );
  }
  take(world, intent, amount);
  return intentObject(intent);
}

const CancelSchema = z.strictObject({
  cancellation_reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']).optional(),
});
const CANCELABLE: readonly IntentState[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'requires_capture',
];

export function cancelIntent(world: World, call: Call): Json {
  const intent = intentOf(world, call.id);
  const { cancellation_reason: reason } = paramsOf(call.params, CancelSchema);
  refuseUnless(intent, CANCELABLE, 'cancel');
  if (intent.status === 'requires_capture') world.count('voids');
  endIntent(world, intent, reason ?? 'requested_by_customer');
  return intentObject(intent);
}

export function getIntent(world: World, call: Call): Json {
  return intentObject(intentOf(world, call.id));
}

export function listIntents(world: World, { params }: Call): Json {
  const paging = paramsOf(params, z.strictObject(PAGING));
  return pageOf('/v1/payment_intents', [...world.intents.values()].map(intentObject), paging);
}

function intentOf(world: World, id: string): Intent {
  const intent = world.intents.get(id);
  if (!intent) throw missing('payment_intent', id, 'intent');
  return intent;
}

function refuseUnless(intent: Intent, states: readonly IntentState[], what: string): void {
  if (states.includes(intent.status)) return;
  throw unexpected(intent, `you cannot ${what} it while it has a status of ${intent.status}`);
}

function unexpected(intent: Intent, why: string): Refusal {
  const message = `This PaymentIntent's state does not allow this: ${why}.`;
  const more = { payment_intent: intentObject(intent) };
  return new Refusal(400, { code: 'payment_intent_unexpected_state', message, more }, { stored: true });
}

function refuseUnknownCard(token: string): void {
  if (!cardOf(token)) throw missing('PaymentMethod', token, 'payment_method');
}

/** Written apart from money.ts on purpose. */
function refuseAmount(amount: number, currency: string): void {
  const refuse = (code: string, message: string) => new Refusal(400, { code, message, param: 'amount' });
  if (amount < 1) throw refuse('parameter_invalid_integer', 'This value must be greater than or equal to 1.');
  if (String(amount).length > 12)
    throw refuse('amount_too_large', 'Amount must be no more than 999999999999');
  if (/^(isk|ugx)$/.test(currency) && amount % 100 !== 0)
    throw refuse(
      'invalid_charge_amount_no_decimal_compatible',
      `Currency ${currency} has become effectively zero-decimal and charged amounts must be evenly divisible by 100.`,
    );
  if (/^(bhd|jod|kwd|omr|tnd)$/.test(currency) && amount % 10 !== 0)
    throw refuse('parameter_invalid_integer', `Amounts in ${currency} must end in 0.`);
  if (/^(usd|eur)$/.test(currency) && amount < 50)
    throw refuse('amount_too_small', 'Amount must convert to at least 50 cents.');
}
