import type { Ports } from '../../shared/engine/ports.ts';

/** Calls and items by port and method, since they were last forgotten. */
export interface Tally {
  count(name: string, by?: number): void;
  of(name: string): number;
  forget(): void;
}

export function tally(): Tally {
  const counts = new Map<string, number>();
  return {
    count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    of: (name) => counts.get(name) ?? 0,
    forget: () => counts.clear(),
  };
}

/** The same ports; each call is counted by its name, and what it carries as `<name> items`. */
export function countedPorts<P extends Ports>(ports: P, { count }: Tally): P {
  const { links, queue, documents, secrets, trail, http } = ports;
  const called = (name: string, items = 1) => {
    count(name);
    count(`${name} items`, items);
  };
  return {
    ...ports,
    http: (request) => {
      called('http');
      return http(request);
    },
    links: {
      ...links,
      read: (keys) => {
        called('links.read', keys.length);
        return links.read(keys);
      },
      claim: (requests, expiredBefore) => {
        called('links.claim', requests.length);
        return links.claim(requests, expiredBefore);
      },
      settle: (settlements) => {
        called('links.settle', settlements.length);
        return links.settle(settlements);
      },
      wait: (key, waiter) => {
        called('links.wait');
        return links.wait(key, waiter);
      },
    },
    queue: {
      ...queue,
      send: (messages) => {
        called('queue.send', messages.length);
        // SQS takes ten messages a request.
        count('queue.send requests', Math.ceil(messages.length / 10));
        return queue.send(messages);
      },
      receive: async (...asked) => {
        const received = await queue.receive(...asked);
        if (received.length > 0) {
          called('queue.receive', received.length);
          count('queue.receive requests', Math.ceil(received.length / 10));
        }
        return received;
      },
      acknowledge: (from, receipts) => {
        called('queue.acknowledge', receipts.length);
        count('queue.acknowledge requests', Math.ceil(receipts.length / 10));
        return queue.acknowledge(from, receipts);
      },
    },
    documents: {
      ...documents,
      get: (key) => {
        called('documents.get');
        return documents.get(key);
      },
      put: (...written) => {
        called('documents.put');
        return documents.put(...written);
      },
    },
    secrets: {
      ...secrets,
      get: (name) => {
        called('secrets.get');
        return secrets.get(name);
      },
    },
    trail: {
      ...trail,
      write: (entries) => {
        called('trail', entries.length);
        count(
          'trail bytes',
          entries.reduce((sum, entry) => sum + JSON.stringify(entry).length + 1, 0),
        );
        trail.write(entries);
      },
    },
  };
}
