import type { Session } from '../../engine/session.ts';
import type { Look, ShownDispute } from '../payment-provider.ts';
import { look } from './client.ts';
import { changed } from './faults.ts';
import { fromStripe } from './money.ts';
import { type Dispute, DisputeSchema } from './schema.ts';

const OPERATION = 'disputes.retrieve';

/** The dispute as it is now. */
export async function readDispute(session: Session, id: string): Promise<Look<ShownDispute>> {
  const path = `/v1/disputes/${encodeURIComponent(id)}`;
  const found = await look(session, { operation: OPERATION, path, query: {} }, DisputeSchema);
  if (!found) return { kind: 'absent' };
  if (found.id !== id) throw changed(OPERATION, 'id', 'it is another dispute');
  return { kind: 'found', shown: shownOf(found) };
}

function shownOf(dispute: Dispute): ShownDispute {
  const { id, currency, reason, created, evidence_details: evidence } = dispute;
  const amount = fromStripe(dispute.amount, currency);
  if (!amount) throw changed(OPERATION, 'amount', `it is not whole in ${currency}`);
  const due = evidence?.due_by ?? undefined;
  return {
    ...{ id, amount, reason, standing: standingOf(dispute), openedAt: created * 1_000 },
    // A charge without a PaymentIntent was not made here; its own id is all there is.
    paymentId: idOf(dispute.payment_intent) ?? idOf(dispute.charge) ?? '',
    ...(due !== undefined && { respondBy: due * 1_000 }),
  };
}

/** Inquiries (`warning_...`) take no money yet, and are answered all the same. */
function standingOf({ status }: Dispute): ShownDispute['standing'] {
  switch (status) {
    case 'needs_response':
    case 'warning_needs_response':
      return 'needs-response';
    case 'under_review':
    case 'warning_under_review':
      return 'under-review';
    case 'won':
      return 'won';
    case 'lost':
      return 'lost';
    case 'warning_closed':
    case 'prevented':
    case 'charge_refunded':
      return 'closed';
    default:
      throw changed(OPERATION, 'status', `"${status.slice(0, 40)}" is none of those that are known`);
  }
}

function idOf(one: Dispute['payment_intent']): string | undefined {
  return (typeof one === 'object' ? one?.id : one) ?? undefined;
}
