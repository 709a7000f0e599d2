import type { Millis } from '../../../shared/engine/ports.ts';

export const POLICIES = ['proof', 'hold', 'never'] as const;
export type Policy = (typeof POLICIES)[number];

/** How nasty the world of payments is. Probabilities are per opportunity, named in each line. */
export interface PayWeights {
  policy: Policy;
  payments: number;
  /** How long faults stay on. */
  chaos: Millis;
  workers: number;
  /** A worker dies, per scheduling point. */
  crash: number;
  /** A worker stands still for up to `longestFreeze`, per scheduling point; it goes on afterwards. */
  freeze: number;
  longestFreeze: Millis;
  /** It stands still between the send-by check and the first byte, per send. */
  pause: number;
  longestPause: Millis;
  /** Storage throws, before or after its effect, per write. */
  throttle: number;
  /** A message is there twice, per message. */
  duplicate: number;
  /** No connection, per call. */
  refused: number;
  /** 429, per call. */
  tooMany: number;
  /** The answer is lost after the provider acted, per call. */
  replyLost: number;
  /** The provider acts up to its lateness after the deadline, per call. */
  late: number;
  /** 500 before or after the effect, per call; kept under the key where the provider does that. */
  serverError: number;
  /** Windows in which a provider is gone, per provider; of those, the share that lasts up to 31 hours. */
  outages: number;
  longOutages: number;
  /** Of executions: declined softly or hard, pending, asks the payer. */
  soft: number;
  hard: number;
  pending: number;
  needsPayer: number;
  /** Share of payments whose instruments can only be charged. */
  oneStep: number;
  manual: number;
  voids: number;
  refunds: number;
  /** A refund that had succeeded comes back, or one is pending first. */
  slowRefunds: number;
  /** The provider's webhook rings (possibly twice, late), per change. */
  webhook: number;
  /** Clocks of workers differ from true time by at most this. */
  skew: Millis;
  lateness: Millis;
  /** A client library that sends again after a lost answer and reports the second one (a broken condition). */
  resends: number;
}

export const defaultPayWeights: PayWeights = {
  policy: 'proof',
  payments: 2,
  chaos: 1_800_000,
  workers: 3,
  crash: 0.01,
  freeze: 0.008,
  longestFreeze: 420_000,
  pause: 0.05,
  longestPause: 10_000,
  throttle: 0.006,
  duplicate: 0.1,
  refused: 0.04,
  tooMany: 0.06,
  replyLost: 0.08,
  late: 0.08,
  serverError: 0.06,
  outages: 0.4,
  longOutages: 0.1,
  soft: 0.08,
  hard: 0.03,
  pending: 0.05,
  needsPayer: 0.03,
  oneStep: 0.1,
  manual: 0.2,
  voids: 0.1,
  refunds: 0.4,
  slowRefunds: 0.3,
  webhook: 0.4,
  skew: 5_000,
  lateness: 60_000,
  resends: 0,
};

/** Nothing goes wrong any more; what is slow stays slow. */
export function calmPay(weights: PayWeights): PayWeights {
  return {
    ...weights,
    crash: 0,
    freeze: 0,
    pause: 0,
    throttle: 0,
    duplicate: 0,
    refused: 0,
    tooMany: 0,
    replyLost: 0,
    late: 0,
    serverError: 0,
    resends: 0,
  };
}
