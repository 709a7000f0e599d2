import type { ChangeQueue, Clock, Millis, QueueRef } from '../../engine/ports.ts';

/** The same queue; whoever is told can look at once instead of polling. A delayed message rings when it is due. */
export function notifying<Q extends ChangeQueue>(
  queue: Q,
  options: { clock: Clock; told(ref: QueueRef): void; stopping: AbortSignal },
): Q {
  const later = (ref: QueueRef, delay: Millis) => {
    options.clock.sleep(delay, options.stopping).then(
      () => options.told(ref),
      () => undefined,
    );
  };
  return {
    ...queue,
    async send(messages) {
      await queue.send(messages);
      const rings = new Map<string, { ref: QueueRef; delay: Millis }>();
      for (const { lane, event, delay } of messages) {
        rings.set(`${event.flow} ${lane} ${delay}`, { ref: { flow: event.flow, lane }, delay });
      }
      for (const { ref, delay } of rings.values()) {
        if (delay === 0) options.told(ref);
        // Longer ones are found by the lanes' own look, which comes at least every second.
        else if (delay < 1_000) later(ref, delay);
      }
    },
  };
}
