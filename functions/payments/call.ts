import type {
  Charge,
  Look,
  PaymentProvider,
  Sent,
  Shown,
  ShownRefund,
} from '../../shared/connectors/payment-provider.ts';
import { Fault } from '../../shared/engine/fault.ts';
import type { Session } from '../../shared/engine/session.ts';
import type { Attempt, Operation, Payment } from './payment.ts';

/** Our clock and the provider's may differ, and its list may be ordered by its own. */
const WINDOW = 3_600_000;

/** What came of a send, as far as anybody can tell. */
export type Reply = Sent<Shown | undefined> | Sent<ShownRefund>;

/** Makes the one call of an operation that has been recorded as sent. Never throws: trouble is an answer too. */
export async function sendOperation(
  provider: PaymentProvider,
  session: Session,
  payment: Payment,
  operation: Operation,
): Promise<Reply> {
  const attempt = payment.attempts.find(({ n }) => n === operation.attempt);
  if (!attempt) return { kind: 'unsent', message: 'its attempt is not there' };
  try {
    return await call(provider, session, { payment, attempt, operation });
  } catch (thrown) {
    return replyOf(thrown);
  }
}

/** Only these are thrown before anything was sent; of anything else nobody knows. */
function replyOf(thrown: unknown): Reply {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const isUnsent =
    thrown instanceof Fault && ['rate-limited', 'unavailable', 'auth-expired'].includes(thrown.kind);
  return { kind: isUnsent ? 'unsent' : 'unknown', message };
}

async function call(
  provider: PaymentProvider,
  session: Session,
  { payment, attempt, operation }: { payment: Payment; attempt: Attempt; operation: Operation },
): Promise<Reply> {
  const { kind, key, refund } = operation;
  const amount = { minor: operation.amount, currency: payment.currency };
  const id = attempt.id ?? '';
  switch (kind) {
    case 'prepare':
      return provider.prepare
        ? provider.prepare(session, chargeOf(payment, attempt, operation))
        : cannot(kind);
    case 'authorise':
      return provider.authorise(session, chargeOf(payment, attempt, operation), attempt.id);
    case 'charge':
      return provider.charge
        ? provider.charge(session, chargeOf(payment, attempt, operation), attempt.id)
        : cannot(kind);
    case 'capture':
      return provider.capture(session, { id, key, amount, final: true });
    case 'void':
      if (!operation.byKey) return provider.void(session, { id, key });
      return provider.voidByKey ? provider.voidByKey(session, key) : cannot(kind);
    case 'refund': {
      const reason = refund?.reason;
      return provider.refund(session, { id, key, amount, ...(reason === undefined ? {} : { reason }) });
    }
  }
}

function cannot(kind: string): Reply {
  const message = `this provider has no ${kind}`;
  return { kind: 'refused', code: 'not-offered', message, permanent: true };
}

function chargeOf(payment: Payment, attempt: Attempt, { key }: Operation): Charge {
  const { amount, currency, description, returnUrl } = payment;
  return {
    key,
    reference: attempt.reference,
    amount: { minor: amount, currency },
    instrument: attempt.instrument,
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...(description === undefined ? {} : { description }),
  };
}

/** Looks for an attempt that nothing was sent for after `until`; undefined = the provider could not be asked. */
export async function lookFor(
  provider: PaymentProvider,
  session: Session,
  attempt: Attempt,
  until: number,
): Promise<Look<Shown> | undefined> {
  const { id, reference, openedAt } = attempt;
  const window = { reference, from: openedAt - WINDOW, to: until + WINDOW };
  return quietly(() => (id === undefined ? provider.find(session, window) : provider.read(session, id)));
}

/** Looks for a refund; undefined = the provider could not be asked, or has no such look. */
export async function lookForRefund(
  provider: PaymentProvider,
  session: Session,
  attempt: Attempt,
  { key, refund }: Operation,
): Promise<Look<ShownRefund> | undefined> {
  const at = refund?.at;
  if (at !== undefined) return quietly(() => provider.readRefund(session, at));
  const { findRefund } = provider;
  if (!findRefund || attempt.id === undefined) return undefined;
  const of = { paymentId: attempt.id, key };
  return quietly(() => findRefund.call(provider, session, of));
}

async function quietly<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined;
    throw thrown;
  }
}
