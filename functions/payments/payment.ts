import * as z from 'zod';

/** Milliseconds by our clock. */
const Moment = z.number().int();
const Minor = z.number().int().nonnegative();

/** What is asked of a provider. `prepare` moves no money; each of the others may. */
export const KINDS = ['prepare', 'authorise', 'charge', 'capture', 'void', 'refund'] as const;
export type Kind = (typeof KINDS)[number];

/** How far an operation is; `transitions.ts` says how it may go on. */
export const STATES = [
  'created',
  'sent',
  'unknown',
  'pending',
  'needs-payer',
  'needs-review',
  'succeeded',
  'declined',
  'rejected',
  'not-executed',
  'retired',
] as const;
export type State = (typeof STATES)[number];

const OperationSchema = z.strictObject({
  seq: z.number().int(),
  kind: z.enum(KINDS),
  attempt: z.number().int(),
  state: z.enum(STATES),
  amount: Minor,
  /** The provider's idempotency key, at most 40 characters; stored before it is sent. */
  key: z.string().max(40),
  keyTry: z.number().int(),
  /** Sends so far, and those of which nobody knows whether the provider acted. */
  sends: z.number().int(),
  doubts: z.number().int(),
  /** The newest send: only who holds its token may tell what came of it. */
  send: z.strictObject({ token: z.string(), at: Moment, sendBefore: Moment, quietAt: Moment }).optional(),
  firstSentAt: Moment.optional(),
  /** From then on nothing that was sent can still arrive. */
  quietAt: Moment.optional(),
  unknownSince: Moment.optional(),
  /** Not sent, and not looked at, before then. */
  nextAt: Moment.optional(),
  looks: z.number().int(),
  /** A look showed that it has not happened (yet): to be sent again under its key. */
  again: z.boolean().optional(),
  code: z.string().optional(),
  /** What showed that it was or was not executed. */
  proof: z.string().optional(),
  /** Void of whatever the key of the attempt's first call may have opened. */
  byKey: z.boolean().optional(),
  /** A refund's: our id of it, the provider's, why, and when a refund that had succeeded came back. */
  refund: z
    .strictObject({
      id: z.string(),
      at: z.string().optional(),
      reason: z.string().optional(),
      returnedAt: Moment.optional(),
    })
    .optional(),
});
export type Operation = z.infer<typeof OperationSchema>;

/** How an attempt ended. Only `declined` counts against the payer; only proof closes an attempt. */
export const ENDINGS = ['declined', 'refused', 'rejected', 'retired', 'absent', 'voided', 'expired'] as const;
export type Ending = (typeof ENDINGS)[number];

const AttemptSchema = z.strictObject({
  n: z.number().int(),
  provider: z.string(),
  /** `charge` only for instruments that cannot be held. */
  how: z.enum(['hold', 'charge']),
  opens: z.enum(['two-step', 'one-step']),
  /** Ours at the provider; no two attempts share one. */
  reference: z.string().max(40),
  instrument: z.string(),
  openedAt: Moment,
  /** The provider's id. */
  id: z.string().optional(),
  /** What the provider last showed of it, in a look that began at `at`. */
  seen: z.strictObject({ standing: z.string(), captured: Minor, refunded: Minor, at: Moment }).optional(),
  nextAction: z
    .strictObject({
      type: z.enum(['redirect', 'sdk']),
      url: z.string().optional(),
      clientSecret: z.string().optional(),
      expiresAt: Moment.optional(),
    })
    .optional(),
  /** No longer wanted: whatever it holds is to be released. */
  abandoned: z.strictObject({ at: Moment, why: z.string(), ending: z.enum(ENDINGS).optional() }).optional(),
  closed: z
    .strictObject({
      at: Moment,
      how: z.enum(ENDINGS),
      proof: z.string(),
      code: z.string().optional(),
      hard: z.boolean().optional(),
      retryAfter: Moment.optional(),
    })
    .optional(),
  /** Closed because nothing was there: looked at once more then. */
  tailAt: Moment.optional(),
  tails: z.number().int(),
  looks: z.number().int(),
  nextLookAt: Moment.optional(),
  /** Some byte of a request that moves money may have left. */
  left: z.boolean().optional(),
  /** Money moved that this payment did not ask for: a person decides. */
  orphan: z.string().optional(),
});
export type Attempt = z.infer<typeof AttemptSchema>;

