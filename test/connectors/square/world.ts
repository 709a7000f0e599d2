import type { SandboxOptions } from '../../../shared/connectors/sandbox.ts';
import { squareProvider } from '../../../shared/connectors/square/index.ts';
import { type SquareSandbox, squareSandbox } from '../../../shared/connectors/square/sandbox.ts';
import { type Running, serveSandbox } from '../contract.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { type TestSession, type TestSessionOptions, testSession } from '../session.ts';

/** A sandbox on a port of its own with sessions that share its clock; `await using` stops it. */
export interface SquareWorld extends Running {
  readonly sandbox: SquareSandbox;
  now(): number;
  session(options?: Partial<TestSessionOptions>): TestSession;
  [Symbol.asyncDispose](): Promise<void>;
}

export const provider = squareProvider('main');
let seeds = 0;

/** The clock stands still unless the test moves the sandbox on. */
export async function startSquare(options: Partial<SandboxOptions> = {}): Promise<SquareWorld> {
  seeds += 1;
  const sandbox = squareSandbox({
    seed: seeds,
    size: 0,
    now: () => PAYMENT_START,
    rateScale: Number.POSITIVE_INFINITY,
    ...options,
  });
  const running = await serveSandbox(sandbox);
  const now = () => Date.parse(sandbox.state(running.baseUrl).now);
  return {
    ...running,
    sandbox,
    now,
    session: (more = {}) => testSession({ account: 'square/main', secret: running.secret, now, ...more }),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
