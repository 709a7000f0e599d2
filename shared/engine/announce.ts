import { type Envelope, type Hint, type Lane, pack } from './change-event.ts';
import type { Ports } from './ports.ts';

/** Puts hints on a queue, in as few messages as they fit into; durable when it resolves. */
export async function announce(
  { queue }: Pick<Ports, 'queue'>,
  lane: Lane,
  envelope: Envelope,
  hints: Iterable<Hint>,
): Promise<void> {
  const events = pack(envelope, hints);
  await queue.send(events.map((event) => ({ lane, event, delay: 0 })));
}
