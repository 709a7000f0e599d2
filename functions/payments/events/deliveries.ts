import type { FiledDocuments, Filing } from '../../../shared/engine/filing.ts';
import type { Millis } from '../../../shared/engine/ports.ts';
import { parse, readPayment } from '../store.ts';
import { type Delivery, DeliverySchema, newDelivery } from './delivery.ts';
import { type EventMessage, partsOf, paymentMessage, webhookId } from './message.ts';

/** A delivery, and what a write of it must name. */
export interface StoredDelivery {
  delivery: Delivery;
  revision: string | undefined;
}

export async function readDelivery(
  documents: Pick<FiledDocuments, 'get'>,
  id: string,
): Promise<StoredDelivery | undefined> {
  const stored = await documents.get(deliveryKey(id));
  return (
    stored && { delivery: parse(deliveryKey(id), DeliverySchema, stored.value), revision: stored.revision }
  );
}

/** False = somebody else was faster. */
export function writeDelivery(
  documents: FiledDocuments,
  id: string,
  { delivery, revision }: StoredDelivery,
): Promise<boolean> {
  return documents.put(deliveryKey(id), delivery, revision, filingOf(delivery));
}

/** The message of an event, and how far its delivery is; nothing of it is written yet when it is new. */
export async function openDelivery(
  documents: FiledDocuments,
  id: string,
): Promise<StoredDelivery & { message: EventMessage }> {
  const stored = await readDelivery(documents, id);
  if (stored?.delivery.data) {
    const { merchant, type, at, data } = stored.delivery;
    const message = { id: webhookId(id), merchant, type, timestamp: new Date(at).toISOString(), data };
    return { ...stored, message };
  }
  const { subject, version } = partsOf(id);
  const payment = (await readPayment(documents, subject))?.payment;
  const event = payment?.events.find((each) => each.version === version);
  if (!payment || !event)
    throw new Error(`there is no event "${id}": its errand was posted before it was stored`);
  const { type, at } = event;
  const fresh = { delivery: newDelivery({ merchant: payment.merchant, type, at }), revision: undefined };
  return { ...(stored ?? fresh), message: paymentMessage(payment, event) };
}

const PREFIX = 'payment-event/';

function deliveryKey(id: string): string {
  return `${PREFIX}${id}`;
}

/** The event's id from a key that a list gave. */
export function eventIdOf(key: string): string {
  return key.slice(PREFIX.length);
}

/** Events of one merchant on one day (UTC), by when they happened. */
export function eventsOfDay(merchant: string, at: Millis): string {
  return `payments/events/${merchant}/${new Date(at).toISOString().slice(0, 10)}`;
}

/** Those of one merchant that are not delivered and will not be, unless they are replayed. */
export function undeliveredList(merchant: string): string {
  return `payments/events/${merchant}/undelivered`;
}

function filingOf({ merchant, at, state }: Delivery): Filing {
  const isStuck = state === 'gave-up' || state === 'held';
  return { list: isStuck ? undeliveredList(merchant) : eventsOfDay(merchant, at), at };
}
