import type { ServiceDesk } from '../../../shared/operate/service-desk.ts';
import { bookCommands } from './book-commands.ts';
import { eventCommands } from './event-commands.ts';
import { keyCommands } from './key-commands.ts';
import { paymentCommands } from './payment-commands.ts';
import { providerCommands } from './provider-commands.ts';

/** How people operate payments. */
export const paymentsDesk: ServiceDesk = {
  service: 'payments',
  title: 'Payments',
  commands: [...paymentCommands, ...providerCommands, ...bookCommands, ...keyCommands, ...eventCommands],
  pages: [],
  notices: {},
};
