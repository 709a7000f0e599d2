import type { Session } from '../../engine/session.ts';
import type { Look, PaymentProvider, Sent, ShownRefund } from '../payment-provider.ts';
import { look } from './client.ts';
import { changed } from './faults.ts';
import { toStripe } from './money.ts';
import { perform } from './outcome.ts';
import { RefundSchema } from './schema.ts';
import { refundAs } from './shown.ts';

/** The reasons that Stripe knows; any other is kept as metadata. */
const REASONS: ReadonlySet<string> = new Set(['duplicate', 'fraudulent', 'requested_by_customer']);
/** The longest value of metadata ("Metadata"). */
const LONGEST = 500;

/** Gives captured money back. A refund that `succeeded` may still fail days later. */
export async function refund(
  session: Session,
  { id, key, amount, reason }: Parameters<PaymentProvider['refund']>[1],
): Promise<Sent<ShownRefund>> {
  const units = toStripe(amount);
  if (typeof units === 'string')
    return { kind: 'refused', code: 'invalid_amount', message: units, field: 'amount' };
  const known = reason !== undefined && REASONS.has(reason);
  const form = {
    payment_intent: id,
    amount: units,
    reason: known ? reason : undefined,
    // The key is kept with the refund, so that a person can find which of ours it is.
    metadata: { intertie_key: key, reason: known ? undefined : reason?.slice(0, LONGEST) },
  };
  return await perform(
    session,
    { operation: 'refunds.create', path: '/v1/refunds', key, form },
    refundAs({ paymentId: id, amount }),
  );
}

/** The refund as it is now. */
export async function readRefund(session: Session, id: string): Promise<Look<ShownRefund>> {
  const operation = 'refunds.retrieve';
  const path = `/v1/refunds/${encodeURIComponent(id)}`;
  const found = await look(session, { operation, path, query: {} }, RefundSchema);
  if (!found) return { kind: 'absent' };
  const shown = refundAs({ id }).shown(found);
  if (typeof shown === 'string') throw changed(operation, 'the refund', shown);
  return { kind: 'found', shown };
}
