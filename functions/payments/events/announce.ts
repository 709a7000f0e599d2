import type { Ports } from '../../../shared/engine/ports.ts';
import type { Payment } from '../payment.ts';
import { readPayment, writePayment } from '../store.ts';
import { eventId } from './message.ts';

/** What announcing needs of the hub. */
interface Announcer {
  ports: Pick<Ports, 'documents' | 'random'>;
  announce(event: string): Promise<void>;
}

/**
 * Puts an errand on the queue for each event that has none yet, and only then notes how many have one: a crash between
 * announces an event again, which its consumers see by its version. Resolves with the payment as it is stored now.
 */
export async function announceEvents(announcer: Announcer, payment: Payment): Promise<Payment> {
  if (payment.announced >= payment.events.length) return payment;
  await post(announcer, payment);
  return note(announcer, payment);
}

async function post(announcer: Announcer, { id, events, announced }: Payment): Promise<void> {
  await Promise.all(events.slice(announced).map(({ version }) => announcer.announce(eventId(id, version))));
}

async function note({ ports }: Announcer, payment: Payment): Promise<Payment> {
  const { documents, random } = ports;
  const announced = payment.events.length;
  for (;;) {
    const stored = await readPayment(documents, payment.id);
    if (!stored) throw new Error(`payment ${payment.id} is not there`);
    if (stored.payment.announced >= announced) return stored.payment;
    const written = await writePayment(documents, stored, { ...stored.payment, announced }, random.token());
    if (written) return written;
  }
}
