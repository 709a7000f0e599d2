import type { Connector } from '../connector.ts';
import { SecretSchema } from './auth.ts';
import { check } from './check.ts';

export type { ConstituentEdit } from './constituent-edit.ts';
export { constituentWriter } from './constituent-writer.ts';
export { constituents, tessituraAccount } from './constituents.ts';
export type { Household, Member } from './household-read.ts';
export { households } from './households.ts';
export { FIELD_LENGTHS } from './limits.ts';
export type { Participation } from './participation-read.ts';
export { participations } from './participations.ts';
export type { Performance } from './performance-schema.ts';
export { performances } from './performances.ts';
export { schedulePurge, unschedulePurge } from './purge.ts';
export type { Constituent } from './schema.ts';
export { webhook } from './webhook.ts';
export { historyOf } from './writes-history.ts';

/** Tessitura, the box office and donor system of performing-arts organisations, through its REST service. */
export const connector: Connector = { vendor: 'tessitura', title: 'Tessitura', secret: SecretSchema, check };
