import { abandon, closeAttempt } from './close.ts';
import type { Attempt, End, Payment } from './payment.ts';
import { unknown } from './send.ts';
import { MOST_DECLINES, REVIEW_AFTER } from './timers.ts';
import { move, told } from './transitions.ts';
import { isHeld, liveAttempts, newest, opening, taking, wantedAttempts } from './view.ts';

/** What time alone has changed, and what follows of it. Never an outcome: that takes proof. */
export function tidy(payment: Payment, now: number): Payment {
  const steps = [endLeases, retirePrepares, askPeople, giveUp, closeUntouched, end];
  return steps.reduce((next, step) => step(next, now), payment);
}

/** Whoever sent it has not told: it may have happened. */
function endLeases(payment: Payment, now: number): Payment {
  let next = payment;
  for (const operation of payment.operations) {
    if (operation.state !== 'sent' || (operation.send?.quietAt ?? 0) > now) continue;
    next = unknown(next, operation, { now, why: 'its sender has not come back', doubt: 1, by: 'janitor' });
  }
  return next;
}

/** It moves no money, and without its id nothing ever will on it: the payment is free to go on at once. */
function retirePrepares(payment: Payment, now: number): Payment {
  let next = payment;
  for (const operation of payment.operations) {
    if (operation.kind !== 'prepare' || operation.state !== 'unknown') continue;
    const proof = 'a lost object that nobody can authorise on';
    next = move(next, operation, 'retired', { by: 'janitor', at: now, proof });
    next = closeAttempt(next, operation.attempt, { how: 'retired', proof }, { by: 'janitor', at: now });
  }
  return next;
}

function askPeople(payment: Payment, now: number): Payment {
  let next = payment;
  for (const operation of payment.operations) {
    if (operation.state !== 'unknown' || (operation.unknownSince ?? now) + REVIEW_AFTER > now) continue;
    next = move(next, operation, 'needs-review', {
      by: 'janitor',
      at: now,
      why: 'nobody could tell for a day',
    });
  }
  return next;
}

/** Attempts that are no longer wanted. */
function giveUp(payment: Payment, now: number): Payment {
  const took = taking(payment);
  const held = wantedAttempts(payment).find((attempt) => isHeld(payment, attempt));
  let next = payment;
  for (const attempt of wantedAttempts(payment)) {
    const why = whyGiveUp(payment, attempt, { now, chosen: took?.attempt ?? held?.n });
    if (why !== undefined) next = abandon(next, attempt.n, why, { by: 'janitor', at: now });
  }
  return next;
}

function whyGiveUp(
  payment: Payment,
  attempt: Attempt,
  { now, chosen }: { now: number; chosen: number | undefined },
): string | undefined {
  if (chosen !== undefined && chosen !== attempt.n) return `attempt ${chosen} holds the money`;
  // Money is just being taken: that has to be seen to its end.
  if (attempt.how === 'hold' && payment.captureOwner === attempt.n) return undefined;
  if (taking(payment)?.attempt === attempt.n) return undefined;
  if (payment.voidAsked) return 'void asked for';
  if (now < payment.processBefore) return undefined;
  const waits = payment.capture === 'manual' && isHeld(payment, attempt);
  return waits ? undefined : 'too late';
}

/** Nothing was ever authorised, so that there is nothing to release. */
function closeUntouched(payment: Payment, now: number): Payment {
  let next = payment;
  for (const attempt of liveAttempts(payment)) {
    if (!attempt.abandoned || needsRelease(payment, attempt)) continue;
    const how = attempt.abandoned.ending ?? 'voided';
    const closing = { how, proof: 'nothing was ever authorised' };
    next = closeAttempt(next, attempt.n, closing, { by: 'janitor', at: now });
  }
  return next;
}

/** May there be a hold, now or later? */
export function needsRelease(payment: Payment, { n, seen }: Attempt): boolean {
  if (taking(payment)?.attempt === n) return true;
  if (newest(payment, n, 'prepare')?.state === 'sent') return true;
  if (seen?.standing === 'held' || seen?.standing === 'pending') return true;
  const first = opening(payment, n);
  if (!first || first.sends === 0) return false;
  if (seen?.standing === 'needs-payer') return true;
  return !['declined', 'rejected', 'not-executed'].includes(first.state);
}

function end(payment: Payment, now: number): Payment {
  if (payment.ended || taking(payment) || liveAttempts(payment).length > 0) return payment;
  const ending = endingOf(payment, now);
  if (!ending) return payment;
  const [as, why] = ending;
  return told(
    { ...payment, ended: { at: now, as, why } },
    { at: now, by: 'janitor', what: `ended: ${as}`, why },
  );
}

function endingOf(payment: Payment, now: number): [End, string] | undefined {
  const { attempts, voidAsked, processBefore } = payment;
  if (attempts.some(({ orphan }) => orphan !== undefined)) return undefined;
  if (voidAsked) return ['voided', 'asked for'];
  const refused = attempts.find(({ closed }) => closed?.how === 'rejected')?.closed;
  if (refused) return ['rejected', refused.code ?? refused.proof];
  const declines = attempts.filter(({ closed }) => closed?.how === 'declined');
  const decline = declines.at(-1)?.closed;
  if (decline && isLastDecline(payment, declines)) return ['declined', decline.code ?? decline.proof];
  const lost = attempts.find((each) => wasTakenAway(payment, each));
  if (lost) return [lost.closed?.how === 'expired' ? 'expired' : 'voided', 'its provider ended the hold'];
  const spent = attempts.some(
    ({ how, left, closed }) => how === 'charge' && left && closed?.how !== 'refused',
  );
  if (spent && !decline) return ['expired', 'it could not be charged, and must not be tried again'];
  if (now < processBefore) return undefined;
  return decline
    ? ['declined', decline.code ?? decline.proof]
    : ['expired', 'it was too late for another attempt'];
}

function isLastDecline({ routing, instruments }: Payment, declines: readonly Attempt[]): boolean {
  if (declines.length >= MOST_DECLINES || declines.some(({ closed }) => closed?.hard)) return true;
  if (routing.softDecline === 'stop' || routing.failover === 'never') return true;
  const left = routing.order.filter(
    (provider) => instruments[provider] && !declines.some((each) => each.provider === provider),
  );
  return left.length === 0;
}

/** A hold that was there and that neither we nor the merchant released. */
function wasTakenAway(payment: Payment, { n, closed, abandoned }: Attempt): boolean {
  if (abandoned || (closed?.how !== 'voided' && closed?.how !== 'expired')) return false;
  return opening(payment, n)?.state === 'succeeded';
}
