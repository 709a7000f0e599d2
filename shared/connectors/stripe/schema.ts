import * as z from 'zod';

/** The API version this connector was written against; Stripe keeps old versions working. */
const DEFAULT_VERSION = '2026-10-28.endive';

const BaseUrlSchema = z
  .string()
  .default('https://api.stripe.com')
  .refine(isSafeUrl, 'must be an https URL without a path (http only for 127.0.0.1)')
  .describe('Base URL of the API');

/** The JSON of one Stripe account's secret. */
export const SecretSchema = z.strictObject({
  apiKey: z
    .string()
    .regex(/^(sk|rk)_[A-Za-z0-9_]{8,250}$/, 'must be a secret or restricted key (sk_... or rk_...)')
    .describe('Secret or restricted API key'),
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/, 'must look like 2026-10-28.endive')
    .default(DEFAULT_VERSION)
    .describe('API version, sent with every call'),
  baseUrl: BaseUrlSchema,
  /** Signing secrets of the webhook endpoint; two while one is rolled. */
  webhookSecrets: z
    .array(z.string().min(8))
    .min(1)
    .max(2)
    .optional()
    .describe('Signing secret(s) of the webhook endpoint (whsec_...)'),
  /** Overrides Stripe's usual limit; null = none (sandbox). */
  callsPerSecond: z.number().int().positive().nullable().optional().describe('Own rate limit'),
});
export type StripeSecret = z.output<typeof SecretSchema>;

// Replies. Every object may carry more than we read; only what is used is demanded.

const MinorSchema = z.int();
const MetadataSchema = z.record(z.string(), z.string()).nullish();

const ChargeSchema = z.object({
  id: z.string().min(1),
  captured: z.boolean(),
  amount: MinorSchema,
  amount_captured: MinorSchema,
  amount_refunded: MinorSchema,
});

/** Why a payment was refused, inside an error or as a PaymentIntent's last error. */
export const PaymentErrorSchema = z.object({
  type: z.string().nullish(),
  code: z.string().nullish(),
  decline_code: z.string().nullish(),
  advice_code: z.string().nullish(),
});
export type PaymentError = z.infer<typeof PaymentErrorSchema>;

/** All states of a PaymentIntent (API reference); another one is a changed contract. */
const INTENT_STATES = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'canceled',
  'succeeded',
] as const;

/** A PaymentIntent whose `latest_charge` was asked to be expanded. */
export const IntentSchema = z.object({
  id: z.string().min(1),
  status: z.enum(INTENT_STATES),
  amount: MinorSchema,
  amount_received: MinorSchema,
  currency: z.string().length(3),
  capture_method: z.string(),
  metadata: MetadataSchema,
  client_secret: z.string().nullish(),
  cancellation_reason: z.string().nullish(),
  latest_charge: z.union([z.string(), ChargeSchema]).nullish(),
  last_payment_error: PaymentErrorSchema.nullish(),
  next_action: z
    .object({ type: z.string(), redirect_to_url: z.object({ url: z.string().nullish() }).nullish() })
    .nullish(),
});
export type Intent = z.infer<typeof IntentSchema>;

/** A Refund. */
export const RefundSchema = z.object({
  id: z.string().min(1),
  status: z.enum(['pending', 'requires_action', 'succeeded', 'failed', 'canceled']),
  amount: MinorSchema,
  currency: z.string().length(3),
  payment_intent: z.string().nullish(),
  metadata: MetadataSchema,
  failure_reason: z.string().nullish(),
});
export type Refund = z.infer<typeof RefundSchema>;

/** A Dispute ("The dispute object"); `prevented` is newer than most of its pages. */
export const DisputeSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  amount: MinorSchema,
  currency: z.string().length(3),
  reason: z.string(),
  /** Seconds since 1970. */
  created: z.int(),
  charge: z.union([z.string(), z.object({ id: z.string() })]),
  payment_intent: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
  evidence_details: z.object({ due_by: z.int().nullish() }).nullish(),
});
/** A Dispute. */
export type Dispute = z.infer<typeof DisputeSchema>;

/** What a balance transaction is about, once expanded; ids alone stay strings. */
const SourceSchema = z.object({
  id: z.string().min(1),
  object: z.string(),
  payment_intent: z.string().nullish(),
  /** A charge has that of its PaymentIntent, copied when it was made. */
  metadata: MetadataSchema,
});

/** One movement of the account's balance; amounts in the currency it settles in. */
export const BalanceTransactionSchema = z.object({
  id: z.string().min(1),
  type: z.string(),
  reporting_category: z.string().nullish(),
  amount: MinorSchema,
  fee: MinorSchema,
  net: MinorSchema,
  currency: z.string().length(3),
  /** Seconds since 1970. */
  created: z.int(),
  source: z.union([z.string(), SourceSchema]).nullish(),
});
export type BalanceTransaction = z.infer<typeof BalanceTransactionSchema>;

/** A page of a list, newest first. */
export function listOf<T>(item: z.ZodType<T>) {
  return z.object({ data: z.array(item), has_more: z.boolean() });
}

/** The account's balance, as far as `check` reads it. */
export const BalanceSchema = z.object({ object: z.literal('balance'), livemode: z.boolean() });

/** The body of every answer that is not 2xx. */
export const ErrorBodySchema = z.object({
  error: PaymentErrorSchema.extend({
    type: z.string(),
    param: z.string().nullish(),
    payment_intent: z.unknown().optional(),
  }),
});
export type StripeError = z.infer<typeof ErrorBodySchema>['error'];

function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.pathname !== '/' || url.search || url.username) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
}
