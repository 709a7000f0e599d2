import type { ServiceDefinition } from '../shared/engine/service.ts';
import { payments } from './payments/service.ts';

/** Every service that runs beside the flows: APIs that others call and wait for. Read wherever `flows.ts` is. */
export const services: readonly ServiceDefinition[] = [payments];
