import type { ServiceDrill } from '../shared/engine/drill.ts';
import { paymentsDrill } from './payments/drill/drill.ts';

/** A rehearsal of the worst day of each service; only the command line reads it. */
export const drills: readonly ServiceDrill[] = [paymentsDrill];
