import { accept, releaseKey } from '../accept.ts';
import type { Payment } from '../payment.ts';
import { newPayment } from '../start.ts';
import { answerOf, inProgress, keyReused } from './once.ts';
import { Refusal } from './problem.ts';
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
      return answerOf({ payment: made, replayed: accepted.kind === 'replayed' }, 201);
    }
  }
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
