import type { Look, Shown } from '../../shared/connectors/payment-provider.ts';
import { abandon, amendAttempt, closeAttempt } from './close.ts';
import { orphaned, turnedUp } from './late.ts';
import type { Attempt, Operation, Payment } from './payment.ts';
import { lookDelay, SPOILT_AFTER, TAIL } from './timers.ts';
import { amendOperation, move, told } from './transitions.ts';
import { isOpen, newest, opening, quietAt } from './view.ts';

/** Looks after which the next one is a quarter of an hour away. */
const SOON = 4;

/** When a look began and ended, and whether it was the answer to a send. */
export interface Looking {
  by: 'worker' | 'sync';
  now: number;
  startedAt: number;
}

/** What a look at the provider showed of one attempt. Only what it shows counts, never that it failed. */
export function learn(payment: Payment, n: number, look: Look<Shown>, looking: Looking): Payment {
  const attempt = payment.attempts.find((each) => each.n === n);
  if (!attempt) return payment;
  const learnt =
    look.kind === 'found'
      ? learnFound(payment, n, look.shown, looking)
      : learnAbsent(payment, attempt, looking);
  return lookAgainLater(learnt, n, looking.now);
}

/** Nothing was learnt: the provider could not be asked. */
export function lookAgainLater(payment: Payment, n: number, now: number): Payment {
  const attempt = payment.attempts.find((each) => each.n === n);
  if (!attempt) return payment;
  if (attempt.closed) {
    // A tail look that could not be made, or that showed something unfinished, is made again.
    return attempt.tailAt !== undefined && attempt.tailAt <= now
      ? amendAttempt(payment, n, { tailAt: now + TAIL })
      : payment;
  }
  const nextLookAt = now + lookDelay(attempt.looks, attempt.abandoned !== undefined);
  return amendAttempt(payment, n, { looks: attempt.looks + 1, nextLookAt });
}

/** The payment as its provider shows it. */
export function learnFound(payment: Payment, n: number, shown: Shown, looking: Looking): Payment {
  const attempt = payment.attempts.find((each) => each.n === n);
  if (!attempt) return payment;
  const mismatch = mismatchOf(payment, attempt, shown);
  if (mismatch !== undefined)
    return told(payment, {
      at: looking.now,
      by: looking.by,
      what: `attempt ${n}: not believed`,
      why: mismatch,
    });
  const { standing, captured, refunded, nextAction } = shown;
  const seen = { standing, captured: captured.minor, refunded: refunded.minor, at: looking.startedAt };
  const isNewer = (attempt.seen?.at ?? 0) <= looking.startedAt;
  const action = nextAction && { nextAction };
  const noted = amendAttempt(payment, n, { id: shown.id, ...(isNewer && { seen }), ...action });
  return attempt.closed
    ? turnedUp(noted, attempt, shown, looking)
    : believe(noted, { ...attempt, id: shown.id }, shown, looking);
}

function mismatchOf(
  payment: Payment,
  attempt: Attempt,
  { id, amount, reference }: Shown,
): string | undefined {
  if (attempt.id !== undefined && attempt.id !== id) return `it is ${id}, not ${attempt.id}`;
  if (amount.minor !== payment.amount || amount.currency !== payment.currency) return 'its amount differs';
  if (reference !== undefined && reference !== attempt.reference) return 'its reference is not ours';
  return undefined;
}

function believe(payment: Payment, attempt: Attempt, shown: Shown, looking: Looking): Payment {
  const { n } = attempt;
  const first = opening(payment, n);
  const saying = { by: looking.by, at: looking.now };
  switch (shown.standing) {
    case 'captured':
      return tookMoney(payment, attempt, shown, looking);
    case 'held': {
      const held = first && isOpenOrSent(first) ? move(payment, first, 'succeeded', saying) : payment;
      return sendAgain(sendAgain(held, newest(held, n, 'capture')), newest(held, n, 'void'));
    }
    case 'pending':
    case 'needs-payer': {
      const waits = first && isOpenOrSent(first) && first.state !== shown.standing;
      const known = waits ? move(payment, first, shown.standing, saying) : prepared(payment, n, looking);
      return attempt.abandoned ? stillThere(known, attempt, looking) : known;
    }
    case 'prepared':
      return notAuthorised(prepared(payment, n, looking), attempt, looking);
    case 'declined':
      return saysDeclined(payment, attempt, shown, looking);
    case 'voided':
    case 'expired':
      return closeAttempt(
        releasedBy(payment, n, looking),
        n,
        {
          how: attempt.abandoned?.ending ?? shown.standing,
          proof: `the provider shows it ${shown.standing}`,
        },
        saying,
      );
  }
}

function isOpenOrSent(operation: Operation): boolean {
  return operation.state === 'sent' || isOpen(operation);
}

/** The object exists: its making has succeeded, whatever it waits for. */
function prepared(payment: Payment, n: number, { by, now }: Looking): Payment {
  const made = newest(payment, n, 'prepare');
  return made && isOpenOrSent(made) ? move(payment, made, 'succeeded', { by, at: now }) : payment;
}

