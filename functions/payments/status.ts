import type { End, Payment } from './payment.ts';
import { isFinal, isHeld, isOpen, liveAttempts, taking, wantedAttempts } from './view.ts';

/** What a merchant is told. The last five are final. */
export type Status =
  | 'created'
  | 'queued'
  | 'processing'
  | 'requires-action'
  | 'unknown'
  | 'needs-review'
  | 'authorised'
  | 'captured'
  | End;

/** A pure function of the operations and of how the payment was ended; never stored. */
export function statusOf(payment: Payment): Status {
  if (taking(payment)) return 'captured';
  if (payment.attempts.some(({ orphan }) => orphan !== undefined)) return 'needs-review';
  if (payment.ended) return payment.ended.as;
  const open = openOperations(payment);
  if (open.some(({ state }) => state === 'needs-review')) return 'needs-review';
  if (wantedAttempts(payment).some((attempt) => isHeld(payment, attempt)))
    return payment.captureOwner === undefined && waitsForMerchant(payment) ? 'authorised' : 'processing';
  if (open.some(({ state }) => state === 'unknown')) return 'unknown';
  if (open.some(({ state }) => state === 'needs-payer') || asksPayer(payment)) return 'requires-action';
  if (open.length > 0) return 'processing';
  return payment.attempts.length === 0 ? 'created' : 'queued';
}

/** Nothing is left to do or to look at, unless somebody asks for a refund. */
export function isAtRest(payment: Payment): boolean {
  const took = taking(payment)?.attempt;
  return (
    isSettled(statusOf(payment)) &&
    payment.operations.every(isFinal) &&
    payment.attempts.every(({ n, closed, tailAt, orphan }) =>
      closed ? tailAt === undefined && orphan === undefined : n === took,
    )
  );
}

/** Nothing more is tried; holds may still have to be released, and money refunded. */
export function isSettled(status: Status): boolean {
  return ['captured', 'declined', 'rejected', 'voided', 'expired'].includes(status);
}

function openOperations(payment: Payment) {
  const live = new Set(liveAttempts(payment).map(({ n }) => n));
  return payment.operations.filter(
    (each) => each.kind !== 'refund' && live.has(each.attempt) && isOpen(each),
  );
}

function waitsForMerchant({ capture, captureAsked }: Payment): boolean {
  return capture === 'manual' && !captureAsked;
}

/** Made at the provider, which waits for the payer's consent before anything can be held. */
function asksPayer(payment: Payment): boolean {
  return wantedAttempts(payment).some(({ seen }) => seen?.standing === 'needs-payer');
}
