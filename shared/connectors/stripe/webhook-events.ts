import * as z from 'zod';
import type { ProviderHint } from '../payment-provider.ts';
import { REFERENCE } from './shown.ts';

const EventSchema = z.object({
  object: z.string(),
  id: z.string().min(1),
  type: z.string(),
  data: z.unknown().optional(),
});

/** The object an event is about, as far as it says which record to look at. */
const SubjectSchema = z.object({
  object: z.object({
    object: z.string(),
    id: z.string().min(1),
    payment_intent: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
  }),
});
type Subject = z.infer<typeof SubjectSchema>['object'];

/**
 * What to look at because of an event; `ignored` for the many that are about nothing of ours, those of API v2
 * (`v2.core.event`) included; undefined for what is no event.
 */
export function hintIn(value: unknown): ProviderHint | 'ignored' | undefined {
  const event = EventSchema.safeParse(value).data;
  if (!event) return undefined;
  const subject = event.object === 'event' ? SubjectSchema.safeParse(event.data).data?.object : undefined;
  return (subject && hintOf(subject)) ?? 'ignored';
}

function hintOf({ object, id, metadata, payment_intent: intent }: Subject): ProviderHint | undefined {
  const paymentId = (typeof intent === 'object' ? intent?.id : intent) ?? undefined;
  const reference = metadata?.[REFERENCE];
  switch (object) {
    case 'payment_intent':
      return { about: 'payment', id, ...(reference !== undefined && { reference }) };
    case 'charge':
      return paymentId ? { about: 'payment', id: paymentId } : undefined;
    case 'refund':
      return { about: 'refund', id, ...(paymentId && { paymentId }) };
    case 'dispute':
      return { about: 'dispute', id, ...(paymentId && { paymentId }) };
    case 'payout':
      return { about: 'payout', id };
    default:
      return undefined;
  }
}
