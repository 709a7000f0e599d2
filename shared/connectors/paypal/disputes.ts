import type { Session } from '../../engine/session.ts';
import type { Look, ShownDispute } from '../payment-provider.ts';
import { read } from './client.ts';
import { fromPaypal } from './money.ts';
import { changed } from './refunds.ts';
import { CaptureSchema, type Dispute, DisputeSchema } from './schema.ts';

const OPERATION = 'disputes.get';

/** A dispute names the capture; whose payment that is stands one read further. */
export async function readDispute(session: Session, id: string): Promise<Look<ShownDispute>> {
  const path = `/v1/customer/disputes/${encodeURIComponent(id)}`;
  const found = await read(session, { operation: OPERATION, path }, DisputeSchema);
  if (!found) return { kind: 'absent' };
  if (found.dispute_id !== id) throw changed(OPERATION, 'dispute_id');
  const captureId = found.disputed_transactions[0]?.seller_transaction_id;
  if (!captureId) throw changed(OPERATION, 'disputed_transactions.seller_transaction_id');
  return { kind: 'found', shown: shownOf(found, await paymentOf(session, captureId)) };
}

/** A transaction that no order of ours led to has only its own id. */
async function paymentOf(session: Session, captureId: string): Promise<string> {
  const path = `/v2/payments/captures/${encodeURIComponent(captureId)}`;
  const capture = await read(session, { operation: 'captures.get', path }, CaptureSchema);
  return capture?.supplementary_data?.related_ids?.order_id ?? captureId;
}

function shownOf(dispute: Dispute, paymentId: string): ShownDispute {
  const amount = fromPaypal(dispute.dispute_amount);
  const openedAt = Date.parse(dispute.create_time);
  if (!amount) throw changed(OPERATION, 'dispute_amount');
  if (Number.isNaN(openedAt)) throw changed(OPERATION, 'create_time');
  const respondBy = Date.parse(dispute.seller_response_due_date ?? '');
  return {
    ...{ id: dispute.dispute_id, paymentId, amount, reason: dispute.reason, openedAt },
    standing: standingOf(dispute),
    ...(!Number.isNaN(respondBy) && { respondBy }),
  };
}

function standingOf({ status, dispute_outcome: outcome }: Dispute): ShownDispute['standing'] {
  switch (status) {
    case 'OPEN':
    case 'WAITING_FOR_SELLER_RESPONSE':
      return 'needs-response';
    case 'WAITING_FOR_BUYER_RESPONSE':
    case 'UNDER_REVIEW':
    case 'OTHER':
      return 'under-review';
    case 'RESOLVED':
      return endOf(outcome?.outcome_code);
    default:
      throw changed(OPERATION, 'status');
  }
}

/** `ACCEPTED` and `DENIED` are said of the payer's claim. PayPal bears the loss itself where it resolves with a payout. */
function endOf(outcome: string | null | undefined): ShownDispute['standing'] {
  switch (outcome) {
    case 'RESOLVED_SELLER_FAVOUR':
    case 'DENIED':
      return 'won';
    case 'RESOLVED_BUYER_FAVOUR':
    case 'ACCEPTED':
      return 'lost';
    default:
      return 'closed';
  }
}
