import type { ServicePorts, ServiceWork } from '../../shared/engine/service.ts';
import type { Hub } from './advance.ts';
import type { CircuitBoard } from './circuit-board.ts';
import type { Merchant } from './site.ts';

/** The hub for one merchant during one piece of work. */
export function hubFor(
  ports: ServicePorts,
  circuits: CircuitBoard,
  merchant: Merchant,
  work: ServiceWork,
): Hub {
  return {
    ports,
    circuits,
    providers: new Map(merchant.providers.map((provider) => [provider.vendor, provider])),
    session: (provider, { sendBefore }) => ports.session(provider.account, work, { sendBefore }),
    wake: (id, at) => ports.post({ collection: 'payment', id }, at),
    announce: (id) => ports.post({ collection: 'event', id }, ports.clock.now()),
  };
}
