import type { PaymentProvider } from '../../shared/connectors/payment-provider.ts';
import { hashFields } from '../../shared/engine/fields.ts';
import type { Kind, Operation } from './payment.ts';

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

/** Before the end of a key's life by which nothing is sent under it any more. */
const MARGIN = 300_000;

/** May a call be sent again under its key, so that the provider does not take it for a new one? */
export function isKeyAlive(
  { firstSentAt }: Pick<Operation, 'firstSentAt'>,
  provider: Pick<PaymentProvider, 'keyLife'> | undefined,
  now: number,
): boolean {
  return now < (firstSentAt ?? now) + (provider?.keyLife ?? 0) - MARGIN;
}

/** Our reference of one attempt at its provider; a payment's attempts are told apart by it. */
export function attemptReference(payment: string, n: number): string {
  return `${payment}.${n}`;
}
