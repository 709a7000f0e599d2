import type { ShownRefund } from '../../shared/connectors/payment-provider.ts';
import type { Operation, Payment } from './payment.ts';
import { lookDelay, SPOILT_AFTER } from './timers.ts';
import { amendOperation, move, told } from './transitions.ts';
import { isFinal, quietAt } from './view.ts';

/** A refund as its provider shows it. One that had succeeded and came back is a new fact, not a step backwards. */
export function learnRefund(
  payment: Payment,
  seq: number,
  shown: ShownRefund,
  { by, now }: { by: 'worker' | 'sync'; now: number },
): Payment {
  const operation = payment.operations.find((each) => each.seq === seq);
  if (!operation?.refund || shown.amount.minor !== operation.amount) return payment;
  const refund = { ...operation.refund, at: shown.id };
  if (operation.state === 'succeeded' && shown.standing === 'failed')
    return cameBack(payment, operation, now);
  if (isFinal(operation)) return payment;
  const at = { by, at: now, refund };
  switch (shown.standing) {
    case 'succeeded':
      return move(payment, operation, 'succeeded', at);
    case 'failed':
      return move(payment, operation, 'declined', {
        ...at,
        code: shown.failure,
        proof: 'the provider shows it failed',
      });
    case 'pending': {
      const looks = operation.state === 'pending' ? operation.looks : 0;
      const again = { looks: looks + 1, nextAt: now + lookDelay(looks, false) };
      if (operation.state === 'pending') return amendOperation(payment, seq, { ...again, refund });
      return move(payment, operation, 'pending', { ...at, ...again });
    }
  }
}

/** A refund of unknown outcome is not at the provider. */
export function learnNoRefund(
  payment: Payment,
  seq: number,
  { now, startedAt, mayRepeat }: { now: number; startedAt: number; mayRepeat: boolean },
): Payment {
  const operation = payment.operations.find((each) => each.seq === seq);
  if (operation?.state !== 'unknown' && operation?.state !== 'needs-review') return payment;
  const isQuiet = startedAt > (operation.quietAt ?? quietAt(payment, operation.attempt));
  // Its key answers nothing any more, and a new one is a new refund: that is for the merchant to ask for.
  const isSpent = !mayRepeat || operation.doubts >= SPOILT_AFTER || operation.state === 'needs-review';
  if (isQuiet && isSpent)
    return move(payment, operation, 'not-executed', {
      by: 'sync',
      at: now,
      proof: 'it was not there when all was quiet',
    });
  return amendOperation(lookAtRefundLater(payment, seq, now), seq, { again: true });
}

/** The provider could not be asked. */
export function lookAtRefundLater(payment: Payment, seq: number, now: number): Payment {
  const operation = payment.operations.find((each) => each.seq === seq);
  if (!operation) return payment;
  const nextAt = now + lookDelay(operation.looks, false);
  return amendOperation(payment, seq, { looks: operation.looks + 1, nextAt });
}

function cameBack(payment: Payment, { seq, refund }: Operation, now: number): Payment {
  if (!refund || refund.returnedAt !== undefined) return payment;
  const returned = amendOperation(payment, seq, { refund: { ...refund, returnedAt: now } });
  return told(returned, { at: now, by: 'sync', what: `refund ${refund.id} came back` });
}
