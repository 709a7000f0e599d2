import * as z from 'zod';
import type { DeadLetter, DeadLetters } from '../../engine/ports.ts';
import { deleteAll, depthOf, receiveUpTo, type Sqs, sendAll } from './sqs.ts';

/** A looked-at letter is out of sight for this long; that is what the port promises. */
const LOOK_MS = 60_000;

const DeadLetterSchema: z.ZodType<DeadLetter> = z.strictObject({
  flow: z.string(),
  collection: z.string(),
  id: z.string(),
  reason: z.string(),
  fingerprint: z.string(),
  at: z.number(),
  trace: z.string(),
});

/** A flow's dead-letter queue: our letters, and whatever SQS moved there by itself. */
export function deadLetters(sqs: Sqs, urlOf: (flow: string) => string | Promise<string>): DeadLetters {
  return {
    add: async (letters) => {
      for (const [flow, some] of Map.groupBy(letters, (letter) => letter.flow))
        await sendAll(
          sqs,
          await urlOf(flow),
          some.map((letter) => ({ body: JSON.stringify(letter), delay: 0 })),
        );
    },
    look: async (flow, max) => {
      const found = await receiveUpTo(sqs, await urlOf(flow), { max, visibility: LOOK_MS });
      return found.map(({ receipt, body }) => ({ receipt, body, letter: letterOf(body) }));
    },
    remove: async (flow, receipts) => deleteAll(sqs, await urlOf(flow), receipts),
    depth: async (flow) => {
      const { visible, inFlight, delayed } = await depthOf(sqs, await urlOf(flow));
      return visible + inFlight + delayed;
    },
  };
}

function letterOf(body: string): DeadLetter | undefined {
  try {
    return DeadLetterSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