function releasedBy(payment: Payment, n: number, { by, now }: Looking): Payment {
  const release = newest(payment, n, 'void');
  return release && isOpenOrSent(release) ? move(payment, release, 'succeeded', { by, at: now }) : payment;
}

/** The provider answers again: what is open there is no longer left for hours. */
function sendAgain(payment: Payment, operation: Operation | undefined): Payment {
  if (operation?.state !== 'unknown' && operation?.state !== 'needs-review') return payment;
  const { seq, attempt: n } = operation;
  const looks = Math.min(payment.attempts.find((each) => each.n === n)?.looks ?? 0, SOON);
  return amendAttempt(amendOperation(payment, seq, { again: true }), n, { looks });
}

function tookMoney(payment: Payment, attempt: Attempt, shown: Shown, { by, now }: Looking): Payment {
  const { n, how } = attempt;
  const saying = { by, at: now };
  const first = opening(payment, n);
  const took = how === 'charge' ? first : newest(payment, n, 'capture');
  const opened =
    first && first !== took && isOpenOrSent(first) ? move(payment, first, 'succeeded', saying) : payment;
  if (took?.state === 'succeeded') return opened;
  if (took && isOpenOrSent(took) && payment.captureOwner === n)
    return move(opened, took, 'succeeded', { ...saying, amount: shown.captured.minor });
  return orphaned(opened, n, now);
}

/** Not wanted and not ended yet. One that cannot be ended is left behind, once nothing on its way can reach it. */
function stillThere(payment: Payment, attempt: Attempt, looking: Looking): Payment {
  const { n, seen } = payment.attempts.find((each) => each.n === attempt.n) ?? attempt;
  const release = newest(payment, n, 'void');
  const cannotEnd = release?.state === 'rejected' || release?.state === 'declined';
  const isQuiet = looking.startedAt > quietAt(payment, n);
  const mayLeave = cannotEnd && isQuiet && seen?.standing !== 'pending';
  return mayLeave ? closeAbsent(payment, attempt, looking) : sendAgain(payment, release);
}

/** The object is there and nothing has been authorised on it, as far as this look could see. */
function notAuthorised(payment: Payment, attempt: Attempt, looking: Looking): Payment {
  if (attempt.abandoned) return stillThere(payment, attempt, looking);
  const first = opening(payment, attempt.n);
  return first ? retry(payment, attempt, first, looking) : payment;
}

/** Sent again under its key, unless a later try was declined or the key looks spoilt: then the attempt is ended. */
function retry(payment: Payment, attempt: Attempt, first: Operation, { now }: Looking): Payment {
  const saying = { by: 'sync' as const, at: now };
  if (first.state === 'needs-review') return abandon(payment, attempt.n, 'it took too long to tell', saying);
  if (first.state !== 'unknown') return payment;
  if (first.code !== undefined)
    return abandon(payment, attempt.n, `declined after a doubt: ${first.code}`, {
      ...saying,
      ending: 'declined',
    });
  if (first.doubts >= SPOILT_AFTER) return abandon(payment, attempt.n, 'tried in vain', saying);
  return sendAgain(payment, first);
}

/** A refusal of the payer that a look shows is final once nothing sent before can arrive. */
function saysDeclined(payment: Payment, attempt: Attempt, shown: Shown, looking: Looking): Payment {
  const { n } = attempt;
  const first = opening(payment, n);
  if (first?.state === 'sent' || looking.startedAt <= quietAt(payment, n)) return payment;
  const proof = 'the provider shows it declined';
  const saying = { by: looking.by, at: looking.now };
  const code = shown.decline?.code;
  const hard = shown.decline?.hard;
  const next =
    first && isOpen(first) ? move(payment, first, 'declined', { ...saying, proof, code }) : payment;
  // A payer who was shown a step of their own may still take it.
  return closeAttempt(
    next,
    n,
    { how: 'declined', proof, code, hard, tail: attempt.nextAction !== undefined },
    saying,
  );
}

/** Not there. Proof only if the look began after nothing sent before could still arrive. */
function learnAbsent(payment: Payment, attempt: Attempt, looking: Looking): Payment {
  const { n } = attempt;
  if (attempt.closed) return amendAttempt(payment, n, { tailAt: undefined, tails: attempt.tails + 1 });
  const first = opening(payment, n);
  if (attempt.opens === 'two-step' || !first || !isOpen(first)) return payment;
  const isQuiet = looking.startedAt > quietAt(payment, n);
  if (attempt.abandoned) return isQuiet ? closeAbsent(payment, attempt, looking) : payment;
  return retry(payment, attempt, first, looking);
}

function closeAbsent(payment: Payment, attempt: Attempt, looking: Looking): Payment {
  const proof = `nothing was there after ${quietAt(payment, attempt.n)}`;
  const how = attempt.abandoned?.ending ?? 'absent';
  const { code } = opening(payment, attempt.n) ?? {};
  return closeAttempt(payment, attempt.n, { how, proof, code, tail: true }, { by: 'sync', at: looking.now });
}
