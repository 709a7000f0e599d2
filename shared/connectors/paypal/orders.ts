import type { Session } from '../../engine/session.ts';
import type { Charge, Sent, Shown } from '../payment-provider.ts';
import { type Written, write } from './client.ts';
import { type Instrument, instrumentOf } from './instruments.ts';
import { declineOf } from './issues.ts';
import { objection, toPaypal } from './money.ts';
import { type Order, OrderSchema } from './schema.ts';
import { difference, holdOf, shownOf } from './shown.ts';

/** A request that PayPal would refuse whoever sends it, found before it is sent. */
export function refusal(code: string, message: string, field?: string): Sent<never> {
  return { kind: 'refused', code, message, permanent: true, ...(field === undefined ? {} : { field }) };
}

/** What the call needs is not there, as far as a read shows; the read may be behind, so asking again may help. */
export function notThere(code: string, message: string): Sent<never> {
  return { kind: 'refused', code, message };
}

/**
 * Makes an order, which moves no money: the way to pay is named only when it is authorised. (An order created
 * with a saved card or wallet would be carried out at once.)
 */
export async function prepare(session: Session, charge: Charge): Promise<Sent<Shown>> {
  const began = session.now();
  const instrument = instrumentOf(charge.instrument);
  const problem = problemOf(charge, instrument);
  if (problem || !instrument) return problem ?? refusal('INSTRUMENT', 'not an instrument of PayPal');
  const writing = {
    operation: 'orders.create',
    method: 'POST',
    path: '/v2/checkout/orders',
    key: charge.key,
    body: orderBody(charge, instrument),
    began,
    unlisted: 'refused',
  } as const;
  const written = await write(session, writing, OrderSchema);
  // No money can have moved: a decline here would be of the request, never of the payer.
  if (written.kind === 'declined')
    return { kind: 'refused', code: written.code, message: `PayPal makes no order: ${written.code}` };
  return orderEnding(written, charge, undefined);
}

/** A hold of the whole amount. */
export async function authorise(
  session: Session,
  charge: Charge,
  id: string | undefined,
): Promise<Sent<Shown>> {
  const began = session.now();
  const instrument = instrumentOf(charge.instrument);
  const problem = problemOf(charge, instrument);
  if (problem || !instrument) return problem ?? refusal('INSTRUMENT', 'not an instrument of PayPal');
  if (id === undefined) return notThere('NO_ORDER', 'prepare the payment first: PayPal authorises an order');
  const writing = {
    operation: 'orders.authorize',
    method: 'POST',
    path: `/v2/checkout/orders/${encodeURIComponent(id)}/authorize`,
    key: charge.key,
    body: instrument.kind === 'saved' ? { payment_source: instrument.source } : {},
    began,
    unlisted: 'soft',
  } as const;
  return orderEnding(await write(session, writing, OrderSchema), charge, id);
}

function problemOf(charge: Charge, instrument: Instrument | undefined): Sent<never> | undefined {
  const problem = objection(charge.amount);
  if (problem !== undefined) return refusal('AMOUNT', problem, 'amount');
  if (!instrument)
    return refusal(
      'INSTRUMENT',
      'PayPal takes paypal, card:<vault id>, paypal:<vault id> or agreement:<id>',
      'instrument',
    );
  if (instrument.kind === 'approval' && charge.returnUrl === undefined)
    return refusal('RETURN_URL', 'the payer approves at PayPal and needs a way back', 'returnUrl');
  return undefined;
}

function orderBody(charge: Charge, instrument: Instrument): unknown {
  const unit = {
    reference_id: 'default',
    custom_id: charge.reference,
    amount: toPaypal(charge.amount),
    ...(charge.description !== undefined && { description: charge.description.slice(0, 127) }),
  };
  const way = { return_url: charge.returnUrl, cancel_url: charge.returnUrl, user_action: 'PAY_NOW' };
  return {
    intent: 'AUTHORIZE',
    purchase_units: [unit],
    ...(instrument.kind === 'approval' && {
      payment_source: {
        paypal: { experience_context: { ...way, shipping_preference: 'NO_SHIPPING' } },
      },
    }),
  };
}

function orderEnding(written: Written<Order>, charge: Charge, id: string | undefined): Sent<Shown> {
  if (written.kind === 'payer') return { kind: 'answered', shown: waitingForPayer(charge, id, written.url) };
  if (written.kind !== 'done') return written;
  const order = written.reply;
  const wrong = difference(order, { ...charge, id });
  const shown = shownOf(order);
  if (wrong !== undefined || !shown)
    return {
      kind: 'unknown',
      message: `PayPal's answer is not about our payment: ${wrong ?? 'amount'} differs`,
    };
  if (shown.standing !== 'declined') return { kind: 'answered', shown };
  return { kind: 'declined', ...declineOf(holdOf(order)?.processor_response, 'AUTHORIZATION_DENIED'), shown };
}

function waitingForPayer(charge: Charge, id: string | undefined, url: string | undefined): Shown {
  const none = { minor: 0, currency: charge.amount.currency };
  return {
    id: id ?? '',
    standing: 'needs-payer',
    amount: charge.amount,
    captured: none,
    refunded: none,
    reference: charge.reference,
    nextAction: { type: 'redirect', ...(url !== undefined && { url }) },
  };
}
