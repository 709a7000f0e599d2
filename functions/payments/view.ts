import type { Attempt, Kind, Operation, Payment, State } from './payment.ts';

const FINAL: readonly State[] = ['succeeded', 'declined', 'rejected', 'not-executed', 'retired'];

/** Nothing will change it by itself; a refund that came back is a new fact about one that had succeeded. */
export function isFinal({ state }: Operation): boolean {
  return FINAL.includes(state);
}

/** Its outcome is open: it may have happened, or may yet. */
export function isOpen({ state }: Operation): boolean {
  return state !== 'created' && !FINAL.includes(state);
}

/** The newest operation of a kind in one attempt. */
export function newest(payment: Payment, n: number, ...kinds: readonly Kind[]): Operation | undefined {
  return payment.operations.findLast((each) => each.attempt === n && kinds.includes(each.kind));
}

/** The call that opens the hold, or takes the money where there can be no hold. */
export function opening(payment: Payment, n: number): Operation | undefined {
  return newest(payment, n, 'authorise', 'charge');
}

/** Attempts that may still come to something. */
export function liveAttempts(payment: Payment): Attempt[] {
  return payment.attempts.filter((attempt) => !attempt.closed);
}

/** Live and still wanted. */
export function wantedAttempts(payment: Payment): Attempt[] {
  return payment.attempts.filter((attempt) => !attempt.closed && !attempt.abandoned);
}

/** From then on nothing that was ever sent for this attempt can arrive: what a look then shows is final. */
export function quietAt(payment: Payment, n: number): number {
  const acts = payment.operations.filter(
    ({ attempt, kind }) => attempt === n && kind !== 'void' && kind !== 'refund',
  );
  return Math.max(0, ...acts.map((each) => each.quietAt ?? 0));
}

/** A hold of this attempt is there, as far as we were told. */
export function isHeld(payment: Payment, { n, closed }: Attempt): boolean {
  return !closed && opening(payment, n)?.state === 'succeeded';
}

/** The operation that took the money, if any did. */
export function taking(payment: Payment): Operation | undefined {
  return payment.operations.find(
    ({ kind, state }) => (kind === 'capture' || kind === 'charge') && state === 'succeeded',
  );
}

/** Amounts in minor units. `reserved` counts against what can still be refunded. */
export interface Amounts {
  authorised: number;
  captured: number;
  refunded: number;
  reserved: number;
}

/** What the operations say of the money; a refund holds its amount until it is declined, rejected or proven undone. */
export function amountsOf(payment: Payment): Amounts {
  const refunds = payment.operations.filter(({ kind }) => kind === 'refund');
  const held = payment.attempts.some((attempt) => isHeld(payment, attempt) && !attempt.abandoned);
  const captured = taking(payment)?.amount ?? 0;
  return {
    authorised: held || captured > 0 ? payment.amount : 0,
    captured,
    refunded: sum(refunds.filter(({ state, refund }) => state === 'succeeded' && !refund?.returnedAt)),
    reserved: sum(refunds.filter(isReserved)),
  };
}

function isReserved({ state, refund }: Operation): boolean {
  if (state === 'succeeded') return refund?.returnedAt === undefined;
  return !FINAL.includes(state);
}

function sum(operations: readonly Operation[]): number {
  return operations.reduce((total, { amount }) => total + amount, 0);
}
