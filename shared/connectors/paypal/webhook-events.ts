import * as z from 'zod';
import type { ProviderHint } from '../payment-provider.ts';
import { linkOf } from './faults.ts';

/** One delivery is one event. */
export const EventSchema = z.object({ id: z.string(), event_type: z.string(), resource: z.unknown() });
/** One delivery. */
export type WebhookEvent = z.infer<typeof EventSchema>;

const OrderResource = z.object({
  id: z.string(),
  purchase_units: z.array(z.object({ custom_id: z.string().nullish() })).nullish(),
});
const PartResource = z.object({
  id: z.string(),
  custom_id: z.string().nullish(),
  supplementary_data: z
    .object({ related_ids: z.object({ order_id: z.string().nullish() }).nullish() })
    .nullish(),
  links: z.array(z.object({ href: z.string(), rel: z.string() })).nullish(),
});
const DisputeResource = z.object({ dispute_id: z.string() });

/** What may have changed; undefined for a type that we do not use, or that names nothing we could read. */
export function hintOf({ event_type: type, resource }: WebhookEvent): ProviderHint | undefined {
  if (type.startsWith('CHECKOUT.ORDER.') || type === 'CHECKOUT.PAYMENT-APPROVAL.REVERSED')
    return orderHint(resource);
  if (type === 'PAYMENT.CAPTURE.REFUNDED' || type.startsWith('PAYMENT.REFUND.')) return refundHint(resource);
  if (type.startsWith('PAYMENT.CAPTURE.') || type.startsWith('PAYMENT.AUTHORIZATION.'))
    return partHint(resource);
  if (type.startsWith('CUSTOMER.DISPUTE.')) return disputeHint(resource);
  return undefined;
}

function orderHint(resource: unknown): ProviderHint | undefined {
  const order = OrderResource.safeParse(resource).data;
  if (!order) return undefined;
  return payment(order.id, order.purchase_units?.[0]?.custom_id);
}

/** Of a hold or a capture: the payment is its order. */
function partHint(resource: unknown): ProviderHint | undefined {
  const part = PartResource.safeParse(resource).data;
  const id = part?.supplementary_data?.related_ids?.order_id ?? orderLink(part?.links);
  return id ? payment(id, part?.custom_id) : undefined;
}

function refundHint(resource: unknown): ProviderHint | undefined {
  const refund = PartResource.safeParse(resource).data;
  if (!refund) return undefined;
  const paymentId = refund.supplementary_data?.related_ids?.order_id ?? orderLink(refund.links);
  return { about: 'refund', id: refund.id, ...(paymentId && { paymentId }) };
}

function disputeHint(resource: unknown): ProviderHint | undefined {
  const dispute = DisputeResource.safeParse(resource).data;
  return dispute && { about: 'dispute', id: dispute.dispute_id };
}

function payment(id: string, reference: string | null | undefined): ProviderHint {
  return { about: 'payment', id, ...(reference && { reference }) };
}

function orderLink(links: z.infer<typeof PartResource>['links']): string | undefined {
  return linkOf(links, 'up')?.match(/\/checkout\/orders\/([A-Z0-9]+)$/)?.[1];
}
