import { readCredentials } from './environment.ts';

/**
 * The bundler puts this in the place of the SDK's own search for credentials, which looks through profiles,
 * sign-in pages and instance metadata and is a quarter of a bundle.
 */
export const defaultProvider = () => async () => readCredentials();
