import * as z from 'zod';
import { PaymentShape } from '../api/shapes.ts';

/** A payment in a list: enough to know it by. Amounts in minor units, moments in milliseconds. */
export const PaymentRow = z.object({
  id: z.string(),
  merchant: z.string(),
  reference: z.string(),
  amount: z.number(),
  currency: z.string(),
  captured: z.number(),
  refunded: z.number(),
  status: z.string(),
  createdAt: z.number(),
  /** Of the newest attempt. */
  provider: z.string().optional(),
  providerId: z.string().optional(),
});
export type PaymentRow = z.infer<typeof PaymentRow>;

/** Newest first; `cut` = there may be more than were looked at. `note` says what could not be asked. */
export const ListAnswer = z.object({
  items: z.array(PaymentRow),
  cut: z.boolean(),
  note: z.string().optional(),
});
export type ListAnswer = z.infer<typeof ListAnswer>;

/** How far the delivery of an event is. */
export const DeliveryRow = z.object({
  id: z.string(),
  merchant: z.string(),
  type: z.string(),
  at: z.number(),
  /** `not yet` = its errand has not come. */
  state: z.string(),
  tries: z.number(),
  nextAt: z.number().optional(),
  last: z.object({ at: z.number(), status: z.number().optional(), why: z.string().optional() }).optional(),
});
export type DeliveryRow = z.infer<typeof DeliveryRow>;

/** One payment with everything that is known of it. */
export const ShowAnswer = z.object({
  merchant: z.string(),
  payment: PaymentShape,
  operations: z.array(
    z.object({
      number: z.number(),
      attempt: z.number(),
      kind: z.string(),
      state: z.string(),
      amount: z.number(),
      sends: z.number(),
      code: z.string().optional(),
      proof: z.string().optional(),
      /** What the provider knows the request by. */
      key: z.string(),
    }),
  ),
  timeline: z.array(
    z.object({ at: z.number(), by: z.string(), what: z.string(), why: z.string().optional() }),
  ),
  events: z.array(DeliveryRow),
  /** When somebody comes back for it. */
  wakeAt: z.number().optional(),
  /** What a person should do, where one is needed. */
  todo: z.string().optional(),
});
export type ShowAnswer = z.infer<typeof ShowAnswer>;
