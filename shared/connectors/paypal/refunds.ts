import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { Amount, Look, Sent, ShownRefund } from '../payment-provider.ts';
import { beforeSending, read, write } from './client.ts';
import { linkOf, VENDOR } from './faults.ts';
import { readOrder } from './holds.ts';
import { objection, toPaypal } from './money.ts';
import { notThere, refusal } from './orders.ts';
import { CaptureSchema, type Refund, RefundSchema } from './schema.ts';
import { captureOf, isAmount, partsOf, shownRefundOf } from './shown.ts';

/** Gives back a part of what was captured. The key goes along as the refund's invoice, so that it is found by it. */
export async function refund(
  session: Session,
  of: { id: string; key: string; amount: Amount; reason?: string },
): Promise<Sent<ShownRefund>> {
  const began = session.now();
  const problem = objection(of.amount);
  if (problem !== undefined) return refusal('AMOUNT', problem, 'amount');
  const order = await beforeSending(() => readOrder(session, of.id));
  if (order && 'kind' in order) return order;
  const capture = order && captureOf(order);
  if (!capture) return notThere('NOT_CAPTURED', 'nothing was captured, so nothing can be refunded');
  const [unit] = order.purchase_units;
  const writing = {
    operation: 'captures.refund',
    method: 'POST',
    path: `/v2/payments/captures/${encodeURIComponent(capture.id)}/refund`,
    key: of.key,
    body: {
      amount: toPaypal(of.amount),
      invoice_id: of.key,
      ...(unit.custom_id && { custom_id: unit.custom_id }),
      ...(of.reason !== undefined && { note_to_payer: of.reason.slice(0, 255) }),
    },
    began,
    unlisted: 'soft',
  } as const;
  const written = await write(session, writing, RefundSchema);
  if (written.kind === 'payer')
    return { kind: 'unknown', message: 'PayPal wants the payer to act before a refund' };
  if (written.kind !== 'done') return written;
  const { reply } = written;
  const shown = shownRefundOf(reply, of.id);
  const known = reply.invoice_id ?? of.key;
  if (!shown || known !== of.key || !isAmount(reply.amount, of.amount))
    return { kind: 'unknown', message: "PayPal's answer is not about our refund: amount or invoice differs" };
  return { kind: 'answered', shown };
}

/** A refund by its id; which payment it belongs to stands two reads away. */
export async function readRefund(session: Session, id: string): Promise<Look<ShownRefund>> {
  const path = `/v2/payments/refunds/${encodeURIComponent(id)}`;
  const found = await read(session, { operation: 'refunds.get', path }, RefundSchema);
  if (!found) return { kind: 'absent' };
  const captureId = linkOf(found.links, 'up')?.match(/\/captures\/([A-Z0-9]+)$/)?.[1] ?? '';
  const capture = await read(
    session,
    { operation: 'captures.get', path: `/v2/payments/captures/${captureId}` },
    CaptureSchema,
  );
  const paymentId = capture?.supplementary_data?.related_ids?.order_id;
  if (!paymentId) throw changed('refunds.get', 'supplementary_data.related_ids.order_id');
  return { kind: 'found', shown: shownOrThrow(found, paymentId) };
}

/** The refund that was made under a key. */
export async function findRefund(
  session: Session,
  { paymentId, key }: { paymentId: string; key: string },
): Promise<Look<ShownRefund>> {
  const order = await readOrder(session, paymentId);
  const found = order && partsOf(order).refunds.find((each) => each.invoice_id === key);
  return found ? { kind: 'found', shown: shownOrThrow(found, paymentId) } : { kind: 'absent' };
}

function shownOrThrow(found: Refund, paymentId: string): ShownRefund {
  const shown = shownRefundOf(found, paymentId);
  if (!shown) throw changed('refunds.get', 'amount');
  return shown;
}

/** A reply whose parts fit one by one and make no sense together. */
export function changed(operation: string, field: string): Fault {
  return new Fault('contract-changed', {
    vendor: VENDOR,
    operation,
    field,
    message: `PayPal's reply to ${operation} has changed: ${field} is missing or makes no sense`,
  });
}
