import * as z from 'zod';

/** The API version this connector was written against; Square keeps old versions working for years. */
const DEFAULT_VERSION = '2026-09-16';

const BaseUrlSchema = z
  .string()
  .default('https://connect.squareup.com')
  .refine(isSafeUrl, 'must be an https URL without a path (http only for 127.0.0.1)')
  .describe('Base URL of the API (https://connect.squareupsandbox.com for a sandbox account)');

const OAUTH = ['clientId', 'clientSecret', 'refreshToken', 'expiresAt'] as const;

/** The JSON of one Square location's secret. */
export const SecretSchema = z
  .strictObject({
    accessToken: z.string().min(8).describe('Access token, personal or of OAuth'),
    /** Payments, lists and payouts are all asked of this location alone. */
    locationId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,50}$/, 'must be the ID of a location')
      .describe('Location ID'),
    apiVersion: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'must look like 2026-09-16')
      .default(DEFAULT_VERSION)
      .describe('API version, sent with every call'),
    baseUrl: BaseUrlSchema,
    /** Signature keys of the webhook subscription; two while one is replaced. */
    webhookKeys: z
      .array(z.string().min(8))
      .min(1)
      .max(2)
      .optional()
      .describe('Signature key(s) of the webhook subscription'),
    // Only for tokens of OAuth, which end after 30 days; a personal token has no end.
    clientId: z.string().min(8).optional().describe('Application ID (OAuth only)'),
    clientSecret: z.string().min(8).optional().describe('Application secret (OAuth only)'),
    refreshToken: z.string().min(8).optional().describe('Refresh token (OAuth only)'),
    /** Milliseconds since 1970. */
    expiresAt: z.number().int().optional().describe('End of the access token (OAuth only)'),
    /** Square publishes no limit; this is our own, null or absent = none. */
    callsPerSecond: z.number().int().positive().nullish().describe('Own limit of calls per second'),
  })
  .refine((secret) => new Set(OAUTH.map((name) => secret[name] === undefined)).size === 1, {
    path: ['refreshToken'],
    message: `needs all of ${OAUTH.join(', ')}, or none of them for a personal access token`,
  });
export type SquareSecret = z.output<typeof SecretSchema>;

// Replies. Every object may carry more than we read; only what is used is demanded.

/** An integer of the currency's smallest unit; larger than a safe integer is refused. */
export const MoneySchema = z.object({ amount: z.int(), currency: z.string().length(3) });
export type SquareMoney = z.infer<typeof MoneySchema>;

/** The Payouts API writes `currency_code` in its examples and `currency` in its specification. */
const PayoutMoneySchema = z
  .object({ amount: z.int(), currency: z.string().nullish(), currency_code: z.string().nullish() })
  .transform(({ amount, currency, currency_code }) => ({
    amount,
    currency: currency ?? currency_code ?? '',
  }));

/** One error of an answer, or of a card. */
export const ErrorSchema = z.object({
  category: z.string(),
  code: z.string(),
  field: z.string().nullish(),
});
export type SquareError = z.infer<typeof ErrorSchema>;

/** The body of every answer that is not 2xx; a declined payment comes with the payment. */
export const ErrorBodySchema = z.object({
  errors: z.array(ErrorSchema).min(1),
  payment: z.unknown().optional(),
});

/** All states of a Payment (API reference); another one is a changed contract. */
const PAYMENT_STATES = ['APPROVED', 'PENDING', 'COMPLETED', 'CANCELED', 'FAILED'] as const;

/** A Payment. */
export const PaymentSchema = z.object({
  id: z.string().min(1),
  status: z.enum(PAYMENT_STATES),
  amount_money: MoneySchema,
  total_money: MoneySchema.nullish(),
  approved_money: MoneySchema.nullish(),
  refunded_money: MoneySchema.nullish(),
  reference_id: z.string().nullish(),
  location_id: z.string().nullish(),
  delay_action: z.string().nullish(),
  delayed_until: z.string().nullish(),
  updated_at: z.string().nullish(),
  version_token: z.string().nullish(),
  refund_ids: z.array(z.string()).nullish(),
  card_details: z.object({ errors: z.array(ErrorSchema).nullish() }).nullish(),
});
export type Payment = z.infer<typeof PaymentSchema>;
/** An answer about one Payment. */
export const PaymentReplySchema = z.object({ payment: PaymentSchema });

