import type { Sent, Shown, ShownRefund } from '../../shared/connectors/payment-provider.ts';
import { abandon, amendAttempt, closeAttempt, freeFence } from './close.ts';
import { providerKey } from './keys.ts';
import { learnFound } from './learn.ts';
import { learnRefund } from './learn-refund.ts';
import type { Operation, Payment } from './payment.ts';
import { lookDelay, quietAfter, refusedDelay, SEND_BY, SPOILT_AFTER } from './timers.ts';
import { move } from './transitions.ts';

/** The right to one send, and the clock of whoever has it. */
export interface Sending {
  token: string;
  now: number;
  /** The provider's: how long it may still act on a request that was given up. */
  lateness: number;
}

/** Written before the socket opens: from here on it may have happened. Takes the capture fence where money is taken. */
export function markSent(payment: Payment, operation: Operation, { token, now, lateness }: Sending): Payment {
  const { kind, attempt: n, seq, sends, doubts } = operation;
  const takes = kind === 'capture' || kind === 'charge';
  const { captureOwner = n } = payment;
  if (takes && captureOwner !== n)
    throw new Error(`payment ${payment.id}: attempt ${captureOwner} may take the money, not ${n}`);
  // Both act on one object, so that a second key cannot make a second hold or charge of it.
  const keyTry = kind === 'capture' || kind === 'void' ? Math.floor(doubts / SPOILT_AFTER) : 0;
  const key = keyTry === operation.keyTry ? operation.key : providerKey(payment.id, { ...operation, keyTry });
  const quietAt = Math.max(operation.quietAt ?? 0, quietAfter(now, lateness));
  const sent = move(payment, operation, 'sent', {
    by: 'worker',
    at: now,
    ...(operation.byKey ? {} : { key, keyTry }),
    send: { token, at: now, sendBefore: now + SEND_BY, quietAt: quietAfter(now, lateness) },
    sends: sends + 1,
    firstSentAt: operation.firstSentAt ?? now,
    quietAt,
    again: undefined,
    why: `send ${seq}/${sends + 1}`,
  });
  // The schedule of looks is each operation's own.
  const fresh = sends === 0 && kind !== 'refund' ? amendAttempt(sent, n, { looks: 0 }) : sent;
  return takes ? { ...fresh, captureOwner: n } : fresh;
}

/** What a send came to, told by the worker that has its token; anybody else's word changes nothing. */
export function hearReply(
  payment: Payment,
  { seq, token }: { seq: number; token: string },
  reply: Sent<Shown | undefined> | Sent<ShownRefund>,
  now: number,
): Payment {
  const operation = payment.operations.find((each) => each.seq === seq);
  if (operation?.state !== 'sent' || operation.send?.token !== token) return payment;
  const left = reply.kind !== 'unsent' && operation.kind !== 'prepare' && operation.kind !== 'void';
  const noted = left ? amendAttempt(payment, operation.attempt, { left: true }) : payment;
  switch (reply.kind) {
    case 'answered':
      return answered(noted, operation, reply.shown, now);
    case 'declined':
      return declined(noted, operation, reply, now);
    case 'refused':
    case 'unsent':
      return notDone(noted, operation, reply, now);
    case 'unknown':
      return unknown(noted, operation, { now, why: reply.message, doubt: 1 });
  }
}

/** Nobody knows whether it happened. A doubt that a send leaves is never taken back by the answer to another one. */
export function unknown(
  payment: Payment,
  operation: Operation,
  { now, why, doubt, by = 'worker' }: { now: number; why: string; doubt: 0 | 1; by?: 'worker' | 'janitor' },
): Payment {
  const { attempt: n, seq, kind, doubts, looks, unknownSince, firstSentAt } = operation;
  const attempt = payment.attempts.find((each) => each.n === n);
  const abandoned = attempt?.abandoned !== undefined;
  const next = move(payment, operation, 'unknown', {
    by,
    at: now,
    why,
    doubts: doubts + doubt,
    unknownSince: unknownSince ?? firstSentAt ?? now,
    looks: looks + 1,
    nextAt: now + lookDelay(looks, false),
    proof: undefined,
  });
  if (kind === 'refund') return next;
  const delay = lookDelay(attempt?.looks ?? 0, abandoned);
  return amendAttempt(next, n, { looks: (attempt?.looks ?? seq) + 1, nextLookAt: now + delay });
}

