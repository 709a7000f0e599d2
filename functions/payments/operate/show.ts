import * as z from 'zod';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import { representation } from '../api/represent.ts';
import { readDelivery } from '../events/deliveries.ts';
import { eventId } from '../events/message.ts';
import type { Payment } from '../payment.ts';
import { statusOf } from '../status.ts';
import type { DeliveryRow, ShowAnswer } from './answers.ts';
import { command } from './command.ts';
import { findOne } from './find.ts';

/** One payment with everything that is known of it. */
export const show = command(
  z.strictObject({ payment: z.string().min(1) }),
  async (office, { payment }, work) =>
    shownPayment(office.ports.documents, await findOne(office, payment.trim(), work)),
);

/** What operators see of a payment. */
export async function shownPayment(documents: FiledDocuments, payment: Payment): Promise<ShowAnswer> {
  const { merchant, timeline, wakeAt } = payment;
  const todo = todoOf(payment);
  return {
    ...{ merchant, payment: representation(payment), timeline },
    operations: payment.operations.map(({ seq, attempt, kind, state, amount, sends, code, proof, key }) => ({
      ...{ number: seq, attempt, kind, state, amount, sends, key },
      ...(code !== undefined && { code }),
      ...(proof !== undefined && { proof }),
    })),
    events: await Promise.all(
      payment.events.map((event) =>
        deliveryRow(documents, eventId(payment.id, event.version), { merchant, ...event }),
      ),
    ),
    ...(wakeAt !== undefined && { wakeAt }),
    ...(todo !== undefined && { todo }),
  };
}

/** How far the delivery of one event is. */
export async function deliveryRow(
  documents: FiledDocuments,
  id: string,
  of: { merchant: string; type: string; at: number },
): Promise<DeliveryRow> {
  const delivery = (await readDelivery(documents, id))?.delivery;
  const { merchant, type, at } = delivery ?? of;
  const row: DeliveryRow = {
    id,
    merchant,
    type,
    at,
    state: delivery?.state ?? 'not yet',
    tries: delivery?.tries ?? 0,
  };
  if (delivery?.nextAt !== undefined) row.nextAt = delivery.nextAt;
  if (delivery?.last) row.last = delivery.last;
  return row;
}

function todoOf(payment: Payment): string | undefined {
  const orphan = payment.attempts.find((attempt) => attempt.orphan !== undefined);
  const review = payment.operations.find(({ state }) => state === 'needs-review');
  if (review) {
    const provider = payment.attempts.find(({ n }) => n === review.attempt)?.provider ?? 'the provider';
    return `look at ${provider} whether ${review.kind} ${review.seq} was carried out (its idempotency key there is ${review.key}), then resolve operation ${review.seq} with what you found`;
  }
  if (orphan)
    return `money moved at ${orphan.provider} that this payment did not ask for (${orphan.orphan}): refund it there or keep it, and sync the payment`;
  switch (statusOf(payment)) {
    case 'unknown':
      return 'wait: the provider is asked again and again, and nothing is charged a second time; sync asks at once';
    case 'created':
    case 'queued':
      return 'wait: it goes on as soon as a provider may be called; `providers` shows which are left alone';
    case 'requires-action':
      return 'the payer has to act; it expires by itself';
    default:
      return undefined;
  }
}
