import type { Session } from '../../engine/session.ts';
import type { Amount, Sent, Shown } from '../payment-provider.ts';
import { beforeSending, read, type Written, write } from './client.ts';
import { declineOf } from './issues.ts';
import { objection, toPaypal } from './money.ts';
import { notThere, refusal } from './orders.ts';
import {
  type Authorization,
  AuthorizationSchema,
  type Capture,
  CaptureSchema,
  NothingSchema,
  type Order,
  OrderSchema,
} from './schema.ts';
import { holdOf, isAmount, shownOf } from './shown.ts';

/** An order by its id, with everything that happened to it. Undefined = there is none, or it has expired. */
export async function readOrder(session: Session, id: string): Promise<Order | undefined> {
  const path = `/v2/checkout/orders/${encodeURIComponent(id)}`;
  return await read(session, { operation: 'orders.get', path }, OrderSchema);
}

/** Of the hold: reads which one it is, then captures it. The reading moves nothing, and only one write is sent. */
export async function capture(
  session: Session,
  of: { id: string; key: string; amount: Amount; final: boolean },
): Promise<Sent<Shown>> {
  const began = session.now();
  const problem = objection(of.amount);
  if (problem !== undefined) return refusal('AMOUNT', problem, 'amount');
  const order = await beforeSending(() => readOrder(session, of.id));
  if (order && 'kind' in order) return order;
  const hold = order && holdOf(order);
  const before = order && shownOf(order);
  if (!hold || !before)
    return notThere('NO_HOLD', 'there is no hold to capture: authorise the payment first');
  const writing = {
    operation: 'authorizations.capture',
    method: 'POST',
    path: `/v2/payments/authorizations/${encodeURIComponent(hold.id)}/capture`,
    key: of.key,
    // PayPal does not release the rest unless it is told that nothing more comes.
    body: { amount: toPaypal(of.amount), final_capture: of.final },
    began,
    unlisted: 'soft',
  } as const;
  return captureEnding(await write(session, writing, CaptureSchema), of.amount, before);
}

function captureEnding(written: Written<Capture>, amount: Amount, before: Shown): Sent<Shown> {
  if (written.kind === 'payer') return { kind: 'declined', code: 'PAYER_ACTION_REQUIRED', hard: false };
  if (written.kind !== 'done') return written;
  const { status, amount: money, processor_response } = written.reply;
  const order = written.reply.supplementary_data?.related_ids?.order_id ?? before.id;
  if (order !== before.id || !isAmount(money, amount))
    return { kind: 'unknown', message: "PayPal's answer is not about our capture: order or amount differs" };
  switch (status) {
    case 'COMPLETED':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return { kind: 'answered', shown: { ...before, standing: 'captured', captured: amount } };
    case 'PENDING':
      return { kind: 'answered', shown: { ...before, standing: 'pending' } };
    case 'DECLINED':
    case 'FAILED':
      return { kind: 'declined', ...declineOf(processor_response, `CAPTURE_${status}`) };
    default:
      return { kind: 'unknown', message: 'PayPal shows a capture in a state that it does not document' };
  }
}

/**
 * Releases the hold; an order without one is retired, so that it can never become one. What is over already is
 * answered from the reading.
 */
export async function voidPayment(
  session: Session,
  { id, key }: { id: string; key: string },
): Promise<Sent<Shown>> {
  const began = session.now();
  const order = await beforeSending(() => readOrder(session, id));
  if (order && 'kind' in order) return order;
  const shown = order && shownOf(order);
  if (!order || !shown)
    return notThere('RESOURCE_NOT_FOUND', 'PayPal knows no such order, or it has expired');
  const hold = holdOf(order);
  switch (shown.standing) {
    case 'voided':
    case 'expired':
      return { kind: 'answered', shown };
    case 'declined':
      return { kind: 'declined', ...(shown.decline ?? { code: 'AUTHORIZATION_DENIED', hard: false }), shown };
    case 'captured':
      return refusal('PREVIOUSLY_CAPTURED', 'the money was taken: refund it instead', 'id');
    default:
      return hold
        ? await voidHold(session, { hold, key, began, shown })
        : await retire(session, { key, began, shown });
  }
}

interface Ending {
  key: string;
  began: number;
  shown: Shown;
}

async function voidHold(
  session: Session,
  { hold, key, began, shown }: Ending & { hold: Authorization },
): Promise<Sent<Shown>> {
  const writing = {
    operation: 'authorizations.void',
    method: 'POST',
    path: `/v2/payments/authorizations/${encodeURIComponent(hold.id)}/void`,
    // Newer versions of the API take a request id here too; older ones ignore it, and a void is the same twice.
    key,
    began,
    unlisted: 'refused',
  } as const;
  const written = await write(session, writing, AuthorizationSchema);
  if (written.kind === 'payer')
    return { kind: 'unknown', message: 'PayPal wants the payer to act before a void' };
  if (written.kind !== 'done') return written;
  if (written.reply.id !== hold.id || written.reply.status !== 'VOIDED')
    return { kind: 'unknown', message: "PayPal's answer does not show our hold as voided" };
  return { kind: 'answered', shown: { ...shown, standing: 'voided' } };
}

/**
 * PayPal cannot cancel an order. Its intent can be replaced, though, as long as nothing was authorised: an order for
 * capturing refuses to be authorised, and we never capture orders. A late authorisation of ours finds that closed.
 */
async function retire(session: Session, { key, began, shown }: Ending): Promise<Sent<Shown>> {
  const writing = {
    operation: 'orders.patch',
    method: 'PATCH',
    path: `/v2/checkout/orders/${encodeURIComponent(shown.id)}`,
    key,
    body: [{ op: 'replace', path: '/intent', value: 'CAPTURE' }],
    began,
    unlisted: 'refused',
  } as const;
  const written = await write(session, writing, NothingSchema);
  if (written.kind === 'payer') return { kind: 'unknown', message: 'PayPal wants the payer to act first' };
  if (written.kind !== 'done') return written;
  const { nextAction: _, ...rest } = shown;
  return { kind: 'answered', shown: { ...rest, standing: 'voided' } };
}
