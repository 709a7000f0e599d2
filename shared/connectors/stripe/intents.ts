import type { Session } from '../../engine/session.ts';
import type { Charge, PaymentProvider, Sent, Shown } from '../payment-provider.ts';
import { objection, toStripe } from './money.ts';
import { perform } from './outcome.ts';
import { intentAs, REFERENCE } from './shown.ts';

const BASE = '/v1/payment_intents';
/** Without it a PaymentIntent does not tell what was refunded. */
export const EXPAND: readonly string[] = ['latest_charge'];

/** Makes an unconfirmed PaymentIntent that will only ever hold (`capture_method` manual): no money moves. */
export async function prepare(session: Session, charge: Charge): Promise<Sent<Shown>> {
  const units = toStripe(charge.amount);
  const problem = objection(charge.amount);
  if (typeof units === 'string' || problem !== undefined) return ours('amount', problem ?? String(units));
  if (!isInstrument(charge.instrument)) return ours('instrument', NO_INSTRUMENT);
  const form = {
    amount: units,
    currency: charge.amount.currency.toLowerCase(),
    capture_method: 'manual',
    payment_method: charge.instrument,
    automatic_payment_methods: {
      enabled: true,
      // With redirects allowed, every confirmation needs a return_url.
      allow_redirects: charge.returnUrl === undefined ? 'never' : 'always',
    },
    description: charge.description,
    metadata: { [REFERENCE]: charge.reference },
    expand: EXPAND,
  };
  const { amount, reference, key } = charge;
  return await perform(
    session,
    { operation: 'payment_intents.create', path: BASE, key, form },
    intentAs({ amount, reference }),
  );
}

/** Confirms the prepared PaymentIntent: a hold, a step for the payer, or a decline. */
export async function authorise(
  session: Session,
  charge: Charge,
  id: string | undefined,
): Promise<Sent<Shown>> {
  const { key, amount, reference, instrument, returnUrl } = charge;
  if (id === undefined) return ours('id', 'nothing was prepared at Stripe for this payment');
  if (!isInstrument(instrument)) return ours('instrument', NO_INSTRUMENT);
  const form = { payment_method: instrument, return_url: returnUrl, expand: EXPAND };
  return await perform(
    session,
    { operation: 'payment_intents.confirm', path: pathOf(id, '/confirm'), key, form },
    intentAs({ id, amount, reference }),
  );
}

/**
 * Takes the held money. More than one capture of a hold (`final` false) is a feature that Stripe enables by account
 * and card; where it is not, Stripe refuses.
 */
export async function capture(
  session: Session,
  { id, key, amount, final }: Parameters<PaymentProvider['capture']>[1],
): Promise<Sent<Shown>> {
  const units = toStripe(amount);
  if (typeof units === 'string') return ours('amount', units);
  const form = { amount_to_capture: units, final_capture: final ? undefined : false, expand: EXPAND };
  return await perform(
    session,
    { operation: 'payment_intents.capture', path: pathOf(id, '/capture'), key, form },
    intentAs({ id, captured: amount }),
  );
}

/** Cancels: releases the hold, and a PaymentIntent that is `canceled` can never be charged again. */
export async function cancel(
  session: Session,
  { id, key }: Parameters<PaymentProvider['void']>[1],
): Promise<Sent<Shown>> {
  const form = { cancellation_reason: 'abandoned', expand: EXPAND };
  return await perform(
    session,
    { operation: 'payment_intents.cancel', path: pathOf(id, '/cancel'), key, form },
    intentAs({ id }),
  );
}

/** The path of one PaymentIntent. */
export function pathOf(id: string, then = ''): string {
  return `${BASE}/${encodeURIComponent(id)}${then}`;
}

const NO_INSTRUMENT =
  "the instrument is not a token of Stripe's payment methods (pm_...); card numbers are never taken";

function isInstrument(token: string): boolean {
  return /^(pm|card|src)_[A-Za-z0-9_]{1,250}$/.test(token);
}

/** Refused here: nothing was sent. */
function ours(field: string, message: string): Sent<Shown> {
  return { kind: 'refused', code: `invalid_${field}`, message, field, permanent: true };
}
