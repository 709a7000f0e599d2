import type { ServicePorts, ServiceRun } from '../../shared/engine/service.ts';
import { CircuitBoard } from './circuit-board.ts';
import type { Site } from './site.ts';

/** The payments service on its host's ports. */
export function openPayments(ports: ServicePorts, site: Site): ServiceRun {
  const circuits = new CircuitBoard(ports);
  void site;
  void circuits;
  return {
    answer: async () => new Response('soon', { status: 503 }),
    receive: async () => ({ status: 503, body: '' }),
    work: async () => undefined,
    tick: async () => undefined,
    operate: async () => undefined,
  };
}
