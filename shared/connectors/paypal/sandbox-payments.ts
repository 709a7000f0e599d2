import * as z from 'zod';
import { type Asked, bodyOf, made, type Show, shown } from './sandbox-asked.ts';
import { giveBack, isDisputed, take, voidHold } from './sandbox-books.ts';
import { MoneyBody, moneyOf } from './sandbox-money.ts';
import { notFound, unprocessable } from './sandbox-replies.ts';
import { type Capture, type Hold, isTaken, total } from './sandbox-rows.ts';
import { captureBody, HOLD_LIFE, holdBody, refundBody } from './sandbox-shown.ts';
import type { World } from './sandbox-world.ts';

const CaptureBody = z.object({
  amount: MoneyBody.optional(),
  final_capture: z.boolean().default(false),
  invoice_id: z.string().max(127).optional(),
});
const RefundBody = z.object({
  amount: MoneyBody.optional(),
  invoice_id: z.string().min(1).max(127).optional(),
  custom_id: z.string().min(1).max(127).optional(),
  note_to_payer: z.string().min(1).max(255).optional(),
});

export function getHold(world: World, { params }: Asked): Show {
  return shown(holdBody(world, holdAt(world, params.id)));
}

/** `POST /v2/payments/authorizations/{id}/capture`. */
export function captureHold(world: World, asked: Asked): Show {
  const hold = holdAt(world, asked.params.id);
  const wanted = bodyOf(asked, CaptureBody);
  refuseCapture(hold);
  const taken = total(hold.captures);
  const left = hold.order.amount.units - taken;
  const amount = wanted.amount
    ? moneyOf(wanted.amount, '/amount')
    : { currency: hold.order.amount.currency, units: left };
  if (amount.currency !== hold.order.amount.currency) throw unprocessable('AUTH_CAPTURE_CURRENCY_MISMATCH');
  if (amount.units > left) throw unprocessable('MAX_CAPTURE_AMOUNT_EXCEEDED', '/amount');
  const { order, instrument } = hold;
  const { final_capture: final, invoice_id: invoiceId } = wanted;
  const capture = take(world, { order, instrument, hold }, { amount, final, invoiceId });
  hold.status = final || taken + amount.units === order.amount.units ? 'CAPTURED' : 'PARTIALLY_CAPTURED';
  return made(() => captureBody(world, capture));
}

function refuseCapture({ status }: Hold): void {
  if (status === 'VOIDED') throw unprocessable('AUTHORIZATION_VOIDED');
  if (status === 'DENIED') throw unprocessable('AUTHORIZATION_DENIED');
  if (status === 'CAPTURED') throw unprocessable('AUTHORIZATION_ALREADY_CAPTURED');
  if (status === 'PENDING') throw unprocessable('PENDING_CAPTURE');
}

/** `POST …/void`: 204, or the hold where `Prefer` asks for it. */
export function voidAuthorization(world: World, asked: Asked): Show {
  const hold = holdAt(world, asked.params.id);
  if (hold.status === 'VOIDED') throw unprocessable('PREVIOUSLY_VOIDED');
  if (hold.captures.length) throw unprocessable('PREVIOUSLY_CAPTURED');
  if (hold.status !== 'CREATED') throw unprocessable('CANNOT_BE_VOIDED');
  voidHold(world, hold);
  return () => ({ status: 200, whole: holdBody(world, hold), minimal: { status: 204 } });
}

export function getCapture(world: World, { params }: Asked): Show {
  return shown(captureBody(world, captureAt(world, params.id)));
}

/** `POST /v2/payments/captures/{id}/refund`; without an amount all that is left. */
export function refundCapture(world: World, asked: Asked): Show {
  const capture = captureAt(world, asked.params.id);
  const wanted = bodyOf(asked, RefundBody);
  if (capture.status === 'PENDING') throw unprocessable('PENDING_CAPTURE');
  if (capture.status === 'REFUNDED') throw unprocessable('CAPTURE_FULLY_REFUNDED');
  if (!isTaken(capture)) throw unprocessable('REFUND_NOT_ALLOWED');
  if (isDisputed(world, capture)) throw unprocessable('TRANSACTION_DISPUTED');
  const used = [...world.refunds.values()].some((each) => each.invoiceId === wanted.invoice_id);
  if (wanted.invoice_id !== undefined && used) throw unprocessable('DUPLICATE_INVOICE_ID');
  const left = capture.amount.units - total(capture.refunds.filter(({ status }) => status !== 'FAILED'));
  const { currency } = capture.amount;
  const amount = wanted.amount ? moneyOf(wanted.amount, '/amount') : { currency, units: left };
  if (amount.currency !== currency) throw unprocessable('REFUND_CAPTURE_CURRENCY_MISMATCH', '/amount');
  if (amount.units > left) throw unprocessable('REFUND_AMOUNT_EXCEEDED', '/amount');
  const { invoice_id: invoiceId, custom_id: customId } = wanted;
  const refund = giveBack(world, capture, { amount, invoiceId, customId });
  return made(() => refundBody(world, refund));
}

export function getRefund(world: World, { params }: Asked): Show {
  const refund = world.refunds.get(params.id ?? '');
  if (!refund) throw notFound();
  return shown(refundBody(world, refund));
}

function holdAt(world: World, id: string | undefined): Hold {
  const hold = world.holds.get(id ?? '');
  if (!hold) throw notFound();
  const isOver = world.now() > hold.created + HOLD_LIFE;
  if (isOver && (hold.status === 'CREATED' || hold.status === 'PENDING')) voidHold(world, hold);
  return hold;
}

function captureAt(world: World, id: string | undefined): Capture {
  const capture = world.captures.get(id ?? '');
  if (!capture) throw notFound();
  return capture;
}
