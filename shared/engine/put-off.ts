import { targetIn } from './alias.ts';
import { ageDelay } from './backoff.ts';
import { Fault } from './fault.ts';
import { leaseDuration, WORKER_TIMEOUT } from './flow.ts';
import type { Item } from './intake.ts';
import { claim, type Ending } from './job.ts';
import type { Millis } from './ports.ts';
import { finish, type Run, sendAgain } from './run.ts';

/** Records whose flow or account rests: queued again at no cost, and parked when their horizon has passed. */
export async function putOff(
  run: Run,
  items: readonly Item[],
  refusal: { until: Millis; why: string },
): Promise<void> {
  const { clock, random } = run.engine.ports;
  const now = clock.now();
  const horizon = run.flow.whenItBreaks.retryHorizonHours * 3_600_000;
  const spread = random.next();
  // A hint of the target's names no link that could be parked yet; it goes on being asked for.
  const expired = items.filter(
    ({ key, hint }) => targetIn(key.id) === undefined && now - hint.firstObservedAt > horizon,
  );
  await expire(run, expired, refusal.why);
  for (const item of items) {
    if (expired.includes(item)) continue;
    const byAge = ageDelay(now - item.hint.firstObservedAt, spread, { least: 1_000, most: 30_000 });
    sendAgain(run, item, Math.max(refusal.until - now, 0) + Math.min(byAge, 30_000));
  }
}

async function expire(run: Run, items: readonly Item[], why: string): Promise<void> {
  if (items.length === 0) return;
  const { jobs, held } = await claim(run.engine.ports, items);
  for (const { item } of held) sendAgain(run, item, WORKER_TIMEOUT);
  const fault = new Fault('rejected', {
    vendor: 'intertie',
    operation: 'horizon',
    message: `retry horizon passed while ${why}`,
  });
  await finish(
    run,
    jobs.map((job): Ending => ({ job, kind: 'failed', fault, doubt: 'none', ring: [], affects: [] })),
  );
}

/**
 * How long to leave a record to the worker that holds it: one second, doubling with the time it has held it.
 * One that has just begun will be done in a moment; one that died is waited for until its lease ends.
 */
export function contention(run: Run, item: Item, left: Millis): Millis {
  const heldFor = leaseDuration(item.collection) - left;
  const most = Math.min(Math.max(2_000, 2 * heldFor), Math.max(2_000, left + 1_000));
  return ageDelay(most, run.engine.ports.random.next(), { least: 1_000, most });
}
