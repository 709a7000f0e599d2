import type { Asked } from '../ask.ts';
import { amendAttempt, closeAttempt, freeFence } from '../close.ts';
import type { Operation, Payment } from '../payment.ts';
import { move } from '../transitions.ts';
import type { ResolveBody } from './requests.ts';

/**
 * A person looked at the provider and says what became of an operation that nobody could clear up. Only what
 * `transitions.ts` lets an operator do; saying the same again changes nothing.
 */
export function resolve(payment: Payment, word: ResolveBody, now: number): Asked {
  const operation = payment.operations.find(({ seq }) => seq === word.operation);
  if (!operation) return refused('operation', 'this payment has no such operation');
  const to = word.outcome === 'executed' ? 'succeeded' : 'not-executed';
  if (operation.state === to && operation.proof === proofOf(word)) return { ok: true, payment };
  if (operation.state !== 'needs-review')
    return refused('operation', `only one that needs review can be resolved; this one is ${operation.state}`);
  const known = idOf(payment, operation);
  if (known !== undefined && word.providerId !== undefined && known !== word.providerId)
    return refused('providerId', `the hub has another id of it: ${known}`);
  if (to === 'succeeded' && known === undefined && word.providerId === undefined)
    return refused('providerId', 'the hub has no id of it yet, and cannot go on without one');
  return { ok: true, payment: applied(payment, operation, { word, to, now }) };
}

function applied(
  payment: Payment,
  operation: Operation,
  { word, to, now }: { word: ResolveBody; to: 'succeeded' | 'not-executed'; now: number },
): Payment {
  const { attempt: n, kind, refund } = operation;
  const at = word.providerId;
  const moved = move(payment, operation, to, {
    ...{ by: 'operator', at: now, why: word.reason, proof: proofOf(word) },
    ...(refund && at !== undefined && { refund: { ...refund, at } }),
  });
  if (kind === 'refund') return moved;
  const named = at === undefined || to === 'not-executed' ? moved : amendAttempt(moved, n, { id: at });
  if (to === 'succeeded') return named;
  switch (kind) {
    case 'authorise':
    case 'charge':
      // A straggler would be money that nobody waits for: look once more later.
      return closeAttempt(
        named,
        n,
        { how: 'absent', proof: proofOf(word), tail: true },
        { by: 'operator', at: now },
      );
    case 'capture':
      return freeFence(named, n);
    case 'prepare':
    case 'void':
      return named;
  }
}

/** What the provider calls it: a refund has an id of its own, everything else its attempt's. */
function idOf({ attempts }: Payment, { kind, attempt, refund }: Operation): string | undefined {
  return kind === 'refund' ? refund?.at : attempts.find(({ n }) => n === attempt)?.id;
}

function proofOf({ reason }: ResolveBody): string {
  return `an operator found: ${reason}`;
}

function refused(field: string, because: string): Asked {
  return { ok: false, code: field === 'operation' ? 'state' : 'amount', field, because };
}
