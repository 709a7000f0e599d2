import { asFault } from '../../../shared/engine/fault.ts';
import { SKEW } from '../../../shared/engine/flow.ts';
import { advance } from '../advance.ts';
import type { Payment } from '../payment.ts';
import { readPayment } from '../store.ts';
import type { Call } from './route.ts';

/** How long a caller waits for the first attempt. */
const PATIENCE = 10_000;
/** Longer than a caller waits; a repeat before it is told to come back. */
const LEASE = 15_000;

/** Until when a second request with the same key is told to come back. */
export function leaseUntil(now: number): number {
  return now + LEASE;
}

/** Puts a message on the queue that comes for the payment if this worker does not live to see to it. */
export function secure({ ports, work }: Call, id: string): Promise<void> {
  return ports.post({ collection: 'payment', id }, work.deadline + SKEW);
}

/**
 * Brings a payment as far as it comes while its caller waits, and gives it as it is then. What is still under way goes
 * on behind the answer; whatever goes wrong here is the queue's to mend, which has a message for it.
 */
export async function settle(call: Call, id: string, { hinted = false } = {}): Promise<Payment> {
  const { ports, hubOf, merchant, work } = call;
  const now = ports.clock.now();
  const deadline = Math.min(now + PATIENCE, work.deadline);
  const stop = new AbortController();
  const going = advance(hubOf(merchant, work), id, { deadline, hinted }).catch((thrown: unknown) => {
    const { kind, message } = asFault(thrown, 'payments api');
    ports.log({ log: 'trouble', payment: id, kind, reason: message });
    return undefined;
  });
  const patience = ports.clock.sleep(deadline - now, stop.signal).catch(() => undefined);
  const payment = await Promise.race([going, patience]);
  stop.abort();
  if (payment) return payment;
  work.background(going);
  const stored = await readPayment(ports.documents, id);
  if (!stored) throw new Error(`payment ${id} is not there`);
  return stored.payment;
}
