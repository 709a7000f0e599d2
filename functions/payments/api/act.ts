import { hashFields } from '../../../shared/engine/fields.ts';
import { claimKey, releaseKey } from '../accept.ts';
import { type Asked, askCapture, askRefund, askVoid } from '../ask.ts';
import type { Payment } from '../payment.ts';
import { readPayment, writePayment } from '../store.ts';
import { isFinal, isHeld, wantedAttempts } from '../view.ts';
import { paymentOf } from './look.ts';
import { answerOf, inProgress, keyReused, type Made } from './once.ts';
import { Refusal } from './problem.ts';
import type { ResolveBody } from './requests.ts';
import { resolve } from './resolve.ts';
import type { Answer, Call, Posting } from './route.ts';
import { leaseUntil, secure, settle } from './settle.ts';

/** What is to be noted on the payment; noting it twice changes nothing. */
type Ask = (payment: Payment, now: number) => Asked;

/** Take the held money. */
export async function capture(
  call: Call,
  { amount }: { amount?: number | undefined },
  posting: Posting,
): Promise<Answer> {
  return answerOf(
    await act(call, posting, (payment, now) => {
      const wanted = amount ?? payment.amount;
      return askCapture(payment, wanted, now, wholeOnly(call, payment));
    }),
  );
}

/** The title of the provider that holds the money, if it gives no part of a hold. */
function wholeOnly({ merchant }: Call, payment: Payment): string | undefined {
  const held = wantedAttempts(payment).find((attempt) => isHeld(payment, attempt))?.provider;
  return merchant.providers.find(({ vendor, wholeCaptureOnly }) => vendor === held && wholeCaptureOnly)
    ?.title;
}

/** Give up what has not been taken. */
export async function voidPayment(call: Call, _: unknown, posting: Posting): Promise<Answer> {
  return answerOf(await act(call, posting, askVoid));
}

/** Give money back. The refund's id follows from the key, so that a repeat finds it. */
export async function refund(
  call: Call,
  { amount, reason }: { amount: number; reason?: string | undefined },
  posting: Posting,
): Promise<Answer> {
  const of = call.path.id ?? '';
  const id = `${of.replace(/^pay_/, 're_')}_${hashFields({ payment: of, key: posting.key }).slice(0, 12)}`;
  const made = await act(call, posting, (payment, now) => askRefund(payment, { id, amount, reason }, now));
  const operation = made.payment.operations.find((each) => each.refund?.id === id);
  const { body, headers } = answerOf(made);
  const status = !operation || !isFinal(operation) ? 202 : made.replayed ? 200 : 201;
  return { status, body, headers: { ...headers, location: `/v1/refunds/${id}` } };
}

/** Ask the provider what it shows. */
export async function sync(call: Call, _: unknown, posting: Posting): Promise<Answer> {
  return answerOf(await act(call, posting, (payment) => ({ ok: true, payment }), true));
}

/** An operator says what became of an operation. */
export async function resolveOperation(call: Call, body: ResolveBody, posting: Posting): Promise<Answer> {
  return answerOf(await act(call, posting, (payment, now) => resolve(payment, body, now)));
}

/** Under its key: note what is asked for, then go as far as it goes. A repeat does what the first one did not get to. */
async function act(call: Call, { key, digest }: Posting, ask: Ask, hinted = false): Promise<Made> {
  const { ports, merchant } = call;
  const { id } = (await paymentOf(call)).payment;
  const now = ports.clock.now();
  const claim = await claimKey(ports.documents, {
    ...{ merchant: merchant.id, payment: id, key, body: digest, now },
    ...{ busyUntil: leaseUntil(now), by: ports.random.token() },
  });
  if (claim.kind === 'busy') throw inProgress(claim.until - now);
  if (claim.kind === 'key-reused') throw keyReused();
  const payment = { merchant: merchant.id };
  try {
    await note(call, id, ask);
  } catch (thrown) {
    if (thrown instanceof Refusal) await releaseKey(ports.documents, { key, payment }, true);
    throw thrown;
  }
  const made = await settle(call, id, { hinted });
  await releaseKey(ports.documents, { key, payment });
  return { payment: made, replayed: claim.kind === 'replayed' };
}

async function note(call: Call, id: string, ask: Ask): Promise<void> {
  const { documents, clock, random } = call.ports;
  let secured = false;
  for (;;) {
    const stored = await readPayment(documents, id);
    if (!stored) throw new Error(`payment ${id} is not there`);
    const asked = ask(stored.payment, clock.now());
    if (!asked.ok) throw refusalOf(asked);
    if (!secured) await secure(call, id);
    secured = true;
    if (asked.payment === stored.payment) return;
    if (await writePayment(documents, stored, asked.payment, random.token())) return;
  }
}

function refusalOf({ code, field, because }: Extract<Asked, { ok: false }>): Refusal {
  if (code === 'amount')
    return new Refusal('invalid', {
      field,
      because,
      next: "look at the payment's amounts and send one that fits",
    });
  return new Refusal('state-conflict', { field, because, next: "look at the payment's status first" });
}