/** A PaymentRefund. The status is one of PENDING, COMPLETED, REJECTED, FAILED. */
export const RefundSchema = z.object({
  id: z.string().min(1),
  status: z.string().nullish(),
  amount_money: MoneySchema,
  payment_id: z.string().nullish(),
  reason: z.string().nullish(),
});
export type Refund = z.infer<typeof RefundSchema>;
/** An answer about one refund. */
export const RefundReplySchema = z.object({ refund: RefundSchema });

/** All states of a Dispute (API reference). */
const DISPUTE_STATES = [
  ...(['INQUIRY_EVIDENCE_REQUIRED', 'INQUIRY_PROCESSING', 'INQUIRY_CLOSED'] as const),
  ...(['EVIDENCE_REQUIRED', 'PROCESSING', 'WON', 'LOST', 'ACCEPTED'] as const),
] as const;

/** A Dispute, by its newer field names. */
export const DisputeSchema = z.object({
  id: z.string().min(1),
  state: z.enum(DISPUTE_STATES),
  amount_money: MoneySchema,
  reason: z.string().nullish(),
  disputed_payment: z.object({ payment_id: z.string().nullish() }).nullish(),
  created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'is no time'),
  due_at: z.string().nullish(),
});
export type Dispute = z.infer<typeof DisputeSchema>;
/** An answer about one dispute. */
export const DisputeReplySchema = z.object({ dispute: DisputeSchema });

const CursorSchema = z.string().nullish();

/** A page of payments; an empty list is left out by Square. */
export const PaymentsPageSchema = z.object({
  payments: z.array(PaymentSchema).nullish(),
  cursor: CursorSchema,
});

/** A payout to the bank. */
export const PayoutSchema = z.object({
  id: z.string().min(1),
  created_at: z.string(),
  amount_money: PayoutMoneySchema,
});
export type Payout = z.infer<typeof PayoutSchema>;
/** An answer about one payout. */
export const PayoutReplySchema = z.object({ payout: PayoutSchema });
/** A page of payouts; an empty list is left out by Square, and so is the last cursor. */
export const PayoutsPageSchema = z.object({ payouts: z.array(PayoutSchema).nullish(), cursor: CursorSchema });

const AboutSchema = z.object({ payment_id: z.string().nullish(), refund_id: z.string().nullish() }).nullish();

/** One line of a payout. Which sign a fee has is not stated: what counts is gross and net. */
export const PayoutEntrySchema = z.object({
  id: z.string().min(1),
  payout_id: z.string().min(1),
  effective_at: z.string(),
  type: z.string(),
  gross_amount_money: PayoutMoneySchema,
  net_amount_money: PayoutMoneySchema,
  type_charge_details: AboutSchema,
  type_refund_details: AboutSchema,
  type_dispute_details: AboutSchema,
  type_open_dispute_details: AboutSchema,
});
export type PayoutEntry = z.infer<typeof PayoutEntrySchema>;
/** A page of the lines of a payout. */
export const PayoutEntriesPageSchema = z.object({
  payout_entries: z.array(PayoutEntrySchema).nullish(),
  cursor: CursorSchema,
});

/** As far as `check` reads it. */
export const LocationReplySchema = z.object({
  location: z.object({
    id: z.string().min(1),
    name: z.string().nullish(),
    currency: z.string().nullish(),
    status: z.string().nullish(),
  }),
});

/** The token endpoint's answer. */
export const TokenReplySchema = z.object({
  access_token: z.string().min(8),
  expires_at: z.string(),
  refresh_token: z.string().min(8).nullish(),
});

function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.pathname !== '/' || url.search || url.username) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
}
