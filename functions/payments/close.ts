import type { Attempt, Ending, Operation, Payment } from './payment.ts';
import { TAIL } from './timers.ts';
import { move, type Saying, told } from './transitions.ts';
import { isFinal, newest } from './view.ts';

/** How and by what proof an attempt ends. */
export interface Closing {
  how: Ending;
  proof: string;
  code?: string | undefined;
  hard?: boolean | undefined;
  /** When its provider asked to be left alone until. */
  retryAfter?: number | undefined;
  /** Nothing was there, which a straggler may still change: look again. */
  tail?: boolean;
}

/** Changes what is remembered of one attempt. */
export function amendAttempt(payment: Payment, n: number, change: Partial<Attempt>): Payment {
  return {
    ...payment,
    attempts: payment.attempts.map((each) => (each.n === n ? { ...each, ...change } : each)),
  };
}

/** Ends an attempt on proof: what was open of it has not been executed, and the capture fence is free again. */
export function closeAttempt(payment: Payment, n: number, closing: Closing, { by, at }: Saying): Payment {
  const { how, proof, code, hard, retryAfter, tail } = closing;
  let next = payment;
  for (const operation of payment.operations) {
    if (operation.attempt !== n || operation.kind === 'refund' || isFinal(operation)) continue;
    next = finish(next, operation, { proof, by, at });
  }
  next = amendAttempt(next, n, {
    closed: { at, how, proof, code, hard, retryAfter },
    tailAt: tail ? at + TAIL : undefined,
  });
  next = freeFence(next, n);
  return told(next, { by, at, what: `attempt ${n} closed: ${how}`, why: proof });
}

function finish(
  payment: Payment,
  operation: Operation,
  { proof, by, at }: Saying & { proof: string },
): Payment {
  if (operation.state === 'created')
    return move(payment, operation, 'not-executed', {
      by: 'janitor',
      at,
      proof: 'it was never sent',
      why: proof,
    });
  if (operation.kind === 'void' && operation.state !== 'sent')
    return move(payment, operation, 'not-executed', {
      by: 'sync',
      at,
      proof,
      why: 'nothing is left to release',
    });
  return move(payment, operation, 'not-executed', {
    by: by === 'worker' ? 'worker' : 'sync',
    at,
    proof,
    why: proof,
  });
}

/** Another attempt may take the money only when it is certain that this one has not and will not. */
export function freeFence(payment: Payment, n: number): Payment {
  if (payment.captureOwner !== n) return payment;
  const took = newest(payment, n, 'capture', 'charge');
  return took?.state === 'succeeded' ? payment : { ...payment, captureOwner: undefined };
}

/** No longer wanted: what it holds is released, and nothing more is asked of it. */
export function abandon(
  payment: Payment,
  n: number,
  why: string,
  { by, at, ending }: Saying & { ending?: Ending },
): Payment {
  const attempt = payment.attempts.find((each) => each.n === n);
  if (!attempt || attempt.closed || attempt.abandoned) return payment;
  const next = amendAttempt(payment, n, {
    abandoned: { at, why, ending },
    looks: 0,
    nextLookAt: undefined,
  });
  return told(next, { by, at, what: `attempt ${n} abandoned`, why });
}