/** Who made a transition. */
export const MAKERS = ['api', 'worker', 'janitor', 'sync', 'operator'] as const;
export type Maker = (typeof MAKERS)[number];

const EntrySchema = z.strictObject({
  at: Moment,
  by: z.enum(MAKERS),
  what: z.string(),
  why: z.string().optional(),
});

/** How a payment ends when no money is taken. */
export const ENDS = ['declined', 'rejected', 'voided', 'expired'] as const;
export type End = (typeof ENDS)[number];

const RoutingSchema = z.strictObject({
  /** Providers in the order in which they are tried. */
  order: z.array(z.string()).min(1),
  /** When another provider may be tried: never, on proof that no money moved, or while there can only be holds. */
  failover: z.enum(['never', 'proof', 'hold']),
  /** What a soft decline leads to. */
  softDecline: z.enum(['stop', 'next']),
});
export type Routing = z.infer<typeof RoutingSchema>;

/** What a merchant is told of a payment. */
export const EVENT_TYPES = [
  'payment.created',
  'payment.queued',
  'payment.unknown',
  'payment.requires_action',
  'payment.needs_review',
  'payment.authorised',
  'payment.captured',
  'payment.declined',
  'payment.rejected',
  'payment.voided',
  'payment.expired',
  'refund.created',
  'refund.succeeded',
  'refund.failed',
  'refund.needs_review',
  'refund.returned',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const EventSchema = z.strictObject({
  /** 1, 2, 3 … within its payment. */
  version: z.number().int(),
  type: z.enum(EVENT_TYPES),
  at: Moment,
  /** The payment's status and amounts as of then. */
  status: z.string(),
  captured: Minor,
  refunded: Minor,
  /** Of `refund.*`. */
  refund: z.strictObject({ id: z.string(), amount: Minor }).optional(),
});
export type PaymentEvent = z.infer<typeof EventSchema>;

/** One payment as it is stored: one document, changed only by compare-and-set of `version`. Operations are only ever added. */
export const PaymentSchema = z.strictObject({
  schema: z.literal(1),
  id: z.string().max(32),
  version: z.number().int(),
  /** Of the newest write: a repeated write knows its own success by it. */
  writer: z.string(),
  /** Written, but its reference is not yet claimed: nothing may be sent. */
  draft: z.boolean().optional(),
  merchant: z.string(),
  reference: z.string().max(40),
  amount: Minor,
  currency: z.string().length(3),
  capture: z.enum(['automatic', 'manual']),
  description: z.string().optional(),
  returnUrl: z.string().optional(),
  /** The token of the payer's card or wallet at each provider. */
  instruments: z.record(z.string(), z.strictObject({ token: z.string(), oneStep: z.boolean().optional() })),
  routing: RoutingSchema,
  createdAt: Moment,
  /** No attempt is opened after it, and open ones are abandoned. */
  processBefore: Moment,
  attempts: z.array(AttemptSchema),
  operations: z.array(OperationSchema),
  /** The one attempt that may take the money. */
  captureOwner: z.number().int().optional(),
  /** The merchant asked for it: how much. */
  captureAsked: z.strictObject({ at: Moment, amount: Minor }).optional(),
  voidAsked: z.strictObject({ at: Moment }).optional(),
  /** A message that comes at this time is on the queue. */
  wakeAt: Moment.optional(),
  /** Nothing was taken and nothing more is tried. */
  ended: z.strictObject({ at: Moment, as: z.enum(ENDS), why: z.string() }).optional(),
  /** Append-only: every transition, who made it and why. */
  timeline: z.array(EntrySchema),
  /** Append-only: what happened, stored in the write that made it so. */
  events: z.array(EventSchema).default([]),
  /** So many of them have an errand of their own on the queue. */
  announced: z.number().int().default(0),
});
export type Payment = z.infer<typeof PaymentSchema>;
