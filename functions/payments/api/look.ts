import { hashFields } from '../../../shared/engine/fields.ts';
import type { Page } from '../../../shared/engine/ports.ts';
import { ownerOfReference } from '../accept.ts';
import { readPayment, type Stored } from '../store.ts';
import type { Cut } from './parts.ts';
import { notFound, Refusal } from './problem.ts';
import { refundOf, representation, time } from './represent.ts';
import type { Answer, Call } from './route.ts';

/** The payment of the path; another merchant's is not there. */
export async function paymentOf(call: Call, id = call.path.id ?? ''): Promise<Stored> {
  const stored = await readPayment(call.ports.documents, id);
  if (stored?.payment.merchant !== call.merchant.id) throw notFound('payment');
  return stored;
}

export async function showPayment(call: Call): Promise<Answer> {
  return { status: 200, body: representation((await paymentOf(call)).payment) };
}

export async function findPayment(call: Call, { reference }: { reference: string }): Promise<Answer> {
  const id = await ownerOfReference(call.ports.documents, call.merchant.id, reference);
  const items = id === undefined ? [] : [representation((await paymentOf(call, id)).payment)];
  return { status: 200, body: { items } };
}

export async function showTimeline(call: Call): Promise<Answer> {
  const { id, timeline } = (await paymentOf(call)).payment;
  const items = timeline.map(({ at, by, what, why }) => ({
    ...{ at: time(at), by, what },
    ...(why !== undefined && { why }),
  }));
  return { status: 200, body: { payment: id, items } };
}

/** A refund's id begins with its payment's. */
export async function showRefund(call: Call): Promise<Answer> {
  const id = call.path.id ?? '';
  const payment = id.replace(/^re_/, 'pay_').replace(/_[0-9a-f]{12}$/, '');
  const stored = await readPayment(call.ports.documents, payment);
  const operation = stored?.payment.operations.find(({ refund }) => refund?.id === id);
  if (!stored || !operation || stored.payment.merchant !== call.merchant.id) throw notFound('refund');
  return { status: 200, body: refundOf(stored.payment, operation) };
}

/** The part of a list that was asked for. Places in lists are the store's own; the page carries proof that it was ours. */
export async function listed(
  { merchant }: Call,
  { limit = '50', after }: { limit?: string | undefined; after?: string | undefined },
  list: (cut: Cut) => Promise<Page<unknown>>,
): Promise<Answer> {
  const from = after === undefined ? undefined : opened(merchant.id, after);
  const page = await list({ limit: Number(limit), ...(from !== undefined && { after: from }) });
  const next = page.next === undefined ? {} : { next: sealed(merchant.id, page.next) };
  return { status: 200, body: { items: page.items, ...next } };
}

function sealed(merchant: string, place: string): string {
  return Buffer.from(`${sealOf(merchant, place)}${place}`).toString('base64url');
}

function opened(merchant: string, text: string): string {
  const plain = Buffer.from(text, 'base64url').toString();
  const place = plain.slice(SEAL);
  if (plain.slice(0, SEAL) === sealOf(merchant, place)) return place;
  throw new Refusal('malformed-query', {
    field: 'after',
    because: 'it is not the `next` of a page of this list',
    next: 'leave it out for the first page, then send `next` as it was answered',
  });
}

const SEAL = 8;

/** Against mistakes, not against forgers: all that a forged place can reach is the same list. */
function sealOf(merchant: string, place: string): string {
  return hashFields({ merchant, place }).slice(0, SEAL);
}
