import type { Payment, PaymentEvent } from '../payment.ts';

/** An event as its readers get it. The same event is the same text, however often it is sent. */
export interface EventMessage {
  /** Readers tell repeats by it; the `webhook-id`. */
  id: string;
  merchant: string;
  type: string;
  /** When it happened, ISO 8601. */
  timestamp: string;
  /** `id` and `version` of what it happened to, and how that stood then. */
  data: Readonly<Record<string, unknown>>;
}

/** The id of a payment's event, as we call it. */
export function eventId(payment: string, version: number): string {
  return `${payment}.${version}`;
}

/** Of an event's id: what it happened to, and the event's version. */
export function partsOf(id: string): { subject: string; version: number } {
  const at = id.lastIndexOf('.');
  return { subject: id.slice(0, Math.max(0, at)), version: Number(id.slice(at + 1)) };
}

/** As readers know it: without a full stop, which separates what is signed. */
export function webhookId(id: string): string {
  return `evt_${id.replaceAll('.', '_')}`;
}

/** What an operator typed or pasted: our id of an event, or the one that readers know. */
export function eventIdFrom(text: string): string {
  return text.trim().replace(/^evt_(.+)_(\d+)$/, '$1.$2');
}

/** An amount is in minor units, as everywhere in the API. */
export function paymentMessage(payment: Payment, event: PaymentEvent): EventMessage {
  const { id, reference, amount, currency, merchant } = payment;
  const { version, type, at, status, captured, refunded, refund } = event;
  const data = { id, reference, version, status, amount, currency, amounts: { captured, refunded } };
  return {
    id: webhookId(eventId(id, version)),
    merchant,
    type,
    timestamp: new Date(at).toISOString(),
    data: { ...data, ...(refund && { refund }) },
  };
}

/** What is posted to an endpoint, which knows whose it is. */
export function bodyOf({ type, timestamp, data }: EventMessage): string {
  return JSON.stringify({ type, timestamp, data });
}
