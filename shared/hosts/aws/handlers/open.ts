import { type Host, openHost } from '../host.ts';
import { openLogger } from '../logger.ts';

/** The host of every function that tells outcomes. */
export function openLoggedHost(flow: string): Host {
  return openHost(flow, openLogger());
}
