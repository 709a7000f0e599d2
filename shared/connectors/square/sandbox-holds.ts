import * as z from 'zod';
import { askedAs, KeySchema } from './sandbox-asked.ts';
import { paymentObject, versionToken } from './sandbox-objects.ts';
import { release, take } from './sandbox-payment.ts';
import { invalid, missing } from './sandbox-replies.ts';
import type { Json, Payment } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

const CompleteSchema = z.strictObject({ version_token: z.string().nullish() });

/** CompletePayment: only whole, only once, no key. */
export function completePayment(world: World, { id, body }: Call): Json {
  const payment = paymentOf(world, id);
  const { version_token: token } = askedAs(body ?? {}, CompleteSchema);
  if (token && token !== versionToken(payment))
    throw invalid('VERSION_MISMATCH', 'The payment has changed since this version', 'version_token');
  if (payment.status !== 'APPROVED') throw wrongState(payment, 'complete');
  take(world, payment);
  return { payment: paymentObject(world, payment) };
}

/** CancelPayment. */
export function cancelPayment(world: World, { id }: Call): Json {
  const payment = paymentOf(world, id);
  if (payment.status !== 'APPROVED' && payment.status !== 'PENDING') throw wrongState(payment, 'cancel');
  release(world, payment);
  return { payment: paymentObject(world, payment) };
}

const ByKeySchema = z.strictObject({ idempotency_key: KeySchema });

/** CancelPaymentByIdempotencyKey: an unknown key is answered the same, and is not remembered. */
export function cancelByKey(world: World, { body }: Call): Json {
  const { idempotency_key: key } = askedAs(body, ByKeySchema);
  const payment = world.payments.get(world.created.get(key) ?? '');
  if (payment?.status === 'COMPLETED') throw wrongState(payment, 'cancel');
  if (payment?.status === 'APPROVED' || payment?.status === 'PENDING') release(world, payment);
  return {};
}

/** GetPayment. */
export function getPayment(world: World, { id }: Call): Json {
  return { payment: paymentObject(world, paymentOf(world, id)) };
}

function paymentOf(world: World, id: string): Payment {
  const payment = world.payments.get(id);
  if (!payment) throw missing('payment', id);
  return payment;
}

function wrongState({ status }: Payment, what: string) {
  return invalid('BAD_REQUEST', `The payment has status ${status} and cannot be ${what}d.`);
}
