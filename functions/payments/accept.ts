import * as z from 'zod';
import { hashFields } from '../../shared/engine/fields.ts';
import type { Documents } from '../../shared/engine/filing.ts';
import type { Payment } from './payment.ts';
import { statusOf } from './status.ts';
import { filingOf, parse, paymentKey, readPayment, writePayment } from './store.ts';
import { told } from './transitions.ts';
import { taking } from './view.ts';

/** Keys are kept for good here; a host may let them lapse after 45 days. */
const KeySchema = z.strictObject({
  payment: z.string(),
  /** Digest of method, path and body. */
  body: z.string(),
  /** The first request is still at it. */
  busyUntil: z.number(),
  /** Which request it was, where a payment may see many. */
  by: z.string().optional(),
  /** It was refused before anything was made: the key is free again. */
  free: z.boolean().optional(),
});
type StoredKey = z.infer<typeof KeySchema>;

const ReferenceSchema = z.strictObject({ payment: z.string() });

/** A request with its idempotency key. */
export interface Acceptance {
  payment: Payment;
  key: string;
  body: string;
  now: number;
  /** Until when a second request with this key is told to come back. */
  busyUntil: number;
  /** A fresh token for each write. */
  token(): string;
  /** Called before the payment is written: somebody will come for it even if we do not go on. */
  secure?(id: string): Promise<void>;
}

/** What came of it. `replayed` = the same request was here before: the payment as it is now is its answer. */
export type Accepted =
  | { kind: 'created' | 'replayed'; id: string }
  | { kind: 'busy'; until: number }
  | { kind: 'key-reused' }
  | { kind: 'reference-exists'; id: string };

/**
 * Claims the key, writes the payment as a draft, claims its reference, and only then makes it payable. Each step is
 * one conditional write and is taken again by whoever comes back: a crash between any two loses and doubles nothing.
 */
export async function accept(documents: Documents, request: Acceptance): Promise<Accepted> {
  const { payment } = request;
  const claim = await claimKey(documents, { ...request, merchant: payment.merchant, payment: payment.id });
  if (!('id' in claim)) return claim;
  const { id } = claim;
  const taken = claim.kind === 'mine' ? await livingOwner(documents, payment) : undefined;
  if (taken !== undefined) {
    await releaseKey(documents, request, true);
    return { kind: 'reference-exists', id: taken };
  }
  await request.secure?.(id);
  const draft = { ...payment, id, draft: true };
  await documents.put(paymentKey(id), draft, undefined, filingOf(draft));
  const owner = await finishDraft(documents, id, request);
  if (owner !== id) {
    await releaseKey(documents, request, true);
    return { kind: 'reference-exists', id: owner };
  }
  return { kind: claim.kind === 'mine' ? 'created' : 'replayed', id };
}

/**
 * Claims a draft's reference and makes the payment payable, or ends it if the reference belongs to another. Resolves
 * with the payment that owns the reference. Whoever finds a draft may call it.
 */
export async function finishDraft(
  documents: Documents,
  id: string,
  { now, token }: Pick<Acceptance, 'now' | 'token'>,
): Promise<string> {
  for (;;) {
    const stored = await readPayment(documents, id);
    if (!stored) throw new Error(`payment ${id} is not there`);
    if (!stored.payment.draft) return id;
    const owner = await claimReference(documents, stored.payment);
    const { draft: _, ...payable } = stored.payment;
    const ended = { at: now, as: 'rejected' as const, why: `its reference belongs to payment ${owner}` };
    const next =
      owner === id
        ? payable
        : told({ ...payable, ended }, { at: now, by: 'api', what: 'ended: rejected', why: ended.why });
    if (await writePayment(documents, stored, next, token())) return owner;
  }
}

/** The request has been answered: a repeat of it is answered at once. */
export async function releaseKey(
  documents: Documents,
  { key, payment }: { key: string; payment: Pick<Payment, 'merchant'> },
  free = false,
): Promise<void> {
  const name = keyName(payment.merchant, key);
  const stored = await documents.get(name);
  if (!stored) return;
  const value = parse(name, KeySchema, stored.value);
  await documents.put(name, { ...value, busyUntil: 0, ...(free && { free }) }, stored.revision);
}

/** A request's claim on its key; `by` tells requests apart that are about one payment. */
export interface KeyClaim {
  merchant: string;
  payment: string;
  key: string;
  body: string;
  now: number;
  busyUntil: number;
  by?: string;
}

/** Whose key it is: ours, or that of an earlier request, which is the same one or is not. */
export type Claim =
  | { kind: 'mine' | 'replayed'; id: string }
  | { kind: 'busy'; until: number }
  | { kind: 'key-reused' };

/** One conditional write; a repeated one knows its own success. */
export async function claimKey(
  documents: Documents,
  { merchant, payment, key, body, now, busyUntil, by }: KeyClaim,
): Promise<Claim> {
  const name = keyName(merchant, key);
  const mine: StoredKey = { payment, body, busyUntil, ...(by !== undefined && { by }) };
  for (;;) {
    const stored = await documents.get(name);
    const known = stored && parse(name, KeySchema, stored.value);
    if (known && !known.free) {
      if (known.payment === payment && known.by === by) return { kind: 'mine', id: payment };
      if (known.body !== body) return { kind: 'key-reused' };
      return known.busyUntil > now
        ? { kind: 'busy', until: known.busyUntil }
        : { kind: 'replayed', id: known.payment };
    }
    if (await documents.put(name, mine, stored?.revision)) return { kind: 'mine', id: payment };
  }
}

/** The payment that has the reference: this one, unless another one has it that took money or still may. */
async function claimReference(documents: Documents, payment: Payment): Promise<string> {
  const name = referenceKey(payment.merchant, payment.reference);
  for (;;) {
    const stored = await documents.get(name);
    const owner = stored && parse(name, ReferenceSchema, stored.value).payment;
    if (owner === payment.id) return owner;
    if (owner !== undefined && !(await hasGivenUp(documents, owner))) return owner;
    if (await documents.put(name, { payment: payment.id }, stored?.revision)) return payment.id;
  }
}

/** Who has a reference and will keep it: asked before anything is written, so that a refusal leaves nothing behind. */
async function livingOwner(
  documents: Documents,
  { merchant, reference }: Payment,
): Promise<string | undefined> {
  const owner = await ownerOfReference(documents, merchant, reference);
  return owner === undefined || (await hasGivenUp(documents, owner)) ? undefined : owner;
}

/** Declined, rejected, expired or voided: "this card was declined, try another" needs its reference again. */
async function hasGivenUp(documents: Documents, id: string): Promise<boolean> {
  const payment = (await readPayment(documents, id))?.payment;
  return payment?.ended !== undefined && !taking(payment) && statusOf(payment) === payment.ended.as;
}

/** Who has a merchant's reference. */
export async function ownerOfReference(
  documents: Documents,
  merchant: string,
  reference: string,
): Promise<string | undefined> {
  const name = referenceKey(merchant, reference);
  const stored = await documents.get(name);
  return stored && parse(name, ReferenceSchema, stored.value).payment;
}

function keyName(merchant: string, key: string): string {
  return `payment-key/${hashFields({ merchant, key })}`;
}

function referenceKey(merchant: string, reference: string): string {
  return `payment-reference/${hashFields({ merchant, reference })}`;
}
