import * as z from 'zod';
import type { Session } from '../../engine/session.ts';
import type { Charge, Sent, Shown } from '../payment-provider.ts';
import { beforeSending } from './client.ts';
import { objection, toSquare } from './money.ts';
import { perform, refusedHere } from './outcome.ts';
import { SecretSchema } from './schema.ts';
import { judged, paymentAs } from './shown.ts';

/** The path of all payments. */
const BASE = '/v2/payments';
/** The longest `note` ("CreatePayment"). */
const LONGEST_NOTE = 500;

/**
 * Square's one step: a payment that is only approved (`autocomplete` false) and that Square cancels by itself in the
 * end. `delay_action` is never COMPLETE: that would take the money without us.
 */
export function authorise(session: Session, charge: Charge): Promise<Sent<Shown>> {
  return create(session, charge, { autocomplete: false, delay_action: 'CANCEL' });
}

/** For what cannot be held, a bank account: the money is taken at once. */
export function charge(session: Session, charge: Charge): Promise<Sent<Shown>> {
  return create(session, charge, { autocomplete: true });
}

async function create(
  session: Session,
  { key, reference, amount, instrument, description }: Charge,
  how: { autocomplete: boolean; delay_action?: 'CANCEL' },
): Promise<Sent<Shown>> {
  const began = session.now();
  const problem = objection(amount);
  if (problem !== undefined) return refusedHere('INVALID_AMOUNT', problem, 'amount');
  if (!isInstrument(instrument)) return refusedHere('INVALID_INSTRUMENT', NO_INSTRUMENT, 'instrument');
  const secret = await beforeSending(() => session.secret(SecretSchema));
  if ('kind' in secret) return secret;
  const body = {
    ...{ source_id: instrument, idempotency_key: key, amount_money: toSquare(amount), ...how },
    ...{ location_id: secret.locationId, reference_id: reference },
    ...(description !== undefined && { note: description.slice(0, LONGEST_NOTE) }),
  };
  const call = { operation: 'payments.create', path: BASE, body, began };
  return judged(await perform(session, call, paymentAs({ amount, reference })));
}

const NO_INSTRUMENT =
  "the instrument is not a payment token of Square's (cnon:..., ccof:..., wnon:...); card numbers are never taken";

/** `CASH` and `EXTERNAL` are sources too: they record money that Square never saw. */
function isInstrument(token: string): boolean {
  return /^[a-z]{2,12}:[A-Za-z0-9_-]{1,250}$/.test(token);
}

/**
 * Ends what a key has opened. A key that Square has never seen is answered the same and nothing is remembered of it: a
 * CreatePayment that arrives afterwards still opens its hold ("CancelPaymentByIdempotencyKey").
 */
export async function voidByKey(session: Session, key: string): Promise<Sent<undefined>> {
  const call = {
    operation: 'payments.cancelByKey',
    path: `${BASE}/cancel`,
    body: { idempotency_key: key },
    began: session.now(),
  };
  return await perform(session, call, { schema: z.object({}), shown: () => undefined });
}

/** The path of one payment. */
export function pathOf(id: string, then = ''): string {
  return `${BASE}/${encodeURIComponent(id)}${then}`;
}
