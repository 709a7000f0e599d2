import type { Flow } from '../shared/engine/flow.ts';
import { ticketingMarketing } from './ticketing-marketing/flow.ts';

/** Every flow that runs. Hosts, infrastructure, console and documents read this list and no other. */
export const flows: readonly Flow[] = [ticketingMarketing];
