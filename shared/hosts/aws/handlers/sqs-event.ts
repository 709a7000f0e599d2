import * as z from 'zod';
import type { Delivery } from '../../../engine/ports.ts';

/** What of Lambda's SQS event is used. */
export const SqsEvent = z.object({
  Records: z
    .array(
      z.object({
        messageId: z.string(),
        receiptHandle: z.string(),
        body: z.string(),
        attributes: z.object({ ApproximateReceiveCount: z.string().optional() }).optional(),
        eventSourceARN: z.string(),
      }),
    )
    .min(1),
});
export type SqsRecord = z.infer<typeof SqsEvent>['Records'][number];

/** The messages that stay on the queue. */
export interface PartialBatch {
  batchItemFailures: { itemIdentifier: string }[];
}

export function toDelivery({ receiptHandle, body, attributes }: SqsRecord): Delivery {
  return { receipt: receiptHandle, body, receiveCount: Number(attributes?.ApproximateReceiveCount ?? 1) };
}

/** Every message that is not finished is reported and comes back. */
export function leftOf(records: readonly SqsRecord[], done: readonly string[]): PartialBatch {
  const finished = new Set(done);
  const left = records.filter((record) => !finished.has(record.receiptHandle));
  return { batchItemFailures: left.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
