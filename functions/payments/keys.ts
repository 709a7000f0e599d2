import { hashFields } from '../../shared/engine/fields.ts';
import type { Kind } from './payment.ts';

/** What makes a call one call: the same four always give the same key. */
interface Call {
  attempt: number;
  kind: Kind;
  seq: number;
  keyTry: number;
}

/** The provider's idempotency key: 25 characters, so that it fits every provider's field. */
export function providerKey(payment: string, { attempt, kind, seq, keyTry }: Call): string {
  return `it_${hashFields({ payment, attempt, kind, seq, keyTry })}`;
}

/** Our reference of one attempt at its provider; a payment's attempts are told apart by it. */
export function attemptReference(payment: string, n: number): string {
  return `${payment}.${n}`;
}
