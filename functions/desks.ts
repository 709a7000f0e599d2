import type { ServiceDesk } from '../shared/operate/service-desk.ts';
import { paymentsDesk } from './payments/desk/desk.ts';

/** How people operate each service, on the command line and the console; no worker and no stack reads it. */
export const desks: readonly ServiceDesk[] = [paymentsDesk];
