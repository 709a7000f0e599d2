import type { Shown } from '../../../shared/connectors/payment-provider.ts';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Millis } from '../../../shared/engine/ports.ts';
import { paymentOf } from '../hints.ts';
import { readPayment } from '../store.ts';
import { noteStrays } from './stray.ts';

/** Whose a payment at a provider is: ours, stray money that has been noted, or nothing that took or holds money. */
export type Whose =
  | { kind: 'ours'; payment: string }
  | { kind: 'stray'; isNew: boolean }
  | { kind: 'nothing' };

/** Asked when a webhook told of a payment. One that carries a reference of ours and is another than ours is a double. */
export async function whoseIs(
  documents: FiledDocuments,
  { vendor, shown, now }: { vendor: string; shown: Shown; now: Millis },
): Promise<Whose> {
  const id = shown.reference === undefined ? undefined : paymentOf(shown.reference);
  const payment = id === undefined ? undefined : (await readPayment(documents, id))?.payment;
  const attempt = payment?.attempts.find(
    ({ reference, provider }) => provider === vendor && reference === shown.reference,
  );
  if (payment && attempt && (attempt.id ?? shown.id) === shown.id)
    return { kind: 'ours', payment: payment.id };
  if (shown.standing !== 'captured' && shown.standing !== 'held') return { kind: 'nothing' };
  const isHeld = shown.standing === 'held';
  const { minor, currency } = isHeld ? shown.amount : shown.captured;
  const isNew = await noteStrays(documents, [
    {
      kind: attempt ? 'duplicate-capture' : 'orphan-at-provider',
      provider: vendor,
      ...(payment && attempt && { payment: payment.id, merchant: payment.merchant }),
      id: shown.id,
      ...(shown.reference !== undefined && { reference: shown.reference }),
      ...{ minor, currency, at: now, notedAt: now },
      says: `the provider ${isHeld ? 'holds' : 'took'} money for a payment that the hub did not make`,
    },
  ]);
  return { kind: 'stray', isNew: isNew > 0 };
}
