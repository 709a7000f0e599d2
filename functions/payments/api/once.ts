import type { Payment } from '../payment.ts';
import { isSettled, statusOf } from '../status.ts';
import { Refusal } from './problem.ts';
import { representation } from './represent.ts';
import type { Answer } from './route.ts';

/** What came of a request with a key: the payment as it is now, and whether the request had been here before. */
export interface Made {
  payment: Payment;
  replayed: boolean;
}

/** 202 while it is for us, and not for payer or merchant, to go on; a repeat is answered as what it finds. */
export function answerOf({ payment, replayed }: Made, first: 200 | 201 = 200): Answer {
  const status = statusOf(payment);
  const rests = isSettled(status) || status === 'authorised' || status === 'requires-action';
  return {
    status: rests ? (replayed ? 200 : first) : 202,
    body: representation(payment),
    headers: { location: `/v1/payments/${payment.id}`, ...(replayed && { 'idempotent-replayed': 'true' }) },
  };
}

/** The first request with this key is being worked on. */
export function inProgress(ms: number): Refusal {
  const because = 'the first request with this Idempotency-Key is still being worked on';
  const next = 'send it again, unchanged, after the time in Retry-After';
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) };
  return new Refusal('in-progress', { field: 'Idempotency-Key', because, next }, headers);
}

/** Another request had this key. */
export function keyReused(): Refusal {
  const because = 'this Idempotency-Key belongs to a request with another path or body';
  const next = 'send a repeat exactly as it was, and anything else with a key of its own';
  return new Refusal('key-reused', { field: 'Idempotency-Key', because, next });
}
