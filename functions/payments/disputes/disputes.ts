import * as z from 'zod';
import type { PaymentProvider, ShownDispute } from '../../../shared/connectors/payment-provider.ts';
import { readDocument } from '../../../shared/engine/documents.ts';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Millis, Page } from '../../../shared/engine/ports.ts';
import type { ServicePorts } from '../../../shared/engine/service.ts';
import type { Session } from '../../../shared/engine/session.ts';
import { noteStanding, STANDINGS } from '../disputed.ts';
import { paymentOf } from '../hints.ts';
import { readPayment } from '../store.ts';

/** A dispute as its provider last showed it. */
export const DisputeSchema = z.strictObject({
  schema: z.literal(1),
  /** `<provider>.<the provider's id>`. */
  id: z.string(),
  merchant: z.string(),
  provider: z.string(),
  /** Ours, where the disputed payment is one; and the provider's. */
  payment: z.string().optional(),
  paymentId: z.string(),
  minor: z.number().int(),
  currency: z.string(),
  /** The provider's word for why. */
  reason: z.string(),
  standing: z.enum(STANDINGS),
  /** Until when an answer at the provider counts. */
  respondBy: z.number().int().optional(),
  openedAt: z.number().int(),
  changedAt: z.number().int(),
  /** One more with each change, so that an older telling of it is known as such. */
  version: z.number().int(),
});
/** A dispute as its provider last showed it. */
export type Dispute = z.infer<typeof DisputeSchema>;

/** Whom a dispute concerns. `merchants` are those of the account; the payment says which of them it is. */
export interface Noting {
  merchants: readonly string[];
  provider: PaymentProvider;
  session: Session;
}

/** What came of a hint; `changed` = merchants should be told. */
export type Noted = { kind: 'noted'; dispute: Dispute; changed: boolean } | { kind: 'nothing' };

/** A hint that a dispute may have changed: the provider is read, and what it shows is stored if it is news. */
export async function noteDispute(
  ports: Pick<ServicePorts, 'documents' | 'clock'>,
  { merchants, provider, session }: Noting,
  id: string,
): Promise<Noted> {
  const look = await provider.readDispute?.(session, id);
  if (look?.kind !== 'found') return { kind: 'nothing' };
  const owner = await ownerOf(ports.documents, { provider, session }, look.shown.paymentId);
  const merchant = owner?.merchant ?? merchants[0];
  if (merchant === undefined) return { kind: 'nothing' };
  const told = toldOf(look.shown, { merchant, payment: owner?.id, vendor: provider.vendor });
  await noteStanding(ports.documents, told);
  return store(ports.documents, told, ports.clock.now());
}

/** The payment of ours that a provider's payment is; its reference says so. */
async function ownerOf(
  documents: FiledDocuments,
  { provider, session }: Pick<Noting, 'provider' | 'session'>,
  paymentId: string,
): Promise<{ id: string; merchant: string } | undefined> {
  const look = await provider.read(session, paymentId);
  const reference = look.kind === 'found' ? look.shown.reference : undefined;
  const id = reference === undefined ? undefined : paymentOf(reference);
  const payment = id === undefined ? undefined : (await readPayment(documents, id))?.payment;
  const isOurs = payment?.attempts.some((each) => each.reference === reference);
  return payment && isOurs ? payment : undefined;
}

type Told = Omit<Dispute, 'changedAt' | 'version'>;

function toldOf(
  shown: ShownDispute,
  { merchant, payment, vendor }: { merchant: string; payment: string | undefined; vendor: string },
): Told {
  const { id, paymentId, amount, reason, standing, respondBy, openedAt } = shown;
  return {
    ...{ schema: 1, id: `${vendor}.${id}`, merchant, provider: vendor },
    ...(payment !== undefined && { payment }),
    ...{ paymentId, minor: amount.minor, currency: amount.currency, reason, standing, openedAt },
    ...(respondBy !== undefined && { respondBy }),
  };
}

async function store(documents: FiledDocuments, told: Told, now: Millis): Promise<Noted> {
  for (;;) {
    const stored = await documents.get(keyOf(told.id));
    const before = stored && DisputeSchema.parse(stored.value);
    if (before && isSame(before, told)) return { kind: 'noted', dispute: before, changed: false };
    const dispute: Dispute = { ...told, changedAt: now, version: (before?.version ?? 0) + 1 };
    const filed = { list: listOf(told.merchant), at: told.openedAt };
    if (await documents.put(keyOf(told.id), dispute, stored?.revision, filed))
      return { kind: 'noted', dispute, changed: true };
  }
}

/** Its payment and merchant never change; the rest is what the provider says. */
function isSame(before: Dispute, told: Told): boolean {
  return (
    before.standing === told.standing &&
    before.minor === told.minor &&
    before.respondBy === told.respondBy &&
    before.reason === told.reason
  );
}

/** A merchant's disputes, the oldest first. */
export async function listDisputes(
  documents: FiledDocuments,
  merchant: string,
  { limit, after }: { limit: number; after?: string },
): Promise<Page<Dispute>> {
  const { items, next } = await documents.listed(listOf(merchant), limit, after);
  const found = await Promise.all(items.map((key) => readDocument({ documents }, key, DisputeSchema)));
  return { items: found.filter((each) => each !== undefined), ...(next !== undefined && { next }) };
}

/** By `<provider>.<the provider's id>`; undefined when this merchant has no such dispute. */
export async function getDispute(
  documents: FiledDocuments,
  merchant: string,
  id: string,
): Promise<Dispute | undefined> {
  if (!/^[a-z][a-z0-9-]{0,40}\.[A-Za-z0-9_-]{1,100}$/.test(id)) return undefined;
  const dispute = await readDocument({ documents }, keyOf(id), DisputeSchema);
  return dispute?.merchant === merchant ? dispute : undefined;
}

/** What the API needs of disputes. */
export const disputes = { dispute: DisputeSchema, listDisputes, getDispute };

function keyOf(id: string): string {
  const [vendor = '', ...rest] = id.split('.');
  return `payment-dispute/${vendor}/${rest.join('.')}`;
}

function listOf(merchant: string): string {
  return `payments/disputes/${merchant}`;
}
