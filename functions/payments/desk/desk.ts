import type { ServiceDesk } from '../../../shared/operate/service-desk.ts';
import { usualSite } from '../site.ts';
import { bookCommands } from './book-commands.ts';
import { eventCommands } from './event-commands.ts';
import { eventsPage } from './events-page.ts';
import { keyCommands } from './key-commands.ts';
import { paymentCommands } from './payment-commands.ts';
import { paymentPage } from './payment-page.ts';
import { paymentsPage } from './payments-page.ts';
import { providerCommands } from './provider-commands.ts';
import { journalPage, providersPage } from './providers-page.ts';
import { reconciliationFile, reconciliationPage } from './reconciliation-page.ts';
import { reconciliationsPage } from './reconciliations-page.ts';
import { disputesPage, strayPage } from './stray-page.ts';

/** How people operate payments. */
export const paymentsDesk: ServiceDesk = {
  service: 'payments',
  title: 'Payments',
  first: `payments key create ${usualSite.merchants[0]?.id ?? '<merchant>'} --title "my shop"`,
  commands: [...paymentCommands, ...providerCommands, ...bookCommands, ...keyCommands, ...eventCommands],
  pages: [
    ...[paymentsPage, paymentPage, providersPage, journalPage, reconciliationsPage],
    ...[reconciliationPage, reconciliationFile, strayPage, disputesPage, eventsPage],
  ],
  notices: {
    sync: 'Asked. This is what the provider shows.',
    resolve: 'Resolved. The timeline keeps the reason.',
    circuit: 'Done. It counts for every worker within a second.',
    reconcile: 'Asked for. It is made as soon as the provider can show all of that day.',
    settle: 'Settled. The journal keeps the reason.',
    'replay-events': 'On their way.',
  },
};
