import { none } from '../connector.ts';

/** The REST service pushes nothing; interceptor plugins can, but only on self-hosted servers and unsigned. */
export const webhook = none('polled: Tessitura sends no signed webhooks');
