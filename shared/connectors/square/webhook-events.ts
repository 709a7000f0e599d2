import * as z from 'zod';
import type { ProviderHint } from '../payment-provider.ts';

const EventSchema = z.object({
  type: z.string().min(1),
  event_id: z.string().min(1),
  data: z.unknown().optional(),
});

/** The object an event is about, as far as it says which record to look at. */
const SubjectSchema = z.object({
  id: z.string().min(1),
  object: z
    .object({
      payment: z.object({ id: z.string().min(1), reference_id: z.string().nullish() }).nullish(),
      refund: z.object({ id: z.string().min(1), payment_id: z.string().nullish() }).nullish(),
      dispute: z
        .object({ disputed_payment: z.object({ payment_id: z.string().nullish() }).nullish() })
        .nullish(),
    })
    .nullish(),
});
type Subject = z.infer<typeof SubjectSchema>;

/**
 * What to look at because of an event; `ignored` for the many that are about nothing of ours; undefined for what is no
 * event.
 */
export function hintIn(value: unknown): ProviderHint | 'ignored' | undefined {
  const event = EventSchema.safeParse(value).data;
  if (!event) return undefined;
  const subject = SubjectSchema.safeParse(event.data).data;
  return (subject && hintOf(event.type, subject)) ?? 'ignored';
}

function hintOf(type: string, { id, object }: Subject): ProviderHint | undefined {
  switch (type.split('.')[0]) {
    case 'payment': {
      const reference = object?.payment?.reference_id;
      return { about: 'payment', id: object?.payment?.id ?? id, ...(reference && { reference }) };
    }
    case 'refund': {
      const paymentId = object?.refund?.payment_id;
      return { about: 'refund', id: object?.refund?.id ?? id, ...(paymentId && { paymentId }) };
    }
    case 'dispute': {
      const paymentId = object?.dispute?.disputed_payment?.payment_id;
      // Of `dispute.evidence.*` the id is the evidence's.
      return type.startsWith('dispute.evidence')
        ? undefined
        : { about: 'dispute', id, ...(paymentId && { paymentId }) };
    }
    case 'payout':
      return { about: 'payout', id };
    default:
      return undefined;
  }
}
