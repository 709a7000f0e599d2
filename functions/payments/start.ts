import type { PaymentProvider } from '../../shared/connectors/payment-provider.ts';
import { attemptReference, providerKey } from './keys.ts';
import type { Kind, Operation, Payment } from './payment.ts';
import { told } from './transitions.ts';

/** What a new payment is made of; the API has checked every field. */
export type NewPayment = Pick<
  Payment,
  | 'id'
  | 'merchant'
  | 'reference'
  | 'amount'
  | 'currency'
  | 'capture'
  | 'description'
  | 'returnUrl'
  | 'instruments'
  | 'routing'
  | 'processBefore'
>;

/** A payment of which nothing has been sent yet. */
export function newPayment(request: NewPayment, now: number): Payment {
  return {
    ...request,
    schema: 1,
    version: 0,
    writer: '',
    createdAt: now,
    attempts: [],
    operations: [],
    timeline: [{ at: now, by: 'api', what: 'payment created' }],
    events: [],
    announced: 0,
  };
}

/** Opens the next attempt, at a provider that has a token of the payer's instrument. */
export function openAttempt(
  payment: Payment,
  provider: Pick<PaymentProvider, 'vendor' | 'opens'>,
  now: number,
): Payment {
  const instrument = payment.instruments[provider.vendor];
  if (!instrument) throw new Error(`payment ${payment.id} has no instrument for ${provider.vendor}`);
  const n = payment.attempts.length + 1;
  const how = instrument.oneStep ? 'charge' : 'hold';
  const opened: Payment = {
    ...payment,
    attempts: [
      ...payment.attempts,
      {
        n,
        provider: provider.vendor,
        how,
        opens: provider.opens,
        reference: attemptReference(payment.id, n),
        instrument: instrument.token,
        openedAt: now,
        tails: 0,
        looks: 0,
      },
    ],
  };
  const first = provider.opens === 'two-step' ? 'prepare' : how === 'hold' ? 'authorise' : 'charge';
  const line = { at: now, by: 'worker' as const, what: `attempt ${n} opened at ${provider.vendor}` };
  return addOperation(told(opened, line), n, { kind: first, amount: payment.amount });
}

/** Adds an operation that is not sent yet; its amount counts from here on. */
export function addOperation(
  payment: Payment,
  attempt: number,
  { kind, amount, ...rest }: { kind: Kind; amount: number } & Partial<Operation>,
): Payment {
  const seq = payment.operations.length + 1;
  const call = { attempt, kind, seq, keyTry: 0 };
  const operation: Operation = {
    ...call,
    state: 'created',
    amount,
    key: providerKey(payment.id, call),
    sends: 0,
    doubts: 0,
    looks: 0,
    ...rest,
  };
  return { ...payment, operations: [...payment.operations, operation] };
}
