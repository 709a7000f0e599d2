import * as z from 'zod';

const LIVE = 'https://api-m.paypal.com';

const BaseUrlSchema = z
  .string()
  .default(LIVE)
  .refine(isSafeUrl, 'must be an https URL without a path (http only for 127.0.0.1)')
  .describe('Base URL of the API (https://api-m.sandbox.paypal.com for a sandbox account)');

/** The JSON of one PayPal merchant's secret. */
export const SecretSchema = z
  .strictObject({
    clientId: z.string().min(8).describe('Client ID of the REST app'),
    clientSecret: z.string().min(8).describe('Client secret of the REST app'),
    /** Added and renewed by us. */
    accessToken: z.string().min(8).optional(),
    /** Milliseconds since 1970 by our clock. */
    expiresAt: z.number().int().optional(),
    baseUrl: BaseUrlSchema,
    /** Version in the paths of Orders and Payments; PayPal has no version header. */
    apiVersion: z.enum(['v2']).default('v2').describe('Version of Orders and Payments'),
    /** Each webhook has its own id, which is part of what PayPal signs; two while one is replaced. */
    webhookIds: z.array(z.string().min(3).max(50)).min(1).max(2).optional().describe('Webhook ID(s)'),
    /** Who signs the certificates of a local sandbox. Real ones come from paypal.com only. */
    webhookRoots: z.array(z.string().includes('BEGIN CERTIFICATE')).min(1).optional(),
    /** PayPal publishes no limit; this is our own, null or absent = none. */
    callsPerSecond: z.number().positive().nullish().describe('Own limit of calls per second'),
  })
  .refine((secret) => secret.webhookRoots === undefined || isLoopback(secret.baseUrl), {
    path: ['webhookRoots'],
    message: 'is only for a sandbox on 127.0.0.1: remove it, certificates of PayPal come from paypal.com',
  });
/** What the secret of a PayPal account holds. */
export type PaypalSecret = z.output<typeof SecretSchema>;

// Replies. Every object may carry more than we read; only what is used is demanded.

/** `{currency_code: 'EUR', value: '19.99'}`. */
export const MoneySchema = z.object({ currency_code: z.string(), value: z.string() });
/** An amount as PayPal writes it. */
export type PaypalMoney = z.infer<typeof MoneySchema>;

const LinksSchema = z.array(z.object({ href: z.string(), rel: z.string() })).nullish();
const ProcessorSchema = z
  .object({ response_code: z.string().nullish(), payment_advice_code: z.string().nullish() })
  .nullish();
const RelatedSchema = z
  .object({ related_ids: z.object({ order_id: z.string().nullish() }).nullish() })
  .nullish();

/** A hold: `CREATED`, `CAPTURED`, `DENIED`, `PARTIALLY_CAPTURED`, `VOIDED`, `PENDING`. */
export const AuthorizationSchema = z.object({
  id: z.string(),
  status: z.string(),
  amount: MoneySchema,
  processor_response: ProcessorSchema,
  supplementary_data: RelatedSchema,
});
/** A hold as PayPal shows it. */
export type Authorization = z.infer<typeof AuthorizationSchema>;

/** Taken money: `COMPLETED`, `DECLINED`, `PARTIALLY_REFUNDED`, `PENDING`, `REFUNDED`, `FAILED`. */
export const CaptureSchema = z.object({
  id: z.string(),
  status: z.string(),
  amount: MoneySchema,
  processor_response: ProcessorSchema,
  supplementary_data: RelatedSchema,
});
/** Taken money as PayPal shows it. */
export type Capture = z.infer<typeof CaptureSchema>;

/** `COMPLETED`, `PENDING`, `FAILED`, `CANCELLED`; the link `up` names the capture. */
export const RefundSchema = z.object({
  id: z.string(),
  status: z.string(),
  amount: MoneySchema,
  invoice_id: z.string().nullish(),
  status_details: z.object({ reason: z.string().nullish() }).nullish(),
  links: LinksSchema,
});
/** A refund as PayPal shows it. */
export type Refund = z.infer<typeof RefundSchema>;

/** A dispute ("Disputes": show dispute details). */
export const DisputeSchema = z.object({
  dispute_id: z.string(),
  create_time: z.string(),
  /** The captures it is about; ours have one. */
  disputed_transactions: z.array(z.object({ seller_transaction_id: z.string().nullish() })).min(1),
  reason: z.string(),
  status: z.string(),
  dispute_amount: MoneySchema,
  dispute_outcome: z.object({ outcome_code: z.string().nullish() }).nullish(),
  seller_response_due_date: z.string().nullish(),
});
/** A dispute as PayPal shows it. */
export type Dispute = z.infer<typeof DisputeSchema>;

const UnitSchema = z.object({
  custom_id: z.string().nullish(),
  amount: MoneySchema,
  payments: z
    .object({
      authorizations: z.array(AuthorizationSchema).nullish(),
      captures: z.array(CaptureSchema).nullish(),
      refunds: z.array(RefundSchema).nullish(),
    })
    .nullish(),
});

/** An order with all that happened to it; we make orders of one purchase unit. */
export const OrderSchema = z.object({
  id: z.string(),
  status: z.string(),
  intent: z.string(),
  create_time: z.string().nullish(),
  purchase_units: z.tuple([UnitSchema]),
  links: LinksSchema,
});
/** An order as PayPal shows it. */
export type Order = z.infer<typeof OrderSchema>;

/** A reply whose content is not used (a 204 included). */
export const NothingSchema = z.unknown();

/** The error body of the REST API; the token endpoint has `error` and `error_description` instead. */
export const ErrorBodySchema = z.object({
  name: z.string().nullish(),
  error: z.string().nullish(),
  details: z.array(z.object({ issue: z.string().nullish(), field: z.string().nullish() })).nullish(),
  links: LinksSchema,
});
/** What an error body tells; empty for whatever is none. */
export type PaypalError = z.infer<typeof ErrorBodySchema>;

/** The answer of the token endpoint. */
export const TokenReplySchema = z.object({
  access_token: z.string().min(1),
  /** Seconds, about nine hours. */
  expires_in: z.number().positive(),
});

/** One line of the transaction list. Negative amounts left the account. */
export const TransactionSchema = z.object({
  transaction_info: z.object({
    transaction_id: z.string(),
    paypal_reference_id: z.string().nullish(),
    paypal_reference_id_type: z.string().nullish(),
    transaction_event_code: z.string(),
    transaction_initiation_date: z.string(),
    transaction_amount: MoneySchema,
    fee_amount: MoneySchema.nullish(),
    transaction_status: z.string(),
    custom_field: z.string().nullish(),
  }),
});
/** A page of the transaction list; without any, PayPal may leave the list out. */
export const TransactionsSchema = z.object({
  transaction_details: z.array(TransactionSchema).nullish(),
  total_pages: z.number().int().nullish(),
});
/** One line of the transaction list. */
export type Transaction = z.infer<typeof TransactionSchema>['transaction_info'];

/** Is this a sandbox on this machine? */
export function isLoopback(baseUrl: string): boolean {
  return URL.parse(baseUrl)?.hostname === '127.0.0.1';
}

function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.pathname !== '/' || url.search || url.username) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
}