function answered(
  payment: Payment,
  operation: Operation,
  shown: Shown | ShownRefund | undefined,
  now: number,
): Payment {
  const startedAt = operation.send?.at ?? now;
  if (shown === undefined) return move(payment, operation, 'succeeded', { by: 'worker', at: now });
  const heard =
    'paymentId' in shown
      ? learnRefund(payment, operation.seq, shown, { by: 'worker', now })
      : learnFound(payment, operation.attempt, shown, { by: 'worker', now, startedAt });
  const after = heard.operations.find((each) => each.seq === operation.seq);
  if (after?.state !== 'sent') return heard;
  return unknown(heard, after, { now, why: 'the answer does not say that it was done', doubt: 1 });
}

/** A final answer about this very send; after a doubt it proves nothing about the sends before. */
function declined(
  payment: Payment,
  operation: Operation,
  { code, hard }: { code: string; hard: boolean },
  now: number,
): Payment {
  const { attempt, kind, doubts } = operation;
  if (doubts > 0)
    return unknown(
      payment,
      { ...operation, code },
      { now, why: `a later try was declined: ${code}`, doubt: 0 },
    );
  const at = { by: 'worker' as const, at: now };
  const next = move(payment, operation, 'declined', { ...at, code, proof: 'the answer to its only send' });
  if (kind === 'refund' || kind === 'void') return next;
  if (kind === 'capture') return giveUpHold(next, attempt, `its capture was declined: ${code}`, now);
  return closeAttempt(
    next,
    attempt,
    { how: 'declined', proof: 'the answer to its only send', code, hard },
    at,
  );
}

/** Refused before anything was done, or never sent: that proves it only if no earlier send is in doubt. */
function notDone(
  payment: Payment,
  operation: Operation,
  reply: Extract<Sent<unknown>, { kind: 'refused' | 'unsent' }>,
  now: number,
): Payment {
  const { attempt, kind, doubts, sends } = operation;
  const code = reply.kind === 'refused' ? reply.code : 'unsent';
  const retryAfter = reply.kind === 'refused' ? reply.retryAfter : undefined;
  const permanent = reply.kind === 'refused' && (reply.permanent || reply.field !== undefined);
  const at = { by: 'worker' as const, at: now };
  // Whether an earlier void was carried out is for a look to tell; asking again is of no use.
  const isVain = permanent && kind === 'void';
  if (doubts > 0 && !isVain)
    return unknown(payment, operation, { now, why: `a later try was refused: ${code}`, doubt: 0 });
  if (permanent) return rejected(move(payment, operation, 'rejected', { ...at, code }), operation, code, now);
  if (kind === 'capture' || kind === 'void' || kind === 'refund') {
    const nextAt = now + refusedDelay(sends - 1, retryAfter);
    const again = move(payment, operation, 'created', { ...at, code, why: reply.message, nextAt });
    return kind === 'capture' ? freeFence(again, attempt) : again;
  }
  const closing = { how: 'refused' as const, proof: `${code}, the answer to its only send`, code };
  return closeAttempt(payment, attempt, { ...closing, retryAfter: now + (retryAfter ?? 0) }, at);
}

function rejected(payment: Payment, { kind, attempt }: Operation, code: string, now: number): Payment {
  if (kind === 'refund' || kind === 'void') return payment;
  if (kind === 'capture') return giveUpHold(payment, attempt, `its capture was refused: ${code}`, now);
  const closing = { how: 'rejected' as const, proof: `${code}, the answer to its only send`, code };
  return closeAttempt(payment, attempt, closing, { by: 'worker', at: now });
}

function giveUpHold(payment: Payment, n: number, why: string, now: number): Payment {
  return abandon(freeFence(payment, n), n, why, { by: 'worker', at: now, ending: 'declined' });
}
