import * as z from 'zod';
import type { Millis } from '../../../shared/engine/ports.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** After so many tries the next one waits so long (the example of Standard Webhooks): three days and a bit. */
const WAITS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** Up to this share of a wait is added by chance, so that what failed together does not come back together. */
const JITTER = 0.1;

const Moment = z.number();

/** How far the delivery of one event is. */
export const DeliverySchema = z.strictObject({
  schema: z.literal(1),
  merchant: z.string(),
  type: z.string(),
  /** When it happened. */
  at: Moment,
  /** Of an event that no payment document holds. */
  data: z.record(z.string(), z.unknown()).optional(),
  /** It is on the event queue. */
  published: z.boolean(),
  /** `held` = the endpoint is disabled; `gave-up` = after all tries. A replay makes each of them `waiting` again. */
  state: z.enum(['waiting', 'delivered', 'gave-up', 'held', 'no-endpoint']),
  /** Since the event, or since its last replay. */
  tries: z.number().int(),
  /** An errand comes then; one that comes earlier is a duplicate. */
  nextAt: Moment.optional(),
  last: z.strictObject({ at: Moment, status: z.number().optional(), why: z.string().optional() }).optional(),
  replays: z.number().int(),
});
export type Delivery = z.infer<typeof DeliverySchema>;

/** What came of one try. */
export type Outcome =
  | { kind: 'delivered'; status: number }
  | { kind: 'gone'; status: number }
  | { kind: 'failed'; status?: number; why: string; retryAfter?: Millis }
  | { kind: 'no-endpoint' | 'disabled' };

export function newDelivery(of: Pick<Delivery, 'merchant' | 'type' | 'at' | 'data'>): Delivery {
  return { schema: 1, ...of, published: false, state: 'waiting', tries: 0, replays: 0 };
}

/** An errand that is due then, for this delivery: is there anything to do? */
export function isDue({ state, published, nextAt = 0 }: Delivery, due: Millis): boolean {
  return !published || (state === 'waiting' && nextAt <= due);
}

/** The delivery after a try; `chance` is from 0 to 1. */
export function afterTry(
  delivery: Delivery,
  outcome: Outcome,
  { now, chance }: { now: Millis; chance: number },
): Delivery {
  const { nextAt: _, ...rest } = delivery;
  switch (outcome.kind) {
    case 'no-endpoint':
      return { ...rest, state: 'no-endpoint' };
    case 'disabled':
      return { ...rest, state: 'held' };
    case 'delivered':
    case 'gone': {
      const state = outcome.kind === 'gone' ? 'held' : 'delivered';
      return { ...rest, state, tries: rest.tries + 1, last: { at: now, status: outcome.status } };
    }
    case 'failed': {
      const { why, status, retryAfter = 0 } = outcome;
      const wait = WAITS[rest.tries];
      const failed = {
        ...rest,
        tries: rest.tries + 1,
        last: { at: now, why, ...(status !== undefined && { status }) },
      };
      if (wait === undefined) return { ...failed, state: 'gave-up' };
      const delay = Math.max(wait * (1 + JITTER * chance), Math.min(retryAfter, DAY));
      return { ...failed, nextAt: now + Math.round(delay) };
    }
  }
}

/** From the beginning, whatever came of it before. */
export function replayed({ nextAt: _, ...delivery }: Delivery): Delivery {
  return { ...delivery, state: 'waiting', tries: 0, replays: delivery.replays + 1 };
}
