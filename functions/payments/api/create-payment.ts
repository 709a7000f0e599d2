import { accept, releaseKey } from '../accept.ts';
import type { Payment } from '../payment.ts';
import { newPayment } from '../start.ts';
import { isSettled, statusOf } from '../status.ts';
import { Refusal } from './problem.ts';
import { representation } from './represent.ts';
import type { NewPaymentBody } from './requests.ts';
import type { Answer, Call, Posting } from './route.ts';
import { leaseUntil, secure, settle } from './settle.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Providers forget keys, and payers their orders. */
const LONGEST_DAYS = 30;

/** Takes a payment on and makes the first attempt at it. */
export async function createPayment(call: Call, body: NewPaymentBody, posting: Posting): Promise<Answer> {
  const { ports } = call;
  const now = ports.clock.now();
  const payment = paymentOf(call, body, now);
  const accepted = await accept(ports.documents, {
    payment,
    key: posting.key,
    body: posting.digest,
    now,
    busyUntil: leaseUntil(now),
    token: () => ports.random.token(),
    secure: (id) => secure(call, id),
  });
  switch (accepted.kind) {
    case 'busy':
      throw inProgress(accepted.until - now);
    case 'key-reused':
      throw keyReused();
    case 'reference-exists':
      throw referenceExists(accepted.id);
    case 'created':
    case 'replayed': {
      const made = await settle(call, accepted.id);
      await releaseKey(ports.documents, { key: posting.key, payment });
      return answerOf(made, { replayed: accepted.kind === 'replayed', first: 201 });
    }
  }
}

/** The payment as it is now. 202 while it is for us, and not for payer or merchant, to go on. */
export function answerOf(
  payment: Payment,
  {
    replayed,
    first,
    location = `/v1/payments/${payment.id}`,
  }: { replayed: boolean; first: 200 | 201; location?: string },
): Answer {
  const status = statusOf(payment);
  const rests = isSettled(status) || status === 'authorised' || status === 'requires-action';
  return {
    status: rests ? (replayed ? 200 : first) : 202,
    body: representation(payment),
    headers: { location, ...(replayed && { 'idempotent-replayed': 'true' }) },
  };
}

/** The first request with this key is being worked on. */
export function inProgress(ms: number): Refusal {
  const because = 'the first request with this Idempotency-Key is still being worked on';
  const next = 'send it again, unchanged, after the time in Retry-After';
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) };
  return new Refusal('in-progress', { field: 'Idempotency-Key', because, next }, headers);
}

/** Another request had this key. */
export function keyReused(): Refusal {
  const because = 'this Idempotency-Key belongs to a request with another path or body';
  const next = 'send a repeat exactly as it was, and anything else with a key of its own';
  return new Refusal('key-reused', { field: 'Idempotency-Key', because, next });
}

function referenceExists(payment: string): Refusal {
  const because = 'another payment has this reference, and it took money or still may';
  const next = `look at that payment; the reference is free once it is declined, rejected, voided or expired`;
  return new Refusal('reference-exists', { field: 'reference', because, next, payment });
}

function paymentOf({ merchant, ports }: Call, body: NewPaymentBody, now: number): Payment {
  const { reference, amount, currency, instrument, description, returnUrl } = body;
  const order = merchant.providers.map(({ vendor }) => vendor);
  checkInstruments(order, instrument);
  checkTaken(merchant.providers, body);
  const request = {
    id: `pay_${ports.random.token().slice(0, 26)}`,
    merchant: merchant.id,
    ...{ reference, amount, currency, instruments: instrumentsOf(instrument) },
    capture: body.capture ?? ('automatic' as const),
    ...(description !== undefined && { description }),
    ...(returnUrl !== undefined && { returnUrl }),
    routing: { order, failover: body.failover ?? merchant.failover, softDecline: merchant.softDecline },
    processBefore: processBefore(body, merchant.payableMinutes, now),
  };
  return newPayment(request, now);
}

function instrumentsOf(instrument: NewPaymentBody['instrument']): Payment['instruments'] {
  return Object.fromEntries(
    Object.entries(instrument).map(([provider, { token, oneStep }]) => [
      provider,
      { token, ...(oneStep !== undefined && { oneStep }) },
    ]),
  );
}

function checkInstruments(order: readonly string[], instrument: NewPaymentBody['instrument']): void {
  const names = Object.keys(instrument);
  const stranger = names.find((name) => !order.includes(name));
  if (stranger !== undefined || names.length === 0)
    throw new Refusal('invalid', {
      field: stranger === undefined ? 'instrument' : `instrument.${stranger}`,
      because: stranger === undefined ? 'it names no provider' : 'this merchant has no such provider',
      next: `send the payer's token at one or more of: ${order.join(', ')}`,
    });
}

/** Refused only when nobody who could be tried takes it. */
function checkTaken(
  providers: Call['merchant']['providers'],
  { instrument, amount, currency }: NewPaymentBody,
): void {
  const objections = providers
    .filter(({ vendor }) => instrument[vendor])
    .map((provider) => provider.objection({ minor: amount, currency }));
  const words = objections.filter((each) => each !== undefined);
  if (words.length < objections.length) return;
  const next = 'change the amount or the currency, or send the token of another provider';
  throw new Refusal('invalid', { field: 'amount', because: words.join('; '), next });
}

function processBefore(body: NewPaymentBody, payableMinutes: number, now: number): number {
  if (body.processBefore === undefined) return now + payableMinutes * MINUTE;
  const at = Date.parse(body.processBefore);
  if (at > now && at <= now + LONGEST_DAYS * DAY) return at;
  const because = at > now ? `it is more than ${LONGEST_DAYS} days from now` : 'it has passed';
  throw new Refusal('invalid', {
    field: 'processBefore',
    because,
    next: 'send a time to come, or leave it out',
  });
}
