import { paypalProvider } from '../../../shared/connectors/paypal/index.ts';
import { type PaypalSandbox, paypalSandbox } from '../../../shared/connectors/paypal/sandbox.ts';
import type { SandboxOptions } from '../../../shared/connectors/sandbox.ts';
import { type Running, serveSandbox } from '../contract.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { type TestSession, type TestSessionOptions, testSession } from '../session.ts';

/** A sandbox on a port of its own with sessions that share its clock; `await using` stops it. */
export interface Paypal extends Running {
  readonly sandbox: PaypalSandbox;
  now(): number;
  session(options?: Partial<TestSessionOptions>): TestSession;
  [Symbol.asyncDispose](): Promise<void>;
}

export const provider = paypalProvider('main');
let seeds = 0;

/** The clock stands still unless the test moves the sandbox on. */
export async function startPaypal(options: Partial<SandboxOptions> = {}): Promise<Paypal> {
  seeds += 1;
  const sandbox = paypalSandbox({
    seed: seeds,
    size: 0,
    rateScale: Number.POSITIVE_INFINITY,
    now: () => PAYMENT_START,
    ...options,
  });
  const running = await serveSandbox(sandbox);
  const now = () => Date.parse(sandbox.state(running.baseUrl).now);
  return {
    ...running,
    sandbox,
    now,
    session: (more = {}) => testSession({ account: 'paypal/main', secret: running.secret, now, ...more }),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
