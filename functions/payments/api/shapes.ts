import * as z from 'zod';
import { PROBLEMS } from './problem.ts';

const Time = z.iso.datetime().meta({ description: 'UTC' });
const Minor = z.int().min(0);

/** What programs branch on, as the API tells it. */
const STATUSES = [
  ...([
    'created',
    'queued',
    'processing',
    'requires-action',
    'unknown',
    'needs-review',
    'authorised',
  ] as const),
  ...(['captured', 'declined', 'rejected', 'voided', 'expired'] as const),
] as const;

/** A refund as merchants see it. */
export const RefundShape = z.strictObject({
  id: z.string(),
  payment: z.string(),
  provider: z.string(),
  amount: Minor,
  currency: z.string(),
  status: z
    .enum(['processing', 'pending', 'succeeded', 'failed', 'returned', 'unknown', 'needs-review'])
    .meta({ description: '`returned`: it had succeeded, and the money came back to you.' }),
  reason: z.string().optional(),
  code: z.string().optional().meta({ description: "The provider's word for why it failed." }),
});
export type RefundShape = z.infer<typeof RefundShape>;

const AttemptShape = z.strictObject({
  number: z.int(),
  provider: z.string(),
  how: z.enum(['hold', 'charge']),
  outcome: z.enum([
    ...(['processing', 'needs-payer', 'pending', 'unknown', 'needs-review', 'held', 'captured'] as const),
    ...(['releasing', 'declined', 'refused', 'rejected', 'retired', 'absent', 'voided', 'expired'] as const),
  ]),
  openedAt: Time,
  providerId: z.string().optional(),
  code: z.string().optional().meta({ description: "The provider's word for why it ended." }),
});

/** A payment as its merchant sees it. */
export const PaymentShape = z.strictObject({
  id: z.string(),
  version: z.int().meta({ description: 'Grows with every change.' }),
  reference: z.string(),
  amount: Minor,
  currency: z.string(),
  status: z.enum(STATUSES),
  amounts: z.strictObject({
    authorised: Minor,
    captured: Minor,
    refunded: Minor,
    refundable: Minor.meta({
      description: 'What a refund may still be of; refunds under way count as done.',
    }),
  }),
  capture: z.enum(['automatic', 'manual']),
  description: z.string().optional(),
  failover: z
    .enum(['available', 'no-instrument', 'never'])
    .meta({ description: 'Can another provider be tried? `no-instrument`: its token was not sent.' }),
  nextAction: z
    .strictObject({
      type: z.enum(['redirect', 'sdk']),
      provider: z.string(),
      url: z.string().optional(),
      clientSecret: z.string().optional(),
      expiresAt: Time,
    })
    .optional()
    .meta({ description: 'With `requires-action`: what the payer has to do, and until when it counts.' }),
  attempts: z.array(AttemptShape),
  refunds: z.array(RefundShape),
  review: z
    .array(z.strictObject({ operation: z.int(), kind: z.string(), provider: z.string(), amount: Minor }))
    .optional()
    .meta({ description: 'With `needs-review`: operations that an operator can resolve.' }),
  ended: z.strictObject({ at: Time, why: z.string() }).optional(),
  createdAt: Time,
  processBefore: Time,
});
export type PaymentShape = z.infer<typeof PaymentShape>;

/** What `GET /v1/payments?reference=` finds. */
export const PaymentsShape = z.strictObject({ items: z.array(PaymentShape) });

/** Everything that happened to a payment. */
export const TimelineShape = z.strictObject({
  payment: z.string(),
  items: z.array(z.strictObject({ at: Time, by: z.string(), what: z.string(), why: z.string().optional() })),
});

/** The merchant's providers and whether they are called. */
export const ProvidersShape = z.strictObject({
  items: z.array(
    z.strictObject({
      provider: z.string(),
      title: z.string(),
      circuits: z.array(
        z.strictObject({
          call: z.string(),
          state: z.enum(['closed', 'open', 'probing']),
          until: Time.optional(),
          forced: z.boolean(),
        }),
      ),
    }),
  ),
});

/** An error (RFC 9457). */
export const ProblemShape = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z
    .string()
    .meta({ enum: Object.keys(PROBLEMS), description: 'For programs: its meaning never changes.' }),
  field: z.string().optional().meta({ description: 'Of the body, the query or the headers.' }),
  because: z.string(),
  next: z.string().meta({ description: 'What to do now.' }),
  errors: z.array(z.strictObject({ field: z.string(), because: z.string() })).optional(),
  payment: z.string().optional(),
});

/** A page of a list. */
export function pageOf(item: z.ZodType) {
  return z.strictObject({
    items: z.array(item),
    next: z
      .string()
      .optional()
      .meta({ description: 'Send it as `after` for more; absent on the last page.' }),
  });
}
