import { virtualClock } from '../support/memory/clock.ts';
import { memoryPorts } from '../support/memory/ports.ts';
import { fork } from '../support/memory/state.ts';
import { describePorts } from './contract.ts';

describePorts('the memory host', async () => {
  const clock = virtualClock();
  const ports = memoryPorts({ clock });
  return {
    ports,
    advance: (ms) => clock.advance(ms),
    restart: async () => memoryPorts({ clock, state: fork(ports.state) }),
    close: async () => undefined,
  };
});
