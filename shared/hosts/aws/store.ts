import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock, Millis, Random } from '../../engine/ports.ts';

/** The state table as the adapters reach it. */
export interface Store {
  client: DynamoDBClient;
  table: string;
  clock: Clock;
  random: Random;
}

/** How long a part that the service did not take is offered again; the rest of the worker's time is for vendors. */
const PERSIST_FOR: Millis = 8_000;

/**
 * Between two offers of what a service left over: doubling, with jitter. False when it is time to give up; the
 * caller then throws, and its messages come back.
 */
export async function pauseBeforeRetry(
  { clock, random }: Pick<Store, 'clock' | 'random'>,
  attempt: number,
  since: Millis,
): Promise<boolean> {
  const pause = Math.min(1_000, 50 * 2 ** attempt) * (0.5 + random.next());
  if (clock.now() + pause > since + PERSIST_FOR) return false;
  await clock.sleep(pause);
  return true;
}

/** All settled, then the first failure thrown: nothing is left running when it throws. */
export async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(work);
  return ended.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}
