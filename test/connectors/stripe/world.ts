import Stripe from 'stripe';
import type { SandboxOptions } from '../../../shared/connectors/sandbox.ts';
import { stripeProvider } from '../../../shared/connectors/stripe/index.ts';
import { type StripeSandbox, stripeSandbox } from '../../../shared/connectors/stripe/sandbox.ts';
import { type Running, serveSandbox } from '../contract.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { type TestSession, type TestSessionOptions, testSession } from '../session.ts';

/** A sandbox on a port of its own with sessions that speak to it; `await using` stops it. */
export interface StripeWorld extends Running {
  readonly sandbox: StripeSandbox;
  session(options?: Partial<TestSessionOptions>): TestSession;
  /** Stripe's own client. */
  sdk(): Stripe;
  [Symbol.asyncDispose](): Promise<void>;
}

export const provider = stripeProvider('main');
let seeds = 0;

export async function startStripe(options: Partial<SandboxOptions> = {}): Promise<StripeWorld> {
  seeds += 1;
  const now = options.now ?? (() => PAYMENT_START);
  const sandbox = stripeSandbox({
    seed: seeds,
    size: 0,
    now,
    rateScale: Number.POSITIVE_INFINITY,
    ...options,
  });
  const running = await serveSandbox(sandbox);
  return {
    ...running,
    sandbox,
    session: (more = {}) => testSession({ account: 'stripe/main', secret: running.secret, now, ...more }),
    sdk: () => {
      const { port } = new URL(running.baseUrl);
      const config = { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 } as const;
      return new Stripe(String(running.secret.apiKey), config);
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
