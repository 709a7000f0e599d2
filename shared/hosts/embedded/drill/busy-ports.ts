import { HttpFailure } from '../../../engine/ports.ts';
import type { EmbeddedPorts } from '../ports.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The same ports; time does not pass while one of them is at work. */
export function busyPorts(own: EmbeddedPorts, { clock, during }: VirtualTime): EmbeddedPorts {
  const { documents, queue, secrets, http } = own;
  return {
    ...own,
    // What measures this bound otherwise is the machine's clock.
    http: async ({ sendBefore = Number.MAX_SAFE_INTEGER, ...request }) => {
      if (clock.now() < sendBefore) return await during(http(request));
      throw new HttpFailure('its time to be sent has passed', false);
    },
    documents: {
      get: (key) => during(documents.get(key)),
      put: (...written) => during(documents.put(...written)),
      listed: (...asked) => during(documents.listed(...asked)),
    },
    queue: {
      ...queue,
      send: (messages) => during(queue.send(messages)),
      receive: (...asked) => during(queue.receive(...asked)),
      acknowledge: (...asked) => during(queue.acknowledge(...asked)),
      depth: (of) => during(queue.depth(of)),
    },
    secrets: {
      get: (name) => during(secrets.get(name)),
      put: (name, value) => during(secrets.put(name, value)),
    },
  };
}
