import type { PaymentProvider } from '../../shared/connectors/payment-provider.ts';
import { isKeyAlive } from './keys.ts';
import { dueOfRefunds } from './next-refund.ts';
import type { Attempt, Kind, Operation, Payment } from './payment.ts';
import { route, type Surroundings } from './route.ts';
import { needsRelease } from './tidy.ts';
import { SPOILT_AFTER } from './timers.ts';
import { isFinal, newest, opening, quietAt, taking } from './view.ts';

/** A call that is to be made; `seq` is absent for an operation that does not exist yet. */
export interface SendStep {
  do: 'send';
  attempt: number;
  kind: Kind;
  amount: number;
  seq?: number;
  byKey?: boolean;
}

/** The one next thing to do. */
export type Next =
  | { do: 'open'; provider: PaymentProvider }
  | SendStep
  | { do: 'look'; attempt: number; by: 'read' | 'find' }
  | { do: 'look-refund'; seq: number; by: 'read' | 'find' }
  | { do: 'abandon'; attempt: number; why: string }
  | { do: 'wait'; until: number }
  | { do: 'done' };

/** Something to do from `at` on; without a step, a moment at which time changes something. */
export interface Due {
  at: number;
  step?: Exclude<Next, { do: 'wait' } | { do: 'done' }>;
}

/** Somebody says that the provider has news: what has been looked at since, by `lookName`. Absent = nobody says so. */
export interface Circumstances extends Surroundings {
  looked?: ReadonlySet<string> | undefined;
}

/** Names what a step looks at. */
export function lookName(step: Next): string {
  return step.do === 'look'
    ? `attempt ${step.attempt}`
    : step.do === 'look-refund'
      ? `refund ${step.seq}`
      : '';
}

/** A hold that waits for its merchant is looked at now and then: it may end by itself. */
const HOLD_LOOK = 6 * 3_600_000;

/** Decides on a tidied payment. Pure. */
export function next(payment: Payment, around: Circumstances): Next {
  const dues = [
    ...payment.attempts.flatMap((attempt) => dueOfAttempt(payment, attempt, around)),
    ...dueOfRefunds(payment, around),
    ...dueOfRouting(payment, around),
  ];
  for (const { at, step } of dues) if (step && at <= around.now) return step;
  if (dues.length === 0) return { do: 'done' };
  return { do: 'wait', until: Math.min(...dues.map(({ at }) => Math.max(at, around.now + 1))) };
}

function dueOfRouting(payment: Payment, around: Circumstances): Due[] {
  const way = route(payment, around);
  const over = payment.ended || taking(payment) ? [] : [{ at: payment.processBefore }];
  const late = over.filter(({ at }) => at > around.now);
  if (!way) return late;
  return 'provider' in way
    ? [{ at: around.now, step: { do: 'open', provider: way.provider } }]
    : [way, ...late];
}

function dueOfAttempt(payment: Payment, attempt: Attempt, around: Circumstances): Due[] {
  const { n, closed, tailAt, orphan } = attempt;
  if (orphan !== undefined) return [];
  if (closed) return tailAt === undefined ? [] : [{ at: tailAt, step: look(attempt) }];
  const sent = payment.operations.find(
    ({ attempt: of, kind, state }) => of === n && kind !== 'refund' && state === 'sent',
  );
  if (sent) return [...hintedLook(attempt, around), { at: sent.send?.quietAt ?? 0 }];
  const dues = attempt.abandoned ? release(payment, attempt, around) : carryOn(payment, attempt, around);
  return [...hintedLook(attempt, around), ...dues];
}

function look({ n, id }: Attempt): NonNullable<Due['step']> {
  return { do: 'look', attempt: n, by: id === undefined ? 'find' : 'read' };
}

function hintedLook(attempt: Attempt, around: Circumstances): Due[] {
  const step = look(attempt);
  if (attempt.id === undefined || around.looked?.has(lookName(step)) !== false) return [];
  return [{ at: around.restsUntil(attempt.provider, 'read') ?? around.now, step }];
}

/** On its schedule, and not while the provider is left alone. */
function lookDue(attempt: Attempt, around: Circumstances, notBefore = 0): Due {
  const rest = around.restsUntil(attempt.provider, 'read') ?? 0;
  return { at: Math.max(attempt.nextLookAt ?? 0, rest, notBefore), step: look(attempt) };
}

