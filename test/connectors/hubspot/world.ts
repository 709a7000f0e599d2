import { type HubspotSandbox, hubspotSandbox } from '../../../shared/connectors/hubspot/sandbox.ts';
import type { SandboxOptions } from '../../../shared/connectors/sandbox.ts';
import { type Running, serveSandbox } from '../contract.ts';
import { type TestSession, type TestSessionOptions, testSession } from '../session.ts';

/** A sandbox on a port of its own with sessions that speak to it; `await using` stops it. */
export interface Hubspot extends Running {
  readonly sandbox: HubspotSandbox;
  session(options?: Partial<TestSessionOptions>): TestSession;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The clock stands still unless the test advances the sandbox. */
export const START = Date.parse('2026-11-24T12:00:00Z');

export async function startHubspot(options: Partial<SandboxOptions> = {}): Promise<Hubspot> {
  const sandbox = hubspotSandbox({ seed: 7, size: 0, now: () => START, ...options });
  const running = await serveSandbox(sandbox);
  return {
    ...running,
    sandbox,
    session: (more = {}) =>
      testSession({ account: 'hubspot/main', secret: running.secret, now: () => START, ...more }),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
