import type { Session } from '../../engine/session.ts';
import type { Look, PaymentProvider, Sent, ShownRefund } from '../payment-provider.ts';
import { look, read } from './client.ts';
import { changed } from './faults.ts';
import { toStripe } from './money.ts';
import { perform } from './outcome.ts';
import { listOf, type Refund, RefundSchema } from './schema.ts';
import { refundAs } from './shown.ts';

/** The reasons that Stripe knows; any other is kept as metadata. */
const REASONS: ReadonlySet<string> = new Set(['duplicate', 'fraudulent', 'requested_by_customer']);
/** The metadata of a Refund that carries the key it was made under. */
const KEY = 'intertie_key';
/** The longest value of metadata ("Metadata"). */
const LONGEST = 500;

/** Gives captured money back. A refund that `succeeded` may still fail days later. */
export async function refund(
  session: Session,
  { id, key, amount, reason }: Parameters<PaymentProvider['refund']>[1],
): Promise<Sent<ShownRefund>> {
  const units = toStripe(amount);
  if (typeof units === 'string')
    return { kind: 'refused', code: 'invalid_amount', message: units, field: 'amount', permanent: true };
  const known = reason !== undefined && REASONS.has(reason);
  const form = {
    payment_intent: id,
    amount: units,
    reason: known ? reason : undefined,
    metadata: { [KEY]: key, reason: known ? undefined : reason?.slice(0, LONGEST) },
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
  return { kind: 'found', shown: shownOrChanged(found, operation, { id }) };
}

/** By the key that was kept as metadata, among the payment's refunds; listing is consistent, search is not. */
export async function findRefund(
  session: Session,
  { paymentId, key }: { paymentId: string; key: string },
): Promise<Look<ShownRefund>> {
  const operation = 'refunds.list';
  let after: string | undefined;
  do {
    const query = { payment_intent: paymentId, limit: 100, starting_after: after };
    const page = await read(session, { operation, path: '/v1/refunds', query }, listOf(RefundSchema));
    const match = page.data.find(({ metadata }) => metadata?.[KEY] === key);
    if (match) return { kind: 'found', shown: shownOrChanged(match, operation, { paymentId }) };
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after !== undefined);
  return { kind: 'absent' };
}

function shownOrChanged(
  found: Refund,
  operation: string,
  expected: { id?: string; paymentId?: string },
): ShownRefund {
  const shown = refundAs(expected).shown(found);
  if (typeof shown === 'string') throw changed(operation, 'the refund', shown);
  return shown;
}
