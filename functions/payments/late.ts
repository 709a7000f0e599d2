import type { Shown } from '../../shared/connectors/payment-provider.ts';
import { amendAttempt } from './close.ts';
import type { Attempt, Payment } from './payment.ts';
import { told } from './transitions.ts';

/** Money moved that this payment did not ask for: everything stops, and a person decides. */
export function orphaned(payment: Payment, n: number, now: number): Payment {
  const orphan = 'the provider shows money taken that this payment did not ask for';
  return told(amendAttempt(payment, n, { orphan }), {
    at: now,
    by: 'sync',
    what: `attempt ${n} orphan`,
    why: orphan,
  });
}

/** A closed attempt came to something after all: a hold is released, money is for a person to decide about. */
export function turnedUp(
  payment: Payment,
  { n, closed, tails }: Attempt,
  shown: Shown,
  { now }: { now: number },
): Payment {
  switch (shown.standing) {
    case 'captured':
      return orphaned(payment, n, now);
    case 'held':
    case 'needs-payer': {
      const why = 'it turned up after it had been closed';
      const abandoned = { at: now, why, ending: closed?.how };
      const open = { closed: undefined, tailAt: undefined, abandoned, looks: 0, nextLookAt: now };
      return told(amendAttempt(payment, n, open), {
        at: now,
        by: 'sync',
        what: `attempt ${n} reopened`,
        why,
      });
    }
    case 'pending':
      return payment;
    case 'prepared':
    case 'voided':
    case 'declined':
    case 'expired':
      return amendAttempt(payment, n, { tailAt: undefined, tails: tails + 1 });
  }
}
