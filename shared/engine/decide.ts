import { ageDelay, retryDelay } from './backoff.ts';
import type { Hint } from './change-event.ts';
import type { Fault } from './fault.ts';
import type { Millis } from './ports.ts';

/** What happens to one record after a fault. */
export type Decision =
  /** Give the record back and try again later. */
  | { do: 'retry'; delay: Millis; spendsAttempt: boolean }
  /** Keep the lease: somebody may yet find that the write landed. Try again when it has ended. */
  | { do: 'quarantine'; spendsAttempt: boolean }
  /** As retry, and rung when the record it waits for settles. */
  | { do: 'wait'; delay: Millis }
  | { do: 'park'; reason: string };

export interface DecisionContext {
  now: Millis;
  maxAttempts: number;
  horizon: Millis;
  /** Is the account's breaker closed? An unknown outcome in an outage spends no attempt. */
  breakerClosed: boolean;
  /** One draw of [0, 1), shared by the records that failed together. */
  spread: number;
}

const SHORT = { least: 1_000, most: 60_000 };
const LONG = { least: 2_000, most: 900_000 };

/**
 * The whole retry policy. `gone` and `merged` are not here because they are readings, not failures;
 * what to do then is each collection's own policy.
 */
export function decide(fault: Fault, hint: Hint, context: DecisionContext): Decision {
  const age = context.now - hint.firstObservedAt;
  const reason = `${fault.kind}: ${fault.message}`;
  const tooOld = age > context.horizon;
  switch (fault.kind) {
    case 'rejected':
    case 'bug':
      return { do: 'park', reason };
    case 'unknown-outcome':
      return afterUnknown(reason, tooOld, hint, context);
    case 'rate-limited':
    case 'unavailable':
    case 'auth-expired':
    case 'contract-changed': {
      if (tooOld) return { do: 'park', reason: `retry horizon passed, last ${reason}` };
      const delay = Math.max(bounded(fault.retryAfter ?? 0), ageDelay(age, context.spread, SHORT));
      return { do: 'retry', delay, spendsAttempt: false };
    }
    case 'waiting':
      if (tooOld) return { do: 'park', reason: `retry horizon passed, ${reason}` };
      return { do: 'wait', delay: ageDelay(age, context.spread, LONG) };
    case 'conflict':
      if (tooOld || hint.attempt + 1 >= context.maxAttempts) return { do: 'park', reason };
      return { do: 'retry', delay: retryDelay(hint.attempt, context.spread), spendsAttempt: true };
  }
}

/** A vendor may ask for hours, while it moves an account; nobody may ask for a year. */
export function bounded(retryAfter: Millis): Millis {
  return Math.min(Math.max(0, retryAfter), 25 * 3_600_000);
}

/** Parked only when the attempts are spent, and even then the lease stays: the write may still land. */
function afterUnknown(reason: string, tooOld: boolean, hint: Hint, context: DecisionContext): Decision {
  const spent = context.breakerClosed && hint.attempt + 1 >= context.maxAttempts;
  if (tooOld || spent) return { do: 'park', reason };
  return { do: 'quarantine', spendsAttempt: context.breakerClosed };
}