function sendDue(attempt: Attempt, operation: Operation, around: Circumstances): Due {
  const { kind, amount, seq, nextAt = 0, again } = operation;
  const rest = around.restsUntil(attempt.provider, kind) ?? 0;
  const at = Math.max(rest, again ? 0 : nextAt);
  return { at, step: { do: 'send', attempt: attempt.n, kind, amount, seq } };
}

function newDue(attempt: Attempt, kind: Kind, amount: number, around: Circumstances): Due {
  const rest = around.restsUntil(attempt.provider, kind) ?? 0;
  return { at: rest, step: { do: 'send', attempt: attempt.n, kind, amount } };
}

/** A wanted attempt: make, authorise, capture; look where an outcome is open. */
function carryOn(payment: Payment, attempt: Attempt, around: Circumstances): Due[] {
  const { n, how, opens, seen } = attempt;
  const made = newest(payment, n, 'prepare');
  if (made?.state === 'created') return [sendDue(attempt, made, around)];
  const first = opening(payment, n);
  if (!first) {
    if (opens === 'two-step' && seen?.standing !== 'prepared') return [lookDue(attempt, around)];
    return [newDue(attempt, how === 'hold' ? 'authorise' : 'charge', payment.amount, around)];
  }
  if (first.state === 'succeeded') return how === 'hold' ? take(payment, attempt, around) : [];
  if (first.state === 'created') return [sendDue(attempt, first, around)];
  if (!first.again) return [lookDue(attempt, around)];
  const provider = around.providers.get(attempt.provider);
  if (isKeyAlive(first, provider, around.now)) return [sendDue(attempt, first, around)];
  return [{ at: 0, step: { do: 'abandon', attempt: n, why: 'its key is too old to be sent again' } }];
}

/** A hold: take the money when it is wanted and nobody else may take it. */
function take(payment: Payment, attempt: Attempt, around: Circumstances): Due[] {
  const { capture, captureAsked, captureOwner = attempt.n, amount } = payment;
  const taken = newest(payment, attempt.n, 'capture');
  if (taken?.state === 'succeeded') return [];
  if (captureOwner !== attempt.n) return [];
  if (!taken || (isFinal(taken) && taken.state === 'not-executed')) {
    if (capture === 'automatic') return [newDue(attempt, 'capture', amount, around)];
    if (captureAsked) return [newDue(attempt, 'capture', captureAsked.amount, around)];
    return [lookDue(attempt, around, (attempt.seen?.at ?? attempt.openedAt) + HOLD_LOOK)];
  }
  return taken.state === 'created' || taken.again
    ? [sendDue(attempt, taken, around)]
    : [lookDue(attempt, around)];
}

/** An attempt that is no longer wanted: end what it may hold, until its provider shows that nothing is left. */
function release(payment: Payment, attempt: Attempt, around: Circumstances): Due[] {
  const { n, id, seen } = attempt;
  if (taking(payment)?.attempt === n || !needsRelease(payment, attempt)) return [];
  const ended = newest(payment, n, 'void');
  if (id === undefined) return releaseByKey(payment, attempt, ended, around);
  if (!ended || ended.byKey || isOver(ended, seen)) return [newDue(attempt, 'void', payment.amount, around)];
  return ended.state === 'created' || ended.again
    ? [sendDue(attempt, ended, around)]
    : [lookDue(attempt, around)];
}

/** The provider would not end it and still shows a hold: another try. */
function isOver({ state, send }: Operation, seen: Attempt['seen']): boolean {
  const refused = state === 'rejected' || state === 'declined' || state === 'not-executed';
  return refused && seen?.standing === 'held' && seen.at > (send?.quietAt ?? 0);
}

/** Without an id: end whatever its key may have opened, then look when nothing on its way can arrive any more. */
function releaseByKey(
  payment: Payment,
  attempt: Attempt,
  ended: Operation | undefined,
  around: Circumstances,
): Due[] {
  const byKey = around.providers.get(attempt.provider)?.voidByKey !== undefined;
  const after = lookDue(attempt, around, quietAt(payment, attempt.n) + 1);
  if (!byKey) return [after];
  const fresh = newDue(attempt, 'void', payment.amount, around);
  if (!ended)
    return [
      { ...fresh, step: { do: 'send', attempt: attempt.n, kind: 'void', amount: payment.amount, byKey } },
      after,
    ];
  const isSpent = ended.sends >= SPOILT_AFTER || ended.state !== 'created';
  return isSpent ? [after] : [sendDue(attempt, ended, around), after];
}
